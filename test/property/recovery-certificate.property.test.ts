import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countableEvent, measureEvent, revisionNumber } from '../../lambdas/domain/count-events.ts';
import { EntryTable } from '../../lambdas/domain/entry-table.ts';
import { evolve, NOTHING_SEALED, newBucket } from '../../lambdas/domain/evolve.ts';
import { sha256Hex } from '../../lambdas/domain/manifest.ts';
import { ResultSum } from '../../lambdas/domain/recovery/add-up-results.ts';
import {
  type Certificate,
  certificateHash,
  issueCertificate,
} from '../../lambdas/domain/recovery/certificate.ts';
import { BucketCertifier } from '../../lambdas/domain/recovery/certify-bucket.ts';
import type { CertifiedObject } from '../../lambdas/domain/recovery/chain-section.ts';
import { checkCertificate } from '../../lambdas/domain/recovery/check-certificate.ts';
import type { GivenFile } from '../../lambdas/domain/recovery/check-objects.ts';
import { nameOfBucket } from '../../lambdas/domain/recovery/review-bucket.ts';
import type { EventLine } from '../../lambdas/domain/recovery/shuffle.ts';
import { Archived, asked, type Day, day, opened, START_MS, scan } from '../support/archived.ts';
import { testContracts } from '../support/contracts.ts';

interface Period {
  readonly from?: string;
  readonly to?: string;
}

const REVISION = { number: 1 };

/** What state holds: the archive's events in the log's order, by the projector's fold; some may be lost, and are listed. */
function project(lines: readonly EventLine[], lose: (line: EventLine) => boolean) {
  const tables = new Map<string, EntryTable>();
  const buckets = new Map<string, ReturnType<typeof newBucket>>();
  const refused = new Set<string>();
  for (const line of lines) {
    const name = nameOfBucket(line.key);
    const measured = measureEvent(line, revisionNumber(testContracts, line.key.type, 1));
    if ('code' in measured) {
      refused.add(line.origin);
      continue;
    }
    if (lose(line)) continue;
    const { bucket, verdicts } = evolve(buckets.get(name) ?? newBucket(1, 1), [measured], NOTHING_SEALED);
    buckets.set(name, bucket);
    if (verdicts[0] !== 'counted' && verdicts[0] !== 'duplicate') refused.add(line.origin);
    const table = new EntryTable();
    table.addAll(bucket.open);
    tables.set(name, table);
  }
  return { tables, refused };
}

/** A run of verify with a certificate, as rooms carry it out one after the other. */
async function certify(archived: Archived, period: Period, lose: (line: EventLine) => boolean = () => false) {
  const whole = await scan(archived, { ...asked, verb: 'verify', certificate: true });
  const isEvent = (line: { kind: string }): line is EventLine => line.kind === 'event';
  const inOrder = whole.lines
    .filter(isEvent)
    .sort((a, b) => Number(BigInt(a.sequence) - BigInt(b.sequence)) || a.index - b.index);
  const { tables, refused } = project(inOrder, lose);

  const { counts, findings, lines } = await scan(archived, {
    ...{ ...asked, verb: 'verify', certificate: true },
    ...period,
  });
  const sum = new ResultSum();
  sum.add({ counts, findings });
  const chains = await archived.chains(period);
  sum.add(chains);
  const byBucket = Map.groupBy(lines.filter(isEvent), ({ key }) => nameOfBucket(key));
  for (const [name, events] of byBucket) {
    const ids = tables.get(name) ?? new EntryTable();
    const own = { ...REVISION, revision: revisionNumber(testContracts, events[0]!.key.type, 1) };
    const certifier = new BucketCertifier({ key: events[0]!.key, found: undefined, ids }, own);
    for (const line of events) certifier.take(line, refused.has(line.origin));
    sum.add(certifier.finish());
  }
  const result = sum.result();
  const certificate = issueCertificate({
    ...{ requestId: 'run-1', period, knownAt: '2026-11-22T00:00:00.000Z', shards: chains.proofs },
    ...{ issuedAt: '2026-11-22T01:00:00.000Z', counts: result.counts, findings: result.counts.findings ?? 0 },
  });
  return { certificate, proofs: chains.given };
}

const periodOf = fc.record(
  {
    from: fc.nat(20).map((step) => new Date(START_MS + step * 30_000).toISOString()),
    to: fc.nat(20).map((step) => new Date(START_MS + step * 30_000).toISOString()),
  },
  { requiredKeys: [] },
);

const given = ({ objects }: Archived): ReadonlyMap<string, GivenFile> =>
  new Map([...objects].map(([key, bytes]) => [key, opened(bytes)]));

