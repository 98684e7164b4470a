import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Item } from '../../../lambdas/domain/head-item.ts';
import type { Run } from '../../../lambdas/domain/recovery/run.ts';
import { drained, newSender, reading, type Sender, sendAll } from '../../support/pipeline.ts';
import { deleteState, itemsOf, meaningOf, putState, runToEnd } from '../../support/recovery.ts';

const subjects = ['whole', 'deleted', 'changed', 'unpaged', 'strange', 'model'];
let sender: Sender;
let before: Record<string, unknown>;

const sk = (item: Item) => (item.sk as { S: string }).S;
const kindBySubject = ({ result }: Run) =>
  Object.fromEntries(result!.findings.map(({ where, kind }) => [where.replace(/^.*#(\w+) .*$/, '$1'), kind]));
const head = async (subject: string) =>
  (await itemsOf(sender.tenant, subject)).find((item) => sk(item).startsWith('B#network.transfer#'))!;

beforeAll(async () => {
  sender = await newSender('recovery');
  // 150 events of one hour are more than a head holds: the older ones are in pages.
  const time = `${new Date(Date.now() - 7_200_000).toISOString().slice(0, 13)}:10:00Z`;
  const events = subjects.flatMap((subject) =>
    Array.from({ length: 150 }, (_, index) => reading(subject, index + 0.25, { time })),
  );
  await sendAll(sender.apiKey, events);
  await drained();
  before = await meaningOf(sender.tenant);
});

describe('F3: state that somebody changed', () => {
  it('is found, bucket by bucket, and made right from the archive', async () => {
    await deleteState(await head('deleted'));
    const changed = await head('changed');
    await putState({
      ...changed,
      m: { M: { ...(changed.m as { M: object }).M, bytes: { M: { all: { N: '1' } } } } },
    });
    const page = (await itemsOf(sender.tenant, 'unpaged')).find((item) => sk(item).startsWith('P#'))!;
    await deleteState(page);
    const strange = await head('strange');
    const ids = Buffer.concat([
      (strange.ids as { B: Uint8Array } | undefined)?.B ?? Buffer.alloc(0),
      randomBytes(16),
    ]);
    await putState({ ...strange, ids: { B: ids } });
    const model = await head('model');
    await putState({ ...model, pk: { S: `${sender.tenant}#nobody` } });

    const look = { verb: 'reconcile', tenant: sender.tenant };
    const found = await runToEnd({ ...look, requestId: `look-${randomUUID()}` });
    expect(found.status).toBe('differs');
    expect(kindBySubject(found)).toEqual({
      deleted: 'missing-bucket',
      changed: 'aggregates-differ',
      unpaged: 'page-missing',
      strange: 'extra-ids',
      nobody: 'extra-bucket',
    });

    const repaired = await runToEnd({ ...look, repair: true, requestId: `repair-${randomUUID()}` });
    expect(repaired.status).toBe('differs');
    await drained();
    expect(await meaningOf(sender.tenant)).toEqual(before);

    const again = await runToEnd({ ...look, requestId: `again-${randomUUID()}` });
    expect(again.result!.findings).toEqual([]);
    expect(again.status).toBe('done');
  });
});

describe('P4 rebuildable', () => {
  it('comes back from the archive alone when all of it is lost, digest for digest', async () => {
    for (const subject of subjects)
      for (const item of await itemsOf(sender.tenant, subject)) await deleteState(item);
    expect(await meaningOf(sender.tenant)).toEqual({});
    const run = await runToEnd({ verb: 'rebuild', tenant: sender.tenant, requestId: `lost-${randomUUID()}` });
    expect(run.status).toBe('done');
    expect(await meaningOf(sender.tenant)).toEqual(before);
    // And it goes on from there.
    await sendAll(sender.apiKey, [reading('whole', 1)]);
    await drained();
    expect(Object.keys(await meaningOf(sender.tenant)).length).toBeGreaterThanOrEqual(subjects.length);
  });
});
