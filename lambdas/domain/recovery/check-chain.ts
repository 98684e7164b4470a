import { compareSequences } from '../log-record.ts';
import { chainStart, type ManifestEntry, type ManifestHead } from '../manifest.ts';
import type { Anchor, Anchors } from './anchors.ts';
import { ChainSection, type ProofWriter, type ShardProof } from './chain-section.ts';
import { type Break, ChainWalk } from './chain-walk.ts';
import { parentsFirst } from './parents-first.ts';
import type { ArchivedShard, ManifestReader } from './ports.ts';
import type { Finding, RunResult } from './run.ts';

/** What the chains came to, and what a certificate says of them. */
export interface ChainCheck extends RunResult {
  /** Of each shard the objects of the range; none where no certificate is made. */
  readonly proofs: readonly ShardProof[];
}

/** What a certificate is made of: its range, and where each shard's objects go. */
export interface Certifying {
  readonly range: CertifiedRange;
  readonly writerOf: (shardId: string) => ProofWriter;
}

/** Chains that have been walked to their ends, for whoever takes the check up again when its time was over. */
export interface WalkedChains {
  find(shardId: string): Promise<WalkedChain | undefined>;
  keep(shardId: string, walked: WalkedChain): Promise<void>;
}

/** What one shard's chain came to. */
export interface WalkedChain {
  readonly findings: readonly Finding[];
  readonly proof?: ShardProof;
  readonly links: number;
  /** What a child's chain may have begun with: the end as it is stored, as it was recomputed, as its head has it. */
  readonly ends: readonly string[];
}

/** Which objects a certificate is about. */
export interface CertifiedRange {
  /** Of arrival; RFC 3339. */
  readonly from?: string;
  readonly to?: string;
  /** Last sequence number by shard; of shards that are not in it, nothing. @default - all of all shards */
  readonly archivedTo?: Readonly<Record<string, string>>;
}

/**
 * Recomputes every chain from its beginning, link by link, and compares it with what the manifest says of each entry,
 * with its head, and with every anchor under Object Lock. Memory does not grow with the archive: objects of
 * a certificate's range are written as they are met. The archive may go on meanwhile.
 *
 * After a break it goes on from what the entry says, so that one break is one finding.
 * @param walked what an earlier call, whose time was over, has come to
 */
export async function checkChains(
  manifest: ManifestReader,
  anchors: Pick<Anchors, 'read'>,
  certifying?: Certifying,
  walked?: WalkedChains,
): Promise<ChainCheck> {
  const anchored = await anchorsByShard(anchors);
  const shards = await manifest.shards();
  const listed = new Map(shards.map((shard) => [shard.shardId, shard]));
  const ends = new Map<string, readonly string[]>();
  const findings: Finding[] = [];
  const proofs: ShardProof[] = [];
  let links = 0;
  for (const shard of parentsFirst(shards)) {
    const { shardId } = shard;
    const known = await walked?.find(shardId);
    const checked =
      known ?? (await checkShard(manifest, shard, ends, anchored.get(shardId) ?? [], certifying));
    if (!known) await walked?.keep(shardId, checked);
    ends.set(shardId, checked.ends);
    findings.push(...checked.findings);
    if (checked.proof) proofs.push(checked.proof);
    links += checked.links;
  }
  const unlisted = new Set([...anchored.keys(), ...shards.flatMap(({ parents }) => parents)]);
  for (const shardId of unlisted) {
    const finding = listed.has(shardId) ? undefined : await unlistedFinding(manifest, shardId, anchored);
    if (finding) findings.push(finding);
  }
  const anchorCount = [...anchored.values()].reduce((sum, each) => sum + each.length, 0);
  return { findings, proofs, counts: { chains: shards.length, links, anchors: anchorCount } };
}