/** The objects that a certificate's proofs name, by shard. */
const provenBy = ({ shards }: Certificate, proofs: ReadonlyMap<string, GivenFile>) =>
  shards.map((shard) => ({
    ...shard,
    objects: shard.proofs.flatMap(({ file }): CertifiedObject[] =>
      proofs
        .get(file)!
        .text.trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ),
  }));

/** Counted afresh from what was written, in the plainest way. */
function countedByHand({ records }: Archived, { from = '', to = '9' }: Period) {
  const sums = { accepted: 0, replayed: 0, quarantined: 0, uncountable: 0 };
  const identities = new Set<string>();
  for (const { data } of records) {
    const envelope = JSON.parse(data.toString());
    if (envelope.at < from || envelope.at >= to) continue;
    if (envelope.quarantine) sums.quarantined++;
    for (const { event } of envelope.events ?? []) {
      sums[envelope.replay ? 'replayed' : 'accepted']++;
      const placed = countableEvent(testContracts, 'acme', event);
      if ('code' in placed) sums.uncountable++;
      else identities.add(JSON.stringify([placed.key, placed.source, placed.id]));
    }
  }
  return { ...sums, identities: identities.size };
}

const certified = (written: Day, period: Period) =>
  Archived.of(written).then(async (archived) => ({ archived, ...(await certify(archived, period)) }));

