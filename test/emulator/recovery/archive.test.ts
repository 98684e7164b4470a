import { randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { manifestKey } from '../../../lambdas/adapters/dynamo-manifest.ts';
import type { Item } from '../../../lambdas/domain/head-item.ts';
import { chainHash, sha256Hex } from '../../../lambdas/domain/manifest.ts';
import type { Certificate } from '../../../lambdas/domain/recovery/certificate.ts';
import { checkCertificate } from '../../../lambdas/domain/recovery/check-certificate.ts';
import type { GivenFile } from '../../../lambdas/domain/recovery/check-objects.ts';
import { runFiles } from '../../../lambdas/domain/recovery/run.ts';
import { opened } from '../../support/archived.ts';
import { deployed } from '../../support/deployed.ts';
import { aws, drained, newSender, query, reading, type Sender, sendAll } from '../../support/pipeline.ts';
import { filesOf, kindsOf, recover, runToEnd } from '../../support/recovery.ts';

const { ControlTable, ArchiveBucket } = deployed();
let sender: Sender;
/** Manifest entries of the objects that hold this test's events, in the order of their sending. */
const entries: Item[] = [];

const S = (item: Item, name: string) => (item[name] as { S: string }).S;
const put = (item: Item) =>
  aws.dynamo.send(
    new PutItemCommand({
      TableName: ControlTable,
      Item: item as NonNullable<PutItemCommand['input']['Item']>,
    }),
  );
const object = (entry: Item) => ({ Bucket: ArchiveBucket, Key: S(entry, 'key') });
async function bytesOf(entry: Item): Promise<Uint8Array> {
  const { Body } = await aws.s3.send(new GetObjectCommand(object(entry)));
  return Body!.transformToByteArray();
}
const dropVersion = (entry: Item) =>
  aws.s3.send(new DeleteObjectCommand({ ...object(entry), VersionId: S(entry, 'versionId') }));
const putBytes = (entry: Item, bytes: Uint8Array) =>
  aws.s3.send(new PutObjectCommand({ ...object(entry), Body: bytes }));

const verify = (more: object = {}) =>
  runToEnd({ verb: 'verify', requestId: `verify-${randomUUID()}`, ...more });

beforeAll(async () => {
  sender = await newSender('archive');
  // One object after the other of one subject, and so of one shard: its ingest instance numbers them in a row.
  for (let index = 0; index < 4; index++) {
    await sendAll(sender.apiKey, [reading('kept', index + 1)]);
    await drained();
  }
  for (const shard of await query(ControlTable, 'MANIFESTS')) {
    for (const entry of await query(ControlTable, manifestKey(S(shard, 'sk')), 'O#')) {
      if (JSON.stringify(entry.tenants).includes(sender.tenant)) entries.push(entry);
    }
  }
  expect(entries.length).toBeGreaterThanOrEqual(3);
});

/** A certificate's proof files, by name. */
async function proofsOf(requestId: string, { shards }: Certificate): Promise<Map<string, GivenFile>> {
  const { RunsBucket } = deployed();
  const proofs = new Map<string, GivenFile>();
  for (const { file } of shards.flatMap((shard) => shard.proofs)) {
    const Key = `runs/${requestId}/${runFiles.proof(file)}`;
    const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: RunsBucket, Key }));
    proofs.set(file, opened(await Body!.transformToByteArray()));
  }
  return proofs;
}

