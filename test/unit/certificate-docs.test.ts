import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Certificate,
  certificateHash,
  issueCertificate,
} from '../../lambdas/domain/recovery/certificate.ts';
import { checkCertificate } from '../../lambdas/domain/recovery/check-certificate.ts';
import type { GivenFile } from '../../lambdas/domain/recovery/check-objects.ts';
import { Archived, day, START_MS } from '../support/archived.ts';

const page = readFileSync(new URL('../../docs/certificate.md', import.meta.url), 'utf8');
const program = page.split('```python certificate\n')[1]!.split('\n```')[0]!;

let folder: string;
let archived: Archived;
let certificate: Certificate;
let given: ReadonlyMap<string, GivenFile>;

/** Some day of the log with every kind of envelope in it, and the certificate of its second hour. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-certificate-'));
  const written = fc
    .sample(day, { numRuns: 40, seed: 5 })
    .sort((a, b) => b.calls.length - a.calls.length)[0]!;
  archived = await Archived.of(written);
  for (const [key, bytes] of archived.objects) {
    mkdirSync(join(folder, dirname(key)), { recursive: true });
    writeFileSync(join(folder, key), bytes);
  }
  const period = { from: new Date(START_MS + 60_000).toISOString() };
  const { proofs, given: files } = await archived.chains(period);
  given = files;
  mkdirSync(join(folder, 'certificate.json.proofs'));
  for (const [name, { bytes }] of given) writeFileSync(join(folder, 'certificate.json.proofs', name), bytes);
  const sent = { accepted: 0, replayed: 0, quarantined: 0 };
  for (const { data } of archived.records) {
    const envelope = JSON.parse(data.toString());
    if (envelope.at < period.from) continue;
    if (envelope.quarantine) sent.quarantined++;
    else sent[envelope.replay ? 'replayed' : 'accepted'] += envelope.events.length;
  }
  const events = sent.accepted + sent.replayed;
  const fates = { identities: events, distinct: events, counted: events - 1, missing: 1 };
  certificate = issueCertificate({
    ...{ requestId: 'run-ü', period, shards: proofs, findings: 1, counts: { ...sent, ...fates } },
    ...{ knownAt: '2026-11-22T00:00:00.000Z', issuedAt: '2026-11-22T00:00:00.000Z' },
  });
  expect(Math.min(sent.accepted, sent.replayed, sent.quarantined)).toBeGreaterThan(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(value: unknown, ...more: string[]) {
  const file = join(folder, 'certificate.json');
  writeFileSync(file, JSON.stringify(value));
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program, file, ...more], {
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

describe('docs/certificate.md: the program on the page, which shares no code with the product', () => {
  it('finds what the product issues whole, with and without the objects', () => {
    expect(run(certificate)).toEqual({ status: 0, said: 'whole, and incomplete\n' });
    expect(run(certificate, folder)).toEqual({ status: 0, said: 'whole, and incomplete\n' });
  });

  it('finds what the product finds', () => {
    const rehashed = (changes: object) => {
      const { sha256: _, ...rest } = { ...certificate, ...changes };
      return { ...rest, sha256: certificateHash(rest) };
    };
    const { totals, shards } = certificate;
    const [shard] = shards.filter(({ objects }) => objects > 1);
    const { chain } = JSON.parse(given.get(shard!.proofs[0]!.file)!.text.split('\n')[0]!);
    const [proof, ...proofs] = shard!.proofs;
    for (const [changed, said, ...more] of [
      [{ ...certificate, issuedAt: '2026' }, 'the certificate was changed'],
      [rehashed({ shards: [{ ...shard, start: chain }] }), 'the chain breaks'],
      [rehashed({ shards: [{ ...shard, end: chain }] }), 'ends elsewhere'],
      [rehashed({ shards: [{ ...shard, events: 0 }] }), 'its proofs have'],
      [rehashed({ shards: [{ ...shard, proofs: [{ ...proof, sha256: '00' }, ...proofs] }] }), 'was changed'],
      [rehashed({ totals: { ...totals, counted: totals.counted + 1 } }), 'distinct does not add up'],
      [rehashed({ totals: { ...totals, repeats: 1 } }), 'accepted does not add up'],
      [rehashed({ verdict: 'complete' }), 'the verdict'],
      [rehashed({ totals: { ...totals, quarantined: 0 } }), 'the objects hold', folder],
    ] as const) {
      expect(run(changed, ...more)).toMatchObject({ status: 1, said: expect.stringContaining(said) });
      if (more.length === 0) expect(checkCertificate(changed, given)).not.toEqual([]);
    }
  });

  it('finds an object that was changed', () => {
    const [key, bytes] = [...archived.objects].at(-1)!;
    writeFileSync(join(folder, key), Buffer.concat([bytes, Buffer.from('x')]));
    expect(run(certificate, folder)).toMatchObject({
      status: 1,
      said: expect.stringContaining(`${key} was changed`),
    });
    writeFileSync(join(folder, key), bytes);
  });
});
