import { compareSequences } from '../domain/log-record.ts';
import type { ManifestHead } from '../domain/manifest.ts';
import type { Anchor } from '../domain/recovery/anchors.ts';
import { anchorsByShard, unlistedFinding } from '../domain/recovery/check-chain.ts';
import type { ArchivedShard } from '../domain/recovery/ports.ts';
import type { Finding } from '../domain/recovery/run.ts';
import type { PlanPorts } from './ports.ts';

const DAY_MS = 86_400_000;
/** Anchors are put daily; those of the day before yesterday are there in any case. */
const ANCHOR_DAYS = 2;
/** Functions' clocks may be apart so far. */
const CLOCKS_APART_MS = 60_000;

/** What a plan takes the archive for. */
export interface Listed {
  readonly atMs: number;
  readonly shards: readonly ArchivedShard[];
  readonly heads: ReadonlyMap<string, ManifestHead>;
  /** Shards of the log that had a manifest before the list was read. */
  readonly logged: readonly string[];
}

/**
 * Shards that are missing from the list of those that are archived, or from whose chains the end is: all that they hold
 * would pass for what nobody has sent. They are known by the log, by their children, and by the latest anchors.
 */
export async function findLost(
  listed: Listed,
  { manifest, anchors }: Pick<PlanPorts, 'manifest' | 'anchors'>,
): Promise<readonly Finding[]> {
  const { shards, heads, atMs } = listed;
  const names = new Set(shards.map(({ shardId }) => shardId));
  const since = new Date(atMs - ANCHOR_DAYS * DAY_MS).toISOString().slice(0, 10);
  const anchored = await anchorsByShard(anchors, since);
  // Whatever names one of these did so after it was put into the list, together with its first entry.
  const known = new Set([...listed.logged, ...shards.flatMap(({ parents }) => parents), ...anchored.keys()]);
  const findings: Finding[] = [];
  for (const shardId of known) {
    if (names.has(shardId)) continue;
    findings.push((await unlistedFinding(manifest, shardId, anchored)) ?? goneFinding(shardId));
  }
  for (const { shardId } of shards) {
    const head = heads.get(shardId);
    if (!head) findings.push(headlessFinding(shardId));
    else findings.push(...cutFindings(head, anchored.get(shardId) ?? [], atMs));
  }
  return findings;
}

const LOOK = 'find out who wrote to the control table (CloudTrail, point-in-time recovery)';

function goneFinding(shardId: string): Finding {
  return {
    kind: 'manifest-lost',
    where: shardId,
    detail:
      'the chain of its child begins with its own, and neither its head nor its name in the list is there',
    action: `Put its manifest and its name in the list back: ${LOOK}`,
  };
}

function headlessFinding(shardId: string): Finding {
  return {
    kind: 'head-differs',
    where: `${shardId} head`,
    detail: 'the shard’s head is gone',
    action: `Put back what was there: ${LOOK}`,
  };
}

/** Where the head does not come up to what an anchor from before has of it. Anchors within the chain are for verify. */
function cutFindings(head: ManifestHead, anchors: readonly Anchor[], atMs: number): readonly Finding[] {
  const { shardId, last, chain } = head;
  const wrong = anchors.find((anchor) => {
    if (Date.parse(anchor.at) > atMs - CLOCKS_APART_MS) return false;
    const order = compareSequences(anchor.last, last);
    return order > 0 || (order === 0 && anchor.chain !== chain);
  });
  if (!wrong) return [];
  return [
    {
      kind: 'anchor-differs',
      where: `${shardId} ${wrong.last}`,
      detail: `the anchor of ${wrong.at} has chain ${wrong.chain} there; the shard’s head ends at ${last} with chain ${chain}`,
      action: `Put back what was there: ${LOOK}`,
    },
  ];
}