describe('verify', () => {
  it('finds an archive whole, accounts for every event, and certifies it so that it can be checked offline', async () => {
    const run = await verify({ certificate: true });
    expect(run.result!.findings).toEqual([]);
    expect(run.status).toBe('done');
    const { requestId } = run.request;
    const text = (await filesOf(requestId, 'certificate.json')).get('certificate.json')!;
    const certificate: Certificate = JSON.parse(text);
    const proofs = await proofsOf(requestId, certificate);
    expect(checkCertificate(certificate, proofs)).toEqual([]);
    const changed = { ...certificate, totals: { ...certificate.totals, counted: -1 } };
    expect(checkCertificate(changed, proofs)).not.toEqual([]);
  });

  it('names what was lost, changed, cut or taken out, and nothing when all is put back', async () => {
    const [lost, flipped, cut] = entries as [Item, Item, Item];
    const bytes = { lost: await bytesOf(lost), flipped: await bytesOf(flipped), cut: await bytesOf(cut) };

    await dropVersion(lost);
    const other = Buffer.from(bytes.flipped);
    other[other.length >> 1]! ^= 1;
    await dropVersion(flipped);
    await putBytes(flipped, other);
    await put({ ...cut, records: { N: String(Number((cut.records as { N: string }).N) + 1) } });
    const found = await verify();
    // A loss can't be repaired, and nothing is rewritten from an archive that is not whole.
    const refused = await runToEnd({
      ...{ verb: 'rebuild', tenant: sender.tenant, requestId: `refused-${randomUUID()}` },
    });
    await putBytes(lost, bytes.lost);
    await putBytes(flipped, bytes.flipped);
    await put(cut);

    expect(found.status).toBe('differs');
    expect(kindsOf(found)).toEqual(expect.arrayContaining(['chain-broken', 'object-changed', 'object-lost']));
    const said = found.result!.findings.map(({ where, detail }) => `${where} ${detail}`).join('\n');
    for (const entry of [lost, flipped]) expect(said).toContain(S(entry, 'first'));
    expect(said).toContain(sender.tenant);

    expect([refused.status, refused.error]).toEqual(['failed', expect.stringMatching(/verify/)]);
    expect((await verify()).result!.findings).toEqual([]);
  });

  it('finds an acknowledged record that somebody took out, whole chain made anew', async () => {
    const victim = entries[1]!;
    const shardId = S(victim, 'pk').slice('MANIFEST#'.length);
    const before = await query(ControlTable, manifestKey(shardId));
    const text = gunzipSync(await bytesOf(victim))
      .toString()
      .trimEnd()
      .split('\n');
    const left = text.filter((line) => !line.includes(sender.tenant));
    expect(left.length).toBeLessThan(text.length);
    // Some other record takes its place, so that no count betrays it.
    const bytes = gzipSync(`${[...left, ...text.slice(0, text.length - left.length)].join('\n')}\n`);
    const rechained = await rechain(shardId, victim, bytes);
    const found = await verify();
    for (const item of before) await put(item);
    await aws.s3.send(new DeleteObjectCommand({ Bucket: ArchiveBucket, Key: rechained }));
    expect(kindsOf(found).length).toBeGreaterThan(0);
    expect(kindsOf(found)).toContain('acked-missing');
    expect((await verify()).result!.findings).toEqual([]);
  });
});

/** What an insider with every permission but over the anchors would do: another object, and all links after it made anew. */
async function rechain(shardId: string, victim: Item, bytes: Uint8Array): Promise<string> {
  const key = `archive/forged/${randomUUID()}`;
  const { VersionId } = await aws.s3.send(
    new PutObjectCommand({ Bucket: ArchiveBucket, Key: key, Body: bytes }),
  );
  const items = await query(ControlTable, manifestKey(shardId), 'O#');
  let previous: string | undefined;
  for (const item of items) {
    const forged = S(item, 'first') === S(victim, 'first');
    if (forged) {
      const lines = gunzipSync(bytes).toString().trimEnd().split('\n');
      const sha256 = sha256Hex(bytes);
      const chain = chainHash(previous!, sha256, S(item, 'first'), S(item, 'last'), lines.length);
      await put({
        ...item,
        key: { S: key },
        versionId: { S: VersionId! },
        sha256: { S: sha256 },
        bytes: { N: String(bytes.length) },
        chain: { S: chain },
      });
      previous = chain;
    } else if (previous !== undefined && BigInt(S(item, 'first')) > BigInt(S(victim, 'first'))) {
      const chain = chainHash(
        previous,
        S(item, 'sha256'),
        S(item, 'first'),
        S(item, 'last'),
        Number((item.records as { N: string }).N),
      );
      await put({ ...item, chain: { S: chain } });
      previous = chain;
    } else previous = S(item, 'chain');
  }
  const [head] = await query(ControlTable, manifestKey(shardId), 'HEAD');
  await put({ ...head!, chain: { S: previous! } });
  return key;
}

describe('recover', () => {
  it('says what is allowed when it is asked wrongly, and that it is asked twice', async () => {
    await expect(recover({ verb: 'rewind', requestId: 'x' })).rejects.toThrow(/reconcile/);
    await expect(recover({ verb: 'reconcile', requestId: 'y', tennant: 'a' })).rejects.toThrow(/tenant/);
    const requestId = `twice-${randomUUID()}`;
    const request = { verb: 'verify', dryRun: true, requestId, operator: 'tests', reason: 'twice' };
    const answers = await Promise.all([recover(request), recover(request)]);
    expect(new Set(answers.map(({ execution }) => execution)).size).toBe(1);
    await expect(recover({ ...request, reason: 'other', certificate: true })).rejects.toThrow(/certificate/);
  });
});
