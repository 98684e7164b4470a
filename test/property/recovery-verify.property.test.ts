import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chainHash,
  chainStart,
  describeContents,
  type ManifestEntry,
  readRecord,
  sha256Hex,
} from '../../lambdas/domain/manifest.ts';
import { checkChains } from '../../lambdas/domain/recovery/check-chain.ts';
import type { ManifestReader } from '../../lambdas/domain/recovery/ports.ts';
import type { Finding } from '../../lambdas/domain/recovery/run.ts';
import { Archived, day, verify } from '../support/archived.ts';
import { MemoryManifestReader } from '../support/memory-consumers.ts';

const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);
const shown = (findings: readonly Finding[]) =>
  findings.map(({ where, detail }) => `${where} ${detail}`).join('\n');

/** Runs a tampering over any archive and any place in it. */
const tamper = (
  tampering: (archived: Archived, at: number, die: number) => Promise<void> | void,
  judge: (findings: readonly Finding[], victim: ManifestEntry, archived: Archived) => void,
) =>
  fc.assert(
    fc.asyncProperty(day, fc.nat(), fc.nat(), async (written, pick, die) => {
      const archived = await Archived.of(written);
      fc.pre(archived.entries.length > 0);
      const at = pick % archived.entries.length;
      const victim = archived.entries[at]!;
      await tampering(archived, at, die);
      judge(await verify(archived), victim, archived);
    }),
    { numRuns: 60 },
  );

/** What an insider does who may do anything but under Object Lock: all links made anew, heads too. */
function rechain({ manifest }: Archived): void {
  for (const [shardId, parents] of [...manifest.shards].sort()) {
    const entries = manifest.entries.filter((entry) => entry.shardId === shardId);
    let chain = chainStart(
      shardId,
      parents.flatMap((parent) => manifest.heads.get(parent)?.chain ?? []),
    );
    const sums = { objects: 0, records: 0, events: 0, bytes: 0 };
    for (const entry of entries) {
      chain = chainHash(chain, entry.sha256, entry.first, entry.last, entry.records);
      manifest.entries[manifest.entries.indexOf(entry)] = { ...entry, chain };
      sums.objects++;
      for (const name of ['records', 'events', 'bytes'] as const) sums[name] += entry[name];
    }
    const last = entries.at(-1);
    if (last)
      manifest.heads.set(shardId, { ...manifest.heads.get(shardId)!, ...sums, last: last.last, chain });
    else for (const part of [manifest.heads, manifest.shards]) part.delete(shardId);
  }
}

