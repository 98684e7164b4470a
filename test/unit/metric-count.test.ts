import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inDeployment } from '../../lib/observability/metric.ts';
import { metrics as catalogue } from '../../lib/observability/metrics.ts';
import { type Emitted, metricsOfRoom } from '../support/emitted-metrics.ts';

const lambdas = join(import.meta.dirname, '..', '..', 'lambdas');
const BATCHED = 'application/cloudevents-batch+json';
const MOMENT = Date.parse('2026-11-21T07:30:00Z');

/** What is written beside the catalogue, for whoever looks closer; with `service` as the only dimension. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  ingest: ['status400', 'status401'],
  project: ['otherCauses', 'refused', 'quarantined', 'replayedCounted', 'replayedDuplicates'],
  archive: ['archivedRecords', 'archivedBytes'],
};

/** Every call of `countBy` in the rooms: its values are those of a type that is a closed list. */
const BY_OUTCOME = [
  "conclude/handler.ts countBy('recoveryRuns', { outcome: outcomeOf(run) })",
  "normalise/handler.ts countBy('deliveries', { outcome }, times)",
  "receive/handler.ts countBy('webhooks', { outcome })",
  "recover/handler.ts countBy('recoveryAsked', { outcome: what })",
];

/** Sends for so many tenants, each with a producer, key and subject of its own; of each tenth with all kinds of trouble. */
async function metricsFor(devices: number): Promise<ReadonlySet<Emitted>> {
  let texts: readonly string[] = [];
  const ingest = await metricsOfRoom(
    'ingest',
    async () => ({
      ...(await import('../support/ingest.ts')),
      ...(await import('../support/memory-credentials.ts')),
      ...(await import('../../lambdas/ingest/report-tally.ts')),
    }),
    async ({ startIngest, eventOf, keyOf, reportTally }) => {
      const room = startIngest({ report: reportTally });
      for (let device = 0; device < devices; device++) {
        const key = `${keyOf('k').slice(0, -8)}${String(device).padStart(8, '0')}`;
        room.credentials.put(key, { tenant: `tenant-${device}`, producer: `producer-${device}` });
        const sound = eventOf({
          id: `e${device}`,
          source: `/device/${device}`,
          subject: `subject-${device}`,
        });
        const late = { ...sound, id: `late${device}`, time: '2026-11-21T05:10:00Z' };
        const trouble = [sound, late, { ...sound, data: {} }, { ...sound, type: `type.of.${device}` }];
        const events = device % 10 === 0 ? [sound, ...trouble] : [sound];
        const headers = { 'content-type': BATCHED, 'x-api-key': key };
        await room.call({ body: JSON.stringify(events), headers });
        if (device % 10 === 0) await room.call({ body: `no JSON ${device}`, headers });
        if (device % 10 === 1)
          await room.call({ body: '[]', headers: { ...headers, 'x-api-key': `wk_${device}` } });
      }
      texts = room.log.records.map(({ text }) => text);
    },
  );
  const support = async () => ({
    ...(await import('../support/projector.ts')),
    ...(await import('../support/records.ts')),
    ...(await import('../support/memory-consumers.ts')),
    ...(await import('../support/validating-contracts.ts')),
  });
  const project = await metricsOfRoom(
    'project',
    async () => ({ ...(await support()), ...(await import('../../lambdas/project/report-metrics.ts')) }),
    async ({ World, rawRecord, validatingContracts, reportMetrics }) => {
      const world = new World(validatingContracts);
      const projector = world.instance();
      const records = texts.map((text) => rawRecord(Buffer.from(text)));
      // One that has another's id and other content.
      const again = rawRecord(
        Buffer.from(texts.find((text) => text.includes('"events"'))!.replace('"value":1', '"value":2')),
      );
      for (const batch of [records, [again], records])
        reportMetrics(await projector(batch), batch, MOMENT + 70_000);
    },
  );
  const archive = await metricsOfRoom(
    'archive',
    async () => ({
      ...(await support()),
      ...(await import('../../lambdas/archive/archive-batch.ts')),
      ...(await import('../../lambdas/archive/report-metrics.ts')),
    }),
    async ({
      MemoryArchive,
      MemoryManifest,
      MemoryShards,
      SHARD,
      rawRecord,
      archiveBatch,
      reportMetrics,
    }) => {
      const shards = new MemoryShards([{ shardId: SHARD, parents: [], open: true, startingHashKey: '0' }]);
      const ports = { archive: new MemoryArchive(), manifest: new MemoryManifest(), shards };
      const records = texts.map((text) => rawRecord(Buffer.from(text)));
      reportMetrics(await archiveBatch(records, ports), records, MOMENT + 400_000);
    },
  );
  return new Set([...ingest, ...project, ...archive]);
}

it('F13: 10,000 devices make no more metrics than 300: ids are in logs, never in dimensions', async () => {
  const [few, many] = [await metricsFor(300), await metricsFor(10_000)];
  expect([...many].sort()).toEqual([...few].sort());
  const ours = Object.values(catalogue)
    .map((spec) => inDeployment(spec, 'weir'))
    .filter(({ namespace }) => namespace === 'Weir/weir')
    .map(({ name, dimensions }) => {
      const pairs = Object.entries(dimensions).map(([dimension, value]) => `${dimension}=${value}`);
      return `Weir/weir ${name} ${pairs.sort().join(',')}`;
    });
  const beside = Object.entries(BESIDE).flatMap(([room, names]) =>
    names.map((name) => `Weir/weir ${name} service=${room}`),
  );
  expect([...few].filter((metric) => !ours.includes(metric) && !beside.includes(metric))).toEqual([]);
  // It has gone through what counts, late and twice and in conflict, and what does not.
  for (const name of [
    'accepted',
    'quarantined',
    'counted',
    'duplicates',
    'conflicts',
    'lateEvents',
    'endToEnd',
  ])
    expect([...few].join('\n')).toContain(` ${name} `);
  expect([...few].join('\n')).toContain(' archivedLate ');
});

it('F3: what a run proved is written, also where it is 0; of what is counted all day 0 is not', async () => {
  const written = await metricsOfRoom(
    'conclude',
    () => import('../../lambdas/platform/metrics.ts'),
    async ({ count, tell }) => {
      count({ repaired: 0, marks: 1 });
      tell({ bucketsDiffering: 0 });
    },
  );
  expect([...written].sort()).toEqual([
    'Weir/weir bucketsDiffering service=conclude',
    'Weir/weir marks service=conclude',
  ]);
});

it('rooms write metrics with a dimension more in these places only, and by platform/metrics.ts only', () => {
  const files = readdirSync(lambdas, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const sources = files.map((file): [string, string] => [file, readFileSync(join(lambdas, file), 'utf8')]);
  const by = (text: string) => sources.filter(([, source]) => source.includes(text)).map(([file]) => file);
  expect(by('@aws-lambda-powertools/metrics')).toEqual(['platform/metrics.ts']);
  expect(by('CloudWatchMetrics:')).toEqual([]);
  const calls = sources
    .filter(([file]) => file !== 'platform/metrics.ts')
    .flatMap(([file, source]) =>
      [...source.matchAll(/countBy\([^;]*\)(?=;)/g)].map(([call]) => `${file} ${call}`),
    );
  expect(calls.sort()).toEqual(BY_OUTCOME);
});
