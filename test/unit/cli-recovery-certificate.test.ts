import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chainHash, chainStart, sha256Hex } from '../../lambdas/domain/manifest.ts';
import {
  type Certificate,
  type Certified,
  issueCertificate,
} from '../../lambdas/domain/recovery/certificate.ts';
import { emptyFolder, weir } from '../support/weir-cli.ts';

const SHARD = 'shardId-000000000000';
const KEY = `archive/date=2026-11-21/hour=07/shard=${SHARD}/1-1-abc.ndjson.gz`;
const ENVELOPE = {
  v: 1,
  iid: 'i',
  n: 1,
  at: '2026-11-21T07:00:00.000Z',
  build: 'b',
  tenant: 'acme',
  producer: 'p',
  receipt: 'r',
};
const EVENT = {
  specversion: '1.0',
  id: '1',
  source: '/s',
  type: 'disk.write',
  subject: 's',
  data: { bytes: 1 },
};
const LINE = {
  ...{ seq: '1', arrived: '2026-11-21T07:00:00.000Z' },
  envelope: { ...ENVELOPE, events: [{ schema: 1, event: EVENT }] },
};
const FILE = `${SHARD}-00000000.ndjson.gz`;
const BYTES = gzipSync(`${JSON.stringify(LINE)}\n`);

function certificate(
  more: Partial<Certified['counts']> = {},
  named: { readonly key?: string } = {},
): { readonly issued: Certificate; readonly proof: Buffer } {
  const sha256 = sha256Hex(BYTES);
  const start = chainStart(SHARD, []);
  const chain = chainHash(start, sha256, '1', '1', 1);
  const object = {
    key: KEY,
    sha256,
    first: '1',
    last: '1',
    records: 1,
    events: 1,
    bytes: BYTES.length,
    chain,
  };
  const proof = gzipSync(`${JSON.stringify({ ...object, ...named })}\n`);
  const issued = issueCertificate({
    requestId: 'v1',
    period: {},
    knownAt: '2026-11-21T08:00:00.000Z',
    issuedAt: '2026-11-21T08:00:01.000Z',
    shards: [
      {
        ...{ shardId: SHARD, parents: [], start, end: chain, first: '1', last: '1' },
        ...{ objects: 1, records: 1, events: 1, proofs: [{ file: FILE, sha256: sha256Hex(proof) }] },
      },
    ],
    findings: 0,
    counts: { accepted: 1, identities: 1, distinct: 1, counted: 1, ...more } as Certified['counts'],
  });
  return { issued, proof };
}

/** Saves it, and a copy of the archive, and checks it: without a Weir to talk to. */
function check(
  saved: unknown,
  { bytes = BYTES as Buffer | null, objects = true, proof = certificate().proof as Buffer | null } = {},
) {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'c.json'), JSON.stringify(saved));
  mkdirSync(join(cwd, 'c.json.proofs'));
  if (proof) writeFileSync(join(cwd, 'c.json.proofs', FILE), proof);
  const path = join(cwd, 'copy', KEY);
  mkdirSync(dirname(path), { recursive: true });
  if (bytes) writeFileSync(path, bytes);
  const args = ['verify', '--check', 'c.json', ...(objects ? ['--objects', 'copy'] : [])];
  return weir(args, { cwd, connect: () => Promise.reject(new Error('it must need no Weir')) });
}

describe('weir verify --check, offline', () => {
  it('says that a certificate is whole, with and without a copy of the archive', async () => {
    expect(await check(certificate().issued)).toMatchObject({
      code: 0,
      out: expect.stringContaining('are what it says'),
    });
    expect(await check(certificate().issued, { objects: false })).toMatchObject({
      code: 0,
      out: expect.stringContaining('were not looked at'),
    });
  });

  it.each([
    ['a changed total', { totals: { ...certificate().issued.totals, counted: 2 } }],
    ['another verdict', { verdict: 'incomplete' as const }],
    ['another period', { period: { from: '2026-11-21T00:00:00.000Z' } }],
    ['no shards', { shards: [] }],
    ['another kind', { kind: 'x' as never }],
  ])('finds %s', async (_, change) => {
    const { code, out } = await check({ ...certificate().issued, ...change }, { objects: false });
    expect(code).toBe(1);
    expect(out).toContain("can't be relied upon");
  });

  it('finds an archive object that was changed, and one that is not there', async () => {
    const changed = Buffer.from(BYTES);
    changed[changed.length - 1]! ^= 1;
    expect(await check(certificate().issued, { bytes: changed })).toMatchObject({
      code: 1,
      out: expect.stringContaining('SHA-256'),
    });
    expect(await check(certificate().issued, { bytes: null })).toMatchObject({
      code: 1,
      out: expect.stringContaining('not in copy'),
    });
  });

  it('finds a proof file that was changed, and one that is not there', async () => {
    const { issued, proof } = certificate();
    expect(await check(issued, { proof: Buffer.concat([proof, proof]) })).toMatchObject({
      code: 1,
      out: expect.stringContaining(`${FILE}: its SHA-256 is`),
    });
    expect(await check(issued, { proof: null })).toMatchObject({
      code: 1,
      out: expect.stringContaining(`${FILE}: it is not there`),
    });
  });

  it('says which SHA-256 it has, to be compared with the audit’s', async () => {
    const { issued } = certificate();
    const { out } = await check(issued);
    expect(out).toContain(issued.sha256);
    expect(out).toContain('weir runs show v1');
  });

  it('exits with 1 where a whole certificate says that something is missing', async () => {
    const { code, out } = await check(certificate({ counted: 0, missing: 1 }).issued);
    expect(code).toBe(1);
    expect(out).toContain('It is incomplete: 1 events missing');
  });

  it('reads no file outside of the folder, whatever a certificate names', async () => {
    const named = certificate({}, { key: '../c.json' });
    expect((await check(named.issued, { proof: named.proof })).out).toContain('../c.json: not in copy');
    const { shards, ...rest } = certificate().issued;
    const proofs = [{ file: '../c.json', sha256: 'x' }];
    const { out } = await check({ ...rest, shards: [{ ...shards[0]!, proofs }] });
    expect(out).toContain('../c.json: it is not there');
  });

  it.each(['', '{'])('calls a file of %j no certificate', async (text) => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'c.json'), text);
    expect((await weir(['verify', '--check', 'c.json'], { cwd })).code).toBe(2);
    expect((await weir(['verify', '--check', 'none.json'], { cwd })).code).toBe(3);
  });
});
