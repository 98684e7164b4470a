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
  const { KinesisBatchInfo: batch, requestContext } = (message ?? {}) as {
    KinesisBatchInfo?: Readonly<Record<string, unknown>> | null;
    requestContext?: { condition?: unknown } | null;
  };
  const { shardId, startSequenceNumber: first, endSequenceNumber: last } = batch ?? {};
  if (typeof shardId !== 'string' || !SHARD.test(shardId)) return undefined;
  if (typeof first !== 'string' || typeof last !== 'string') return undefined;
  if (!SEQUENCE.test(first) || !SEQUENCE.test(last) || BigInt(first) > BigInt(last)) return undefined;
  const condition = requestContext?.condition;
  return { shardId, first, last, condition: typeof condition === 'string' ? condition : 'unknown' };
}

/** What replays of a repair are called. */
export function repairName({ shardId, first }: Pick<GivenUp, 'shardId' | 'first'>): string {
  return `repair-${shardId}-${first}`;
}

/** Whether a repair has sent this: given up again, it is not sent again. No run may bear such a name. */
export function isRepair(replay: string | undefined): boolean {
  return replay?.startsWith('repair-shardId-') ?? false;
}