/** @param from the first day, `YYYY-MM-DD`; without it, all */
export async function anchorsByShard(
  anchors: Pick<Anchors, 'read'>,
  from?: string,
): Promise<Map<string, Anchor[]>> {
  const byShard = new Map<string, Anchor[]>();
  for await (const page of anchors.read(from)) {
    for (const anchor of page) {
      const known = byShard.get(anchor.shardId);
      if (known) known.push(anchor);
      else byShard.set(anchor.shardId, [anchor]);
    }
  }
  return byShard;
}

async function checkShard(
  manifest: ManifestReader,
  { shardId, parents }: ArchivedShard,
  ends: ReadonlyMap<string, readonly string[]>,
  anchors: readonly Anchor[],
  certifying: Certifying | undefined,
): Promise<WalkedChain> {
  const starts = startsOf(
    shardId,
    await Promise.all(parents.map((parent) => endsOf(parent, ends, manifest))),
  );
  const walk = new ChainWalk(shardId, starts, anchors);
  const section =
    certifying &&
    new ChainSection({ shardId, parents, start: starts[0]! }, certifying.range, certifying.writerOf(shardId));
  const step = async (entries: readonly ManifestEntry[]) => {
    for (const entry of entries) {
      walk.add(entry);
      await section?.add(entry);
    }
  };
  for await (const page of manifest.entries(shardId)) await step(page);
  // Read after the entries: so whatever the walk has met is in it, and what came after the walk can be caught up with.
  const head = await manifest.head(shardId);
  const walked = walk.last;
  if (head && (walked === undefined || compareSequences(walked, head.last) < 0)) {
    for await (const page of manifest.entries(shardId, walked))
      await step(
        page.filter(({ first, last }) => isBetween(walked, first) && compareSequences(last, head.last) <= 0),
      );
  }
  return {
    findings: [...walk.breaksAgainst(head).map(breakFinding), ...walk.anchorFindings()],
    ...(section && { proof: await section.proof() }),
    links: walk.totals.objects,
    ends: [...new Set([...walk.ends, ...(head ? [head.chain] : [])])],
  };
}

/** Of a parent that the list of shards has lost, what its head says: that is another finding. */
async function endsOf(
  parent: string,
  ends: ReadonlyMap<string, readonly string[]>,
  manifest: ManifestReader,
): Promise<readonly string[]> {
  const known = ends.get(parent);
  if (known) return known;
  const head = await manifest.head(parent);
  return head ? [head.chain] : [];
}

function isBetween(after: string | undefined, sequence: string): boolean {
  return after === undefined || compareSequences(sequence, after) > 0;
}

/** The chain's possible starts: a parent without records has no end, and one whose end is in doubt has several. */
export function startsOf(shardId: string, ends: readonly (readonly string[])[]): readonly string[] {
  let choices: readonly (readonly string[])[] = [[]];
  for (const each of ends) {
    if (each.length === 0) continue;
    choices = choices.flatMap((chosen) => each.map((end) => [...chosen, end]));
  }
  return choices.map((chosen) => chainStart(shardId, chosen));
}

const LOOK = 'find out who wrote to the control table (CloudTrail, point-in-time recovery)';

export function breakFinding({ kind, where, detail }: Break): Finding {
  return { kind, where, detail, action: `Put back what was there: ${LOOK}` };
}

export async function unlistedFinding(
  manifest: ManifestReader,
  shardId: string,
  anchored: ReadonlyMap<string, readonly Anchor[]>,
): Promise<Finding | undefined> {
  const head: ManifestHead | undefined = await manifest.head(shardId);
  const anchor = anchored.get(shardId)?.at(-1);
  // A parent that never had a record has no manifest.
  if (!head && !anchor) return undefined;
  const known = anchor
    ? `an anchor of ${anchor.at} says ${anchor.objects} objects with ${anchor.records} records and ${anchor.events} events, up to ${anchor.last}`
    : `its head says ${head?.objects} objects, up to ${head?.last}`;
  return {
    kind: 'manifest-lost',
    where: shardId,
    detail: `the list of shards does not have it any more; ${known}`,
    action: `Put its manifest and its name in the list back: ${LOOK}`,
  };
}
