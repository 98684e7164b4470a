import type { Clock } from '../domain/ports.ts';
import type { Anchors } from '../domain/recovery/anchors.ts';
import type { ManifestReader } from '../domain/recovery/ports.ts';

export interface AnchorPorts {
  readonly manifest: Pick<ManifestReader, 'shards' | 'head'>;
  readonly anchors: Pick<Anchors, 'write'>;
  readonly clock: Clock;
}

/** Shards that got no anchor. */
export class AnchorMissedError extends Error {
  override readonly name = 'AnchorMissedError';
  constructor(missed: readonly string[], cause: unknown) {
    super(`no anchor was written of ${missed.join(', ')}; the rule tries again, and else tomorrow`, {
      cause,
    });
  }
}

/** Shards at once. */
const AT_ONCE = 20;

/**
 * Writes down where every chain ends, closed shards' too: anchors are kept for a time only, and a chain has to be proved
 * for longer.
 * @returns how many
 * @throws AnchorMissedError where some could not be written; all others are
 */
export async function anchorChains({ manifest, anchors, clock }: AnchorPorts): Promise<number> {
  const shards = await manifest.shards();
  const missed: string[] = [];
  let cause: unknown;
  let written = 0;
  for (let at = 0; at < shards.length; at += AT_ONCE) {
    const some = shards.slice(at, at + AT_ONCE).map(async ({ shardId }) => {
      try {
        // A shard is listed in the transaction of its first entry: without a head, somebody took it away.
        const head = await manifest.head(shardId);
        if (!head) throw new Error(`the manifest of ${shardId} has no head`);
        const { last, chain, objects, records, events } = head;
        const now = new Date(clock.now()).toISOString();
        await anchors.write({ shardId, last, chain, objects, records, events, at: now });
        written++;
      } catch (error) {
        missed.push(shardId);
        cause = error;
      }
    });
    await Promise.all(some);
  }
  if (missed.length > 0) throw new AnchorMissedError(missed.sort(), cause);
  return written;
}
