import type { BucketKey } from '../domain/bucket.ts';
import { compareSequences } from '../domain/log-record.ts';
import type { RefusalJudge, Refusals } from '../domain/recovery/refusals.ts';
import { nameOfBucket, type Standing } from '../domain/recovery/review-bucket.ts';
import type { Plan } from '../domain/recovery/run.ts';
import type { EventLine } from '../domain/recovery/shuffle.ts';
import type { LineSource } from './fold-ports.ts';

/** What a partition is about. */
export interface Contents {
  /** Its buckets by name, those of state and those of the archive. */
  readonly keys: Map<string, BucketKey>;
  readonly refused: Refusals;
  events: number;
}

/** Reads what lines are about, without what is in them. */
export async function readContents(source: LineSource, contents: Contents): Promise<void> {
  const names = new Names();
  for await (const line of source.lines()) {
    if (line.kind === 'refused') contents.refused.add(names.of(line.key), line);
    if (line.kind !== 'event' && line.kind !== 'bucket') continue;
    if (line.kind === 'event') contents.events++;
    const name = names.of(line.key);
    if (!contents.keys.has(name)) contents.keys.set(name, line.key);
  }
}

/** What all reviews together hold of events before they are counted, in bytes: {@link Taker.take}. */
const MAX_WAITING = 24 * 1024 * 1024;

/** Takes one bucket's events. */
interface Taker {
  /** @returns bytes that it holds until the next flush, roughly */
  take(line: EventLine, standing: Standing): number;
  flush(): void;
}

/** Gives each bucket its events. */
export async function feed(
  source: LineSource,
  takers: ReadonlyMap<string, Taker>,
  { refused }: Contents,
  plan: Plan,
): Promise<void> {
  const names = new Names();
  const judge = await judgeOf(source, refused, plan);
  // A certificate's run reads what arrived in its period, and no later sendings.
  const isPart = plan.request.verb === 'verify';
  let waiting = 0;
  for await (const line of source.lines()) {
    if (line.kind !== 'event') continue;
    const name = names.of(line.key);
    const taker = takers.get(name);
    if (!taker) continue;
    const standing = {
      refused: judge.excuses(name, line, isPart),
      projected: isProjected(line, plan),
    };
    waiting += taker.take(line, standing);
    if (waiting < MAX_WAITING) continue;
    for (const each of takers.values()) each.flush();
    waiting = 0;
  }
}

/** Another pass, and only where something was refused, which is rare. */
async function judgeOf(source: LineSource, refused: Refusals, plan: Plan): Promise<RefusalJudge> {
  const judge = refused.judge();
  if (refused.size === 0) return judge;
  const names = new Names();
  for await (const line of source.lines())
    if (line.kind === 'event' && isProjected(line, plan)) judge.take(names.of(line.key), line);
  return judge;
}

/** Whether it stands where the projector had counted all when the run was planned. */
function isProjected({ shardId, sequence }: EventLine, { projectedTo, archivedTo }: Plan): boolean {
  const to = projectedTo[shardId];
  return to === undefined ? archivedTo[shardId] !== undefined : compareSequences(sequence, to) <= 0;
}

/** Names of buckets; lines of one segment share their keys. */
class Names {
  readonly #names = new WeakMap<BucketKey, string>();

  of(key: BucketKey): string {
    let name = this.#names.get(key);
    if (name === undefined) {
      name = nameOfBucket(key);
      this.#names.set(key, name);
    }
    return name;
  }
}
