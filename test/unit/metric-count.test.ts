import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { QueuedMessage } from '../../lambdas/domain/webhooks/queued.ts';
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
  receive: ['status401', 'status404'],
};

/** Every call of `countBy` in the rooms: its values are those of a type that is a closed list. */
const BY_OUTCOME = [
  "conclude/handler.ts countBy('recoveryRuns', { outcome: outcomeOf(run) })",
  "normalise/report-metrics.ts countBy('deliveries', { outcome }, times)",
  "receive/report-outcome.ts countBy('webhooks', { outcome })",
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
  return new Set([...ingest, ...project, ...archive, ...(await metricsOfWebhooks(devices))]);
}

/** Deliveries of as many endpoints; of each tenth ones that are refused, or can't be normalised. */
async function metricsOfWebhooks(devices: number): Promise<ReadonlySet<Emitted>> {
  const bodyOf = (device: number) =>
    Buffer.from(
      JSON.stringify({
        kind: device % 10 === 0 ? `kind-${device}` : 'reading',
        device: `s${device}`,
        value: 1,
      }),
    );
  const memory = () => import('../support/memory-webhooks.ts');
  let queued: readonly QueuedMessage[] = [];
  const receive = await metricsOfRoom(
    'receive',
    async () => ({
      ...(await memory()),
      ...(await import('../support/receive.ts')),
      ...(await import('../../lambdas/receive/report-outcome.ts')),
    }),
    async ({ startReceive, signedByGitHub, endpointOf, reportOutcome }) => {
      const room = startReceive(endpointOf(), { report: reportOutcome });
      for (let device = 0; device < devices; device++) {
        const endpoint = `we_${String(device).padStart(32, '0')}`;
        const { secretId } = room.endpoint;
        const names = { tenant: `tenant-${device}`, name: `hook-${device}` };
        room.endpoints.endpoints.set(endpoint, endpointOf({ endpoint, secretId, ...names }));
        const body = bodyOf(device);
        await room.call(body, signedByGitHub(body, `d${device}`), endpoint);
        if (device % 10 > 0) continue;
        await room.call(body, signedByGitHub(body, `d${device}`, 'another-secret'), endpoint);
        await room.call(body, {}, endpoint);
        await room.call(body, {}, `we_${'n'.repeat(22)}${String(device).padStart(10, '0')}`);
      }
      queued = room.queue.messages;
    },
  );
  const normalise = await metricsOfRoom(
    'normalise',
    async () => ({
      ...(await memory()),
      ...(await import('../support/memory-fingerprints.ts')),
      ...(await import('../support/memory-log.ts')),
      ...(await import('../support/validating-contracts.ts')),
      ...(await import('../../lambdas/normalise/normalise-batch.ts')),
      ...(await import('../../lambdas/normalise/report-metrics.ts')),
    }),
    async (code) => {
      const clock = { now: () => MOMENT };
      const rules = [
        {
          ...{ when: 'reading', type: 'test.reading', subject: '/device' },
          ...{ time: { value: '/at', orReceipt: true }, data: { value: '/value' } },
        },
      ];
      const endpoints = new code.MemoryEndpoints();
      const ports = {
        ...{ clock, endpoints, contracts: code.validatingContracts, log: new code.MemoryLog() },
        ...{ bodies: new code.MemoryBodies(), deliveries: new code.MemoryDeliveries(clock.now) },
        ...{ fingerprints: new code.MemoryFingerprints(), random: { fraction: () => 0.5, hex: () => '00' } },
        sleep: async () => {},
      };
      const messages = queued.map((message, at) => {
        const { endpoint, tenant, name } = message;
        // Of some nobody knows the endpoint any more, and these come again.
        const mapping = { event: '/kind', id: '/value', rules };
        if (at % 7 > 0)
          endpoints.endpoints.set(endpoint, code.endpointOf({ endpoint, tenant, name, mapping }));
        return { id: `m${at}`, text: JSON.stringify(message) };
      });
      for (let at = 0; at < messages.length; at += 1000)
        code.reportMetrics(await code.normaliseBatch(messages.slice(at, at + 1000), ports, MOMENT + 20_000));
    },
  );
  return new Set([...receive, ...normalise]);
}

/** Rooms that no device reaches, and whose metrics are of runs, looks or batches: what each writes is in the log tests. */
const NOT_REACHED = [
  ...['anchor', 'conclude', 'fold', 'guard', 'mark', 'plan', 'probe', 'recover'],
  ...['repair', 'resend', 'scan', 'sweep', 'watch'],
];

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
  // By outcome, of which those that no alarm is about are beside the catalogue too.
  const byOutcome = /^Weir\/weir (webhooks|deliveries) outcome=[a-z-]+,service=(receive|normalise)$/;
  const known = (metric: Emitted) =>
    ours.includes(metric) || beside.includes(metric) || byOutcome.test(metric);
  expect([...few].filter((metric) => !known(metric))).toEqual([]);
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
  for (const outcome of ['queued', 'signature-mismatch', 'unknown-endpoint'])
    expect(few).toContain(`Weir/weir webhooks outcome=${outcome},service=receive`);
  expect(few).toContain('Weir/weir deliveries outcome=accepted,service=normalise');
  expect(few).toContain('Weir/weir deliveriesFailed service=normalise');
});

it('F13: every room that writes metrics is one of those that devices reach, or is known not to be', () => {
  const writing = readdirSync(lambdas, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['platform', 'domain', 'adapters'].includes(entry.name))
    .map(({ name }) => name)
    .filter((room) =>
      readdirSync(join(lambdas, room)).some((file) =>
        readFileSync(join(lambdas, room, file), 'utf8').includes('platform/metrics.ts'),
      ),
    );
  const reached = ['ingest', 'project', 'archive', 'receive', 'normalise'];
  expect(writing.toSorted()).toEqual([...reached, ...NOT_REACHED].toSorted());
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
