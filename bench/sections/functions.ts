import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../scripts/build.ts';
import type { DynamoDbLocal } from '../emulate/dynamodb-local.ts';
import { startPretendServices } from '../emulate/pretend-services.ts';
import {
  contractsRequest,
  earlier,
  fullBatch,
  fullRequest,
  usageRequest,
} from '../functions/lambda-events.ts';
import { bundleOf, functionsEnvironment, memoryOf, type Report, runRoom } from '../functions/run-bundle.ts';
import { amount, bar, megabytes, table } from '../report/tables.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { TABLES } from '../tables.ts';
import { putCredential } from '../weir-ingest.ts';
import { NO_LOG, startProjector } from '../weir-projector.ts';

const STARTS = 7;
const QUICK_STARTS = 3;
const PROJECTOR_LIMIT = 256 * 2 ** 20;

/** One invocation that a function must take within its memory. */
interface Load {
  readonly room: string;
  readonly what: string;
  readonly event: () => object;
  /** What is in state by then. @default - nothing of it */
  readonly before?: (dynamo: DynamoDbLocal) => Promise<void>;
}

const LOADS: readonly Load[] = [
  { room: 'ingest', what: 'a request of 4 MiB, 1,000 events', event: fullRequest },
  { room: 'usage', what: 'a day of one meter by hour', event: usageRequest },
  { room: 'catalogue', what: 'all contracts', event: contractsRequest },
  { room: 'project', what: '6 MB in records of one event', event: () => fullBatch(1) },
  { room: 'project', what: '6 MB in records of 1,000 events', event: () => fullBatch(1000) },
  {
    room: 'project',
    what: '10,000 records, more than 6 MB',
    event: () => fullBatch(1, Number.POSITIVE_INFINITY),
  },
  {
    room: 'project',
    what: '6 MB, after a cold start, a million ids to read',
    event: () => fullBatch(PER_RECORD),
    before: countAMillion,
  },
  { room: 'archive', what: '6 MB in records of one event', event: () => fullBatch(1) },
  { room: 'mark', what: 'one shard', event: () => ({}) },
];

/** Forty subjects with 25,000 events each; a full batch of 200 events a record has records of as many. */
const MILLION = { subjects: 40, eventsEach: 5000, records: 5 };
const PER_RECORD = 200;

interface Size {
  readonly room: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Medians over fresh processes. */
  readonly importMs: number;
  /** Time to a ready function, as a multiple of a Node that imports nothing. */
  readonly startRatio: number;
}

interface Peak {
  readonly room: string;
  readonly what: string;
  readonly payloadBytes: number;
  readonly peakBytes: number;
  readonly memoryBytes: number;
}

/** Bundles, cold starts, and memory under the largest invocation, each in fresh processes with Lambda's heap limits. */
export async function functions(context: BenchContext): Promise<SectionResult> {
  const services = await startPretendServices();
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  const env = functionsEnvironment(services.endpoint, context.dynamo.endpoint);
  try {
    await context.dynamo.reset(TABLES);
    const unmetered = context.dynamo.client();
    await putCredential(unmetered);
    unmetered.destroy();
    const sizes = await measureSizes(folder, env, context);
    const peaks: Peak[] = [];
    for (const [index, load] of LOADS.entries()) {
      context.progress('memory of functions', index / LOADS.length);
      await load.before?.(context.dynamo);
      peaks.push(await measurePeak(load, folder, env));
    }
    return toResult(sizes, peaks);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await services.stop();
  }
}

async function measureSizes(folder: string, env: NodeJS.ProcessEnv, context: BenchContext): Promise<Size[]> {
  const empty = join(folder, 'empty.mjs');
  writeFileSync(empty, 'export const handler = () => {};\n');
  const starts = context.quick ? QUICK_STARTS : STARTS;
  const { rooms } = await build({ quiet: true });
  const idle: number[] = [];
  const measured: (Omit<Size, 'startRatio'> & { readonly readyMs: number })[] = [];
  for (const [index, { room, bytes, gzipBytes }] of rooms.entries()) {
    context.progress('cold starts', index / rooms.length);
    const ready: Report[] = [];
    for (let start = 0; start < starts; start++) {
      idle.push((await runRoom(empty, memoryOf(room), env)).readyMs);
      ready.push(await runRoom(bundleOf(room), memoryOf(room), env));
    }
    const importMs = median(ready.map((report) => report.importMs));
    const readyMs = median(ready.map((report) => report.readyMs));
    measured.push({ room, bytes, gzipBytes, importMs, readyMs });
  }
  const idleMs = median(idle);
  return measured.map(({ readyMs, ...size }) => ({ ...size, startRatio: readyMs / idleMs }));
}

/** As many ids as a projector caches, in the buckets that the batch is for. */
async function countAMillion(dynamo: DynamoDbLocal): Promise<void> {
  await dynamo.reset(TABLES);
  const client = dynamo.client();
  const project = startProjector(client, NO_LOG);
  for (const records of earlier(MILLION.subjects, MILLION.eventsEach, MILLION.records))
    await project(records);
  client.destroy();
}

async function measurePeak(
  { room, what, event }: Load,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Peak> {
  const file = join(folder, 'event.json');
  const payload = JSON.stringify(event());
  writeFileSync(file, payload);
  const { peakBytes, result } = await runRoom(bundleOf(room), memoryOf(room), env, [file]);
  if ((result?.statusCode ?? 200) >= 300 || (result?.batchItemFailures?.length ?? 0) > 0)
    throw new Error(`${room} did not take ${what}: ${JSON.stringify(result).slice(0, 400)}`);
  return { room, what, payloadBytes: payload.length, peakBytes, memoryBytes: memoryOf(room) * 2 ** 20 };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function toResult(sizes: readonly Size[], peaks: readonly Peak[]): SectionResult {
  const slowest = Math.max(...sizes.map(({ startRatio }) => startRatio));
  const projector = peaks.filter(({ room }) => room === 'project');
  return {
    title: 'Functions: bundles, cold starts, memory',
    text: [
      table(
        ['function', 'bundle KB', 'gzip KB', 'import ms', 'start to an empty Node’s', ''],
        sizes.map(({ room, bytes, gzipBytes, importMs, startRatio }) => [
          room,
          amount(bytes / 1024),
          amount(gzipBytes / 1024),
          amount(importMs),
          `${startRatio.toFixed(2)} ×`,
          bar(startRatio, slowest).padEnd(20),
        ]),
      ),
      table(
        ['function under load', 'payload', 'most memory', 'of', ''],
        peaks.map(({ room, what, payloadBytes, peakBytes, memoryBytes }) => [
          `${room}: ${what}`,
          megabytes(payloadBytes),
          megabytes(peakBytes),
          megabytes(memoryBytes),
          bar(peakBytes, memoryBytes).padEnd(20),
        ]),
      ),
      'Memory is the highest resident size of the whole process, its start included. Milliseconds are this machine’s.',
    ].join('\n'),
    data: { sizes, peaks },
    targets: projector.map(({ what, peakBytes }) => ({
      name: `memory of project: ${what}`,
      value: peakBytes / 2 ** 20,
      limit: PROJECTOR_LIMIT / 2 ** 20,
      unit: 'MB',
    })),
  };
}
