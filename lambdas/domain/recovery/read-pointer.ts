import type { GivenUp } from './resend-ports.ts';

const SEQUENCE = /^\d{1,64}$/;
const SHARD = /^[A-Za-z0-9_.-]{1,128}$/;

/**
 * Reads what an event source mapping of a Kinesis stream sends to its on-failure queue; undefined where it is none.
 * Format: AWS Lambda guide, "Configure error handling controls for Kinesis", on-failure destinations.
 */
export function readPointer(body: string): GivenUp | undefined {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return undefined;
  }
  const {
    KinesisBatchInfo: batch,
    requestContext,
    timestamp,
  } = (message ?? {}) as {
    KinesisBatchInfo?: Readonly<Record<string, unknown>> | null;
    requestContext?: { condition?: unknown } | null;
    timestamp?: unknown;
  };
  const { shardId, startSequenceNumber: first, endSequenceNumber: last } = batch ?? {};
  if (typeof shardId !== 'string' || !SHARD.test(shardId)) return undefined;
  if (typeof first !== 'string' || typeof last !== 'string') return undefined;
  if (!SEQUENCE.test(first) || !SEQUENCE.test(last) || BigInt(first) > BigInt(last)) return undefined;
  const condition = requestContext?.condition;
  const atMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return {
    ...{ shardId, first, last, condition: typeof condition === 'string' ? condition : 'unknown' },
    ...(!Number.isNaN(atMs) && { atMs }),
  };
}

/** What replays of a repair are called, by how often their records are repaired with this one. */
export function repairName({ shardId, first }: Pick<GivenUp, 'shardId' | 'first'>, round = 1): string {
  return `repair-${shardId}-${first}${round > 1 ? `.${round}` : ''}`;
}

/** How often repairs have sent this. No run may bear such a name. */
export function repairsOf(replay: string | undefined): number {
  const [, round] = /^repair-shardId-[^.]*(?:\.(\d))?$/.exec(replay ?? '') ?? [undefined, '0'];
  return Number(round ?? 1);
}

/** What was repaired so often and is given up still won't be counted by trying: an operator is asked. */
export const MAX_REPAIRS = 3;

/** How long after it was given up what was repaired before is left alone, in ms: the more often it was, the longer. */
export function pauseBefore(repairs: number): number {
  return 60_000 * 5 ** (repairs - 1);
}