describe('the completeness certificate', () => {
  it('adds up, and is whole offline with and without the objects, for any archive and period', async () => {
    await fc.assert(
      fc.asyncProperty(day, periodOf, async (written, period) => {
        const { archived, certificate, proofs } = await certified(written, period);
        expect(checkCertificate(certificate, proofs)).toEqual([]);
        expect(checkCertificate(certificate, proofs, given(archived))).toEqual([]);
        expect(certificate).toMatchObject({ verdict: 'complete', findings: 0 });
        expect(certificate.totals).toMatchObject(countedByHand(archived, period));
        expect(certificate.totals.missing).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('lists every object with arrivals in the period, and of each shard a stretch without gaps', async () => {
    await fc.assert(
      fc.asyncProperty(day, periodOf, async (written, period) => {
        const { archived, certificate, proofs } = await certified(written, period);
        const { from = '', to = '9' } = period;
        for (const { shardId, objects } of provenBy(certificate, proofs)) {
          const keys = objects.map(({ key }) => key);
          const all = archived.entries.filter((entry) => entry.shardId === shardId);
          const within = all.filter(({ arrived }) => arrived.from < to && arrived.to >= from);
          expect(keys).toEqual(expect.arrayContaining(within.map(({ key }) => key)));
          const start = all.findIndex(({ key }) => key === keys[0]);
          if (keys.length > 0)
            expect(all.slice(start, start + keys.length).map(({ key }) => key)).toEqual(keys);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is incomplete where state lacks an accepted event, and counts each once', async () => {
    await fc.assert(
      fc.asyncProperty(day, async (written) => {
        const archived = await Archived.of(written);
        const { certificate: whole } = await certify(archived, {});
        const { certificate: lost, proofs } = await certify(
          archived,
          {},
          ({ key }) => key.type === 'test.sum',
        );
        const { counted, conflicts, failed } = whole.totals;
        fc.pre(counted > 0);
        expect(checkCertificate(lost, proofs)).toEqual([]);
        expect(lost.totals.counted + lost.totals.conflicts + lost.totals.failed + lost.totals.missing).toBe(
          counted + conflicts + failed,
        );
        const holdsSums = archived.records.some(({ data }) =>
          (JSON.parse(data.toString()).events ?? []).some(
            ({ event }: { event: { type: string; data: { value: unknown } } }) =>
              event.type === 'test.sum' && event.data.value !== 'much',
          ),
        );
        expect(lost.verdict).toBe(holdsSums ? 'incomplete' : 'complete');
        expect(lost.totals.missing > 0).toBe(holdsSums);
        expect(lost.findings > 0).toBe(holdsSums);
      }),
      { numRuns: 40 },
    );
  });

  it('any change of it is found offline', async () => {
    await fc.assert(
      fc.asyncProperty(day, fc.nat(), fc.nat(9), async (written, pick, die) => {
        const { certificate, proofs } = await certified(written, {});
        const copy = structuredClone(certificate) as unknown as Json;
        const places = leaves(copy);
        const [holder, name] = places[pick % places.length]!;
        const value = holder[name];
        holder[name] =
          typeof value === 'number'
            ? value + 1 + die
            : value === 'complete'
              ? 'incomplete'
              : `${value}${die}`;
        expect(checkCertificate(copy, proofs)).not.toEqual([]);
      }),
    );
  });

  it('a change is found where its hash was made anew too: in links, sums, verdict and objects', async () => {
    await fc.assert(
      fc.asyncProperty(day, fc.nat(), async (written, pick) => {
        const { archived, certificate, proofs } = await certified(written, {});
        const links = provenBy(certificate, proofs).flatMap(({ objects }) => objects);
        fc.pre(links.length > 0);
        const at = pick % links.length;
        const { totals, shards } = certificate;
        const same = (changes: object) => ({ certificate: { ...certificate, ...changes }, proofs });
        const ofShard = (changes: object) =>
          same({ shards: shards.map((shard) => (shard.objects > 0 ? { ...shard, ...changes } : shard)) });
        for (const [forged, withObjects] of [
          [relink(certificate, proofs, at, { sha256: '00' }), false],
          [relink(certificate, proofs, at, { records: links[at]!.records + 1 }), false],
          [relink(certificate, proofs, at, { events: links[at]!.events + 1 }), false],
          [relink(certificate, proofs, at, { bytes: 1 }), true],
          [relink(certificate, proofs, at, undefined), false],
          [ofShard({ first: '1' }), false],
          [ofShard({ last: '1' }), false],
          [ofShard({ end: '' }), false],
          [ofShard({ records: 0 }), false],
          [ofShard({ proofs: [] }), false],
          [same({ totals: { ...totals, counted: totals.counted + 1 } }), false],
          [same({ totals: { ...totals, quarantined: totals.quarantined + 1 } }), true],
          [
            same({
              totals: { ...totals, accepted: totals.accepted + 1, duplicates: totals.duplicates + 1 },
            }),
            true,
          ],
          [same({ verdict: 'incomplete' }), false],
        ] as const) {
          const { sha256: _, ...rest } = forged.certificate;
          const { sha256 } = issueLike(rest);
          expect(
            checkCertificate({ ...rest, sha256 }, forged.proofs, withObjects ? given(archived) : undefined),
          ).not.toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('a proof file that was changed, or is not there, is found', async () => {
    await fc.assert(
      fc.asyncProperty(day, fc.nat(), fc.nat(), async (written, pick, die) => {
        const { certificate, proofs } = await certified(written, {});
        fc.pre(proofs.size > 0);
        const [file, { bytes, text }] = [...proofs][pick % proofs.size]!;
        const changed = Buffer.from(bytes);
        changed[die % changed.length]! ^= 1;
        const others = new Map(proofs);
        expect(checkCertificate(certificate, others.set(file, { bytes: changed, text })).join()).toContain(
          file,
        );
        others.delete(file);
        expect(checkCertificate(certificate, others).join()).toContain(file);
      }),
      { numRuns: 40 },
    );
  });

  it('an object that was changed since is found when it is given', async () => {
    await fc.assert(
      fc.asyncProperty(day, fc.nat(), fc.nat(), async (written, pick, die) => {
        const { archived, certificate, proofs } = await certified(written, {});
        const objects = new Map(given(archived));
        fc.pre(objects.size > 0);
        const [key, { bytes, text }] = [...objects][pick % objects.size]!;
        const changed = Buffer.from(bytes);
        changed[die % changed.length]! ^= 1;
        objects.set(key, { bytes: changed, text });
        expect(checkCertificate(certificate, proofs, objects).join()).toContain(key);
      }),
      { numRuns: 40 },
    );
  });

  it('what is no certificate is said to be none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(checkCertificate(value, new Map())).toHaveLength(1);
      }),
    );
  });
});

type Json = Record<string, unknown>;

/** Every text and number in it, with what holds it. */
function leaves(value: Json): readonly (readonly [Json, string])[] {
  return Object.entries(value).flatMap(([name, each]) =>
    typeof each === 'object' && each !== null ? leaves(each as Json) : [[value, name] as const],
  );
}

/** As a forger would: an object changed, or left out, and the hash of its proof file made anew. */
function relink(
  certificate: Certificate,
  proofs: ReadonlyMap<string, GivenFile>,
  at: number,
  changes: object | undefined,
) {
  let index = at;
  const forged = new Map(proofs);
  const shards = certificate.shards.map((shard) => ({
    ...shard,
    proofs: shard.proofs.map((proof) => {
      const lines = proofs.get(proof.file)!.text.trimEnd().split('\n');
      const here = index;
      index -= lines.length;
      if (here < 0 || here >= lines.length) return proof;
      const line = changes && JSON.stringify({ ...JSON.parse(lines[here]!), ...changes });
      const file = opened(gzipSync(lines.toSpliced(here, 1, ...(line ? [line] : [])).join('\n')));
      forged.set(proof.file, file);
      return { ...proof, sha256: sha256Hex(file.bytes) };
    }),
  }));
  return { certificate: { ...certificate, shards }, proofs: forged };
}

/** The hash that a forger would put. */
function issueLike(rest: Omit<Certificate, 'sha256'>): Certificate {
  return { ...rest, sha256: certificateHash(rest) };
}
