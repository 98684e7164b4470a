import type { LogEntry, LogWriter } from '../domain/log.ts';
import type { Shards } from '../domain/manifest.ts';
import type { Clock, Random, Sleep } from '../domain/ports.ts';
import { patiently } from './patience.ts';

export interface MarkPorts {
  readonly shards: Shards;
  readonly log: LogWriter;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** Marks as put: the time that they bear, and the open shards that have one. */
export interface Marks {
  /** RFC 3339, ms. */
  readonly mark: string;
  readonly shards: readonly string[];
}

/** A shard got no mark, so "drained" and `asOf` stand still there until the next minute's. */
export class MarkMissedError extends Error {
  override readonly name = 'MarkMissedError';
  constructor(missed: readonly string[]) {
    super(`no mark was put on ${missed.join(', ')}: the log did not take it; the next run tries again`);
  }
}

/**
 * Puts a mark on every open shard. The time is taken before the shards are listed and the marks are put, so whatever
 * was acknowledged before that time lies before the mark in its shard.
 *
 * @param after a mark that may have been passed already, if there is one: whoever waits for his own asks for a later one, or a
 * clock that is ahead would have him wait for nothing
 * @throws MarkMissedError where a shard got none
 */
export async function putMarks(ports: MarkPorts, deadline: number, after?: string): Promise<Marks> {
  const { shards, log, clock } = ports;
  const least = after === undefined ? 0 : Date.parse(after) + 1;
  const mark = new Date(Math.max(clock.now(), least)).toISOString();
  const listed = await patiently(() => shards.list(), { ...ports, deadline });
  const open = listed.filter((shard) => shard.open);
  const entries = open.map(
    ({ startingHashKey }): LogEntry => ({
      draft: { mark, at: mark },
      partitionKey: 'mark',
      explicitHashKey: startingHashKey,
    }),
  );
  const acknowledged = await log.publish(entries, deadline);
  const missed = open.filter((_, index) => !acknowledged[index]);
  if (missed.length > 0) throw new MarkMissedError(missed.map(({ shardId }) => shardId));
  return { mark, shards: open.map(({ shardId }) => shardId) };
}