describe('F1 verify finds an archive whole', () => {
  it('that the archive made of any records in any cuts, over a merge of shards', async () => {
    await fc.assert(
      fc.asyncProperty(day, async (written) => {
        const archived = await Archived.of(written);
        expect(await verify(archived)).toEqual([]);
        archived.anchor();
        const { findings, counts } = await archived.chains();
        expect(findings).toEqual([]);
        expect(counts).toMatchObject({ links: archived.entries.length, anchors: archived.anchors.length });
      }),
      { numRuns: 100 },
    );
  });

  it('while the archive goes on: what comes between its reads is no difference', async () => {
    await fc.assert(
      fc.asyncProperty(day, fc.nat(), async (written, die) => {
        const { manifest } = await Archived.of(written);
        const whole = new MemoryManifestReader(manifest);
        const walked = new Set<string>();
        const growing: ManifestReader = {
          shards: () => whole.shards(),
          head: (shardId) => whole.head(shardId),
          entry: (shardId, first) => whole.entry(shardId, first),
          // The first walk ended before some were there.
          async *entries(shardId, from) {
            const all = manifest.entries.filter((entry) => entry.shardId === shardId);
            if (walked.has(shardId)) yield* whole.entries(shardId, from);
            else yield all.slice(0, die % (all.length + 1));
            walked.add(shardId);
          },
        };
        const { findings, counts } = await checkChains(growing, { async *read() {} });
        expect(findings).toEqual([]);
        expect(counts.links).toBe(manifest.entries.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('F1 verify finds and names', () => {
  it('an object with a byte flipped', () =>
    tamper(
      ({ objects, entries }, at, die) => {
        const bytes = Buffer.from(objects.get(entries[at]!.key)!);
        bytes[die % bytes.length]! ^= 1 << (die % 8);
        objects.set(entries[at]!.key, bytes);
      },
      (findings, { shardId, first, key }) => {
        const [found] = findings.filter(({ kind }) => kind === 'object-changed');
        expect(found?.where).toContain(`${shardId} ${first}`);
        expect(found?.detail).toContain(key);
        expect(found?.detail).toContain('acme');
      },
    ));

  it('an object that is gone, with what it held', () =>
    tamper(
      ({ objects, entries }, at) => void objects.delete(entries[at]!.key),
      (findings, { shardId, first, records, events }) => {
        const [found] = findings.filter(({ kind }) => kind === 'object-lost');
        expect(found?.where).toContain(`${shardId} ${first}`);
        expect(found?.detail).toContain(`${records} records with ${events} events`);
      },
    ));

  it('a manifest entry that is gone, between its neighbours', () =>
    tamper(
      ({ manifest }, at) => void manifest.entries.splice(at, 1),
      (findings, { shardId, last, records }, { entries }) => {
        const found = findings.filter(({ kind }) => kind === 'entry-missing');
        expect(found).toHaveLength(1);
        const next = entries.find((each) => each.shardId === shardId && each.first > last);
        expect(shown(found)).toContain(next ? next.first : last);
        expect(shown(found)).toContain(`1 objects, ${records} records`);
      },
    ));

  it('a manifest entry of which any attribute was changed', () => {
    const others: Record<string, (entry: ManifestEntry) => Partial<ManifestEntry>> = {
      sha256: ({ sha256 }) => ({ sha256: sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }),
      chain: ({ chain }) => ({ chain: chain.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }),
      first: ({ first }) => ({ first: String(BigInt(first) - 1n) }),
      last: ({ last }) => ({ last: String(BigInt(last) + 1n) }),
      records: ({ records }) => ({ records: records + 1 }),
      events: ({ events }) => ({ events: events + 1 }),
      bytes: ({ bytes }) => ({ bytes: bytes - 1 }),
      key: ({ key }) => ({ key: `${key}x` }),
      arrived: ({ arrived }) => ({ arrived: { ...arrived, to: '2026-12-01T00:00:00.000Z' } }),
      times: () => ({ times: { from: '2020-01-01T00:00:00.000Z', to: '2020-01-01T00:00:00.000Z' } }),
      tenants: () => ({ tenants: ['other'] }),
      types: () => ({ types: ['other'] }),
      fingerprints: () => ({ fingerprints: ['other'] }),
      mark: () => ({ mark: '2026-11-21T00:00:00.000Z' }),
    };
    const names = Object.keys(others);
    return tamper(
      (archived, at, die) =>
        archived.replaceEntry(at, others[names[die % names.length]!]!(archived.entries[at]!)),
      (findings, { shardId, last }) => {
        expect(findings.length).toBeGreaterThan(0);
        expect(shown(findings)).toMatch(new RegExp(`${shardId} \\d+–(${last}|${BigInt(last) + 1n}) `));
      },
    );
  });

  it('as one break one change of a link, and goes on behind it', () =>
    tamper(
      (archived, at, die) => {
        const name = die % 2 === 0 ? 'chain' : 'sha256';
        archived.replaceEntry(at, { [name]: sha256Hex(Buffer.from(String(die))) });
      },
      (findings, { shardId, first }) => {
        const found = findings.filter(({ kind }) => /^(chain|entr|head|anchor)/.test(kind));
        expect(kinds(found)).toEqual(['chain-broken']);
        expect(found[0]!.where).toContain(`${shardId} ${first}`);
      },
    ));

  it('two objects that changed places', () =>
    tamper(
      (archived, at, die) => {
        const other = die % archived.entries.length;
        fc.pre(other !== at);
        const [a, b] = [archived.entries[at]!, archived.entries[other]!];
        for (const [to, { key, sha256, versionId }] of [
          [at, b],
          [other, a],
        ] as const)
          archived.replaceEntry(to, { key, sha256, versionId });
      },
      (findings, { shardId, first }) => {
        const found = findings.filter(({ kind }) => kind === 'chain-broken' || kind === 'object-differs');
        expect(shown(found)).toContain(`${shardId} ${first}`);
      },
    ));

  it('a head that was changed, or is gone', () =>
    tamper(
      ({ manifest, entries }, at, die) => {
        const { shardId } = entries[at]!;
        const head = manifest.heads.get(shardId)!;
        const changes = [
          { last: String(BigInt(head.last) + 1n) },
          { last: String(BigInt(head.last) - 1n) },
          { chain: chainStart('other', []) },
          { objects: head.objects - 1 },
          { records: head.records + 1 },
          { events: head.events + 1 },
          { bytes: head.bytes - 1 },
        ];
        const change = changes[die % (changes.length + 1)];
        if (change) manifest.heads.set(shardId, { ...head, ...change });
        else manifest.heads.delete(shardId);
      },
      (findings, { shardId }) => {
        const [found] = findings.filter(({ kind }) => kind === 'head-differs');
        expect(found?.where).toBe(`${shardId} head`);
        // A child that began at the true end is not blamed for it.
        expect(kinds(findings)).not.toContain('chain-broken');
      },
    ));

  it('a shard whose manifest is gone as a whole, by its anchor or its children', () =>
    tamper(
      (archived, at) => {
        archived.anchor();
        const { manifest } = archived;
        const { shardId } = archived.entries[at]!;
        const left = archived.entries.filter((entry) => entry.shardId !== shardId);
        manifest.entries.splice(0, manifest.entries.length, ...left);
        manifest.heads.delete(shardId);
        manifest.shards.delete(shardId);
      },
      (findings, { shardId }) => {
        const [found] = findings.filter(({ kind }) => kind === 'manifest-lost');
        expect(found?.where).toBe(shardId);
      },
    ));

  it('a shard that the list has lost, by its anchor or its children, and blames nothing else', () =>
    tamper(
      (archived, at, die) => {
        if (die % 2 === 0) archived.anchor();
        archived.manifest.shards.delete(archived.entries[at]!.shardId);
      },
      (findings, { shardId }, { manifest, anchors }) => {
        const isParent = [...manifest.shards.values()].flat().includes(shardId);
        const isAnchored = anchors.some((anchor) => anchor.shardId === shardId);
        expect(findings.map(({ kind, where }) => [kind, where])).toEqual(
          isParent || isAnchored ? [['manifest-lost', shardId]] : [],
        );
      },
    ));

  it('a chain that was cut short after an anchor, heads and all', () =>
    tamper(
      (archived, at) => {
        archived.anchor();
        const { shardId, first } = archived.entries[at]!;
        const left = archived.entries.filter((entry) => entry.shardId !== shardId || entry.first < first);
        archived.manifest.entries.splice(0, archived.entries.length, ...left);
        rechain(archived);
      },
      (findings, { shardId }) => {
        const found = findings.filter(({ kind }) => kind === 'anchor-differs' || kind === 'manifest-lost');
        expect(shown(found)).toContain(shardId);
      },
    ));

  it('a record that was taken out before an anchor, its object and all after it made anew', () =>
    tamper(
      (archived, at, die) => {
        archived.anchor();
        takeOut(archived, at, die);
        rechain(archived);
      },
      (findings, { shardId }) => {
        const found = findings.filter(({ kind }) => /^(anchor-differs|manifest-lost)$/.test(kind));
        expect(shown(found)).toContain(shardId);
      },
    ));

  it('a record that was taken out without an anchor, if a later one of its instance reports it', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(day, fc.nat(), fc.nat(), async (written, pick, die) => {
        const archived = await Archived.of({ ...written, anchored: [] });
        fc.pre(archived.entries.length > 0);
        const { iid, n, smallest } = takeOut(archived, pick % archived.entries.length, die);
        rechain(archived);
        const reported = archived.records.some(({ data }) => {
          const envelope = JSON.parse(data.toString());
          const acked: [number, number][] = envelope.acked;
          return envelope.iid === iid && acked.some(([from, to]) => from <= n && n <= to);
        });
        fc.pre(reported && n > smallest);
        const findings = await verify(archived);
        expect(kinds(findings)).toEqual(['acked-missing']);
        expect(findings[0]!.where).toBe(`instance ${iid}`);
        expect(findings[0]!.detail).toMatch(new RegExp(` ${n} \\(between \\d+ in archive/.*shard=`));
        found++;
      }),
      { numRuns: 60 },
    );
    expect(found).toBeGreaterThan(20);
  });
});

/** Takes one record out of an object and describes what is left, as the archive would have. */
function takeOut(archived: Archived, at: number, die: number) {
  const entry = archived.entries[at]!;
  const lines = gunzipSync(archived.objects.get(entry.key)!).toString().trimEnd().split('\n');
  const [line] = lines.splice(die % lines.length, 1);
  const { envelope } = JSON.parse(line!);
  const { iid, n } = envelope;
  archived.objects.delete(entry.key);
  if (lines.length === 0) {
    archived.manifest.entries.splice(at, 1);
  } else {
    const bytes = gzipSync(`${lines.join('\n')}\n`);
    const sequences = lines.map((each) => JSON.parse(each).seq as string);
    const key = `${entry.key}.new`;
    archived.objects.set(key, bytes);
    const left = archived.records.filter(({ sequence }) => sequences.includes(sequence));
    const { shardId, versionId, chain } = entry;
    archived.manifest.entries[at] = {
      ...describeContents(left.map(readRecord)),
      ...{ shardId, versionId, chain, key, sha256: sha256Hex(bytes), bytes: bytes.length },
    };
  }
  const numbers = archived.records
    .map(({ data }) => JSON.parse(data.toString()))
    .filter((each) => each.iid === iid && each.n !== n)
    .map((each) => each.n as number);
  return { iid: iid as string, n: n as number, smallest: Math.min(...numbers) };
}
