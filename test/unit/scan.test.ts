import { describe, expect, it } from 'vitest';
import type { Batch, Plan, Run } from '../../lambdas/domain/recovery/run.ts';
import { runFiles } from '../../lambdas/domain/recovery/run.ts';
import type { ShuffleLine } from '../../lambdas/domain/recovery/shuffle.ts';
import { PartitionReader } from '../../lambdas/platform/shuffle-files.ts';
import { scanBatch } from '../../lambdas/scan/scan-batch.ts';
import { asked } from '../support/archived.ts';
import { testContracts } from '../support/contracts.ts';
import { MemoryArchiveReader } from '../support/memory-archive-reader.ts';
import { MemoryManifest, MemoryManifestReader } from '../support/memory-consumers.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';
import type { Around } from '../support/memory-state.ts';

const REQUEST = {
  ...asked,
  verb: 'reconcile',
  repair: false,
  identities: false,
  rate: 1,
  maxLagSeconds: 1,
} as const;
const { requestId } = REQUEST;
const EVENT = { requestId, attempt: 1, batch: `runs/${requestId}/${runFiles.batch(3)}` };
const key = (subject: string, window = '2026-11-21T07') => ({
  tenant: 'acme',
  subject,
  type: 'test.sum',
  window,
});

async function prepare(
  batch: Batch | undefined,
  more: { request?: object; status?: string; around?: Around } = {},
) {
  const files = new MemoryRunFiles();
  const put = (name: string, value: unknown) =>
    files.put(requestId, name, Buffer.from(JSON.stringify(value)));
  const summary = { objects: 0, records: 0, events: 0, bytes: 0, batches: 0, partitions: 2, minutes: 0 };
  const request = { ...REQUEST, ...more.request } as Plan['request'];
  await put(runFiles.plan, { request, summary, knownAt: '', archivedTo: {}, projectedTo: {} } satisfies Plan);
  if (batch) await put(runFiles.batch(3), batch);
  const asking: string[] = [];
  const ports = {
    contracts: testContracts,
    archive: new MemoryArchiveReader(new Map()),
    manifest: new MemoryManifestReader(new MemoryManifest()),
    touched: {
      async *buckets(touched: string) {
        asking.push(touched);
        yield [key('alice'), key('bob')];
        yield [key('alice', '2026-11-20T07')];
      },
    },
    files: new MemoryRunFiles(more.around, files.files),
    runs: {
      find: async () => ({ request, attempt: 1, startedAt: '', status: more.status ?? 'running' }) as Run,
    },
  };
  return { files, ports, asking };
}

async function linesOf(files: MemoryRunFiles): Promise<ShuffleLine[]> {
  const lines: ShuffleLine[] = [];
  for (const partition of [0, 1])
    for await (const line of new PartitionReader(files, requestId, partition).lines()) lines.push(line);
  return lines;
}

const HEADS: Batch = { kind: 'heads', number: 3, touched: ['acme#2026-11#0', 'acme#2026-11#1'] };

describe('scan', () => {
  it('takes the buckets that there are, as far as they are asked for', async () => {
    const { files, ports, asking } = await prepare(HEADS, { request: { from: '2026-11-21T00:00:00Z' } });
    await scanBatch(EVENT, ports);
    expect(asking).toEqual(HEADS.kind === 'heads' && HEADS.touched);
    expect(await files.list(requestId, 'damaged/')).toEqual([]);
    const subjects = (await linesOf(files)).map((line) => 'key' in line && line.key.subject);
    expect(subjects.sort()).toEqual(['alice', 'alice', 'bob', 'bob']);
  });

  it('is not done twice, and its result comes last', async () => {
    const calls: string[] = [];
    const { files, ports, asking } = await prepare(HEADS, {
      around: (operation, moment) => void (moment === 'before' && calls.push(operation)),
    });
    await scanBatch(EVENT, ports);
    expect(calls.at(-1)).toBe('put');
    expect([...files.files.keys()].at(-1)).toBe(`${requestId}/${runFiles.scanned(3)}`);
    await scanBatch(EVENT, ports);
    expect(asking).toHaveLength(2);
  });

  it('killed at any call and begun again, comes to the same', async () => {
    const whole = await prepare(HEADS);
    await scanBatch(EVENT, whole.ports);
    for (let die = 0; ; die++) {
      let calls = 0;
      const killed = await prepare(HEADS, {
        around: () => {
          if (calls++ === die) throw new Error('died');
        },
      });
      const died = await scanBatch(EVENT, killed.ports).then(
        () => false,
        () => true,
      );
      if (!died) break;
      await scanBatch(EVENT, killed.ports);
      expect(killed.files.files).toEqual(whole.files.files);
    }
  });

  it('does nothing for a run that was cancelled', async () => {
    const { files, ports } = await prepare(HEADS, { status: 'cancelled' });
    const before = files.files.size;
    await expect(scanBatch(EVENT, ports)).rejects.toMatchObject({ name: 'RunCancelledError' });
    expect(files.files.size).toBe(before);
  });

  it('refuses a run whose files are gone, and says what to do', async () => {
    const { ports } = await prepare(undefined);
    await expect(scanBatch(EVENT, ports)).rejects.toMatchObject({
      name: 'RunRefusedError',
      message: expect.stringContaining('start the work as a new run'),
    });
  });

  it('says of a lost object what its manifest entry says, and how many are damaged', async () => {
    const object = { shardId: 'shard', key: 'archive/x', versionId: 'v', sha256: '', first: '1', last: '2' };
    const objects = [{ ...object, records: 2, events: 5, bytes: 9 }];
    const { files, ports } = await prepare({ kind: 'objects', number: 3, objects });
    const entry = {
      ...objects[0]!,
      ...{ arrived: { from: 'A', to: 'B' }, times: { from: 'C', to: 'D' }, chain: '' },
      ...{ tenants: ['acme'], types: 'many' as const, fingerprints: [] },
    };
    await scanBatch(EVENT, { ...ports, manifest: { entry: async () => entry } });
    const result = JSON.parse((await files.get(requestId, runFiles.scanned(3)))!.toString());
    expect(result.counts).toEqual({ objects: 1, damaged: 1, damagedEvents: 5 });
    expect(result.findings).toMatchObject([{ kind: 'object-lost', where: 'shard 1–2' }]);
    expect(await files.list(requestId, 'damaged/')).toEqual([runFiles.damaged(3)]);
    expect(result.findings[0].detail).toBe(
      'archive/x: it is gone. It held 2 records with 5 events, arrived A to B, of tenants acme, types many, of times C to D',
    );
  });
});
