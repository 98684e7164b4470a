import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../scripts/build.ts';
import { type DynamoDbLocal, REGION } from '../emulate/dynamodb-local.ts';
import { startPretendServices } from '../emulate/pretend-services.ts';
import {
  contractsRequest,
  earlier,
  fullBatch,
  fullRequest,
  usageRequest,
} from '../functions/lambda-events.ts';
import { amount, bar, megabytes, table } from '../report/tables.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { CONTROL, STATE, TABLES } from '../tables.ts';
import { putCredential } from '../weir-ingest.ts';
import { NO_LOG, startProjector } from '../weir-projector.ts';

const root = join(import.meta.dirname, '..', '..');
const runner = join(root, 'bench', 'functions', 'run-room.mjs');
const STARTS = 7;
const QUICK_STARTS = 3;
const PROJECTOR_LIMIT = 256 * 2 ** 20;
const REPORT_FD = 3;

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

/** Megabytes that lib/constructs/ gives each function. */
const MEMORY: Readonly<Record<string, number>> = { ingest: 512, archive: 512 };
const DEFAULT_MEMORY = 256;

interface Report {
  readonly importMs: number;
  readonly readyMs: number;
  readonly peakBytes: number;
  readonly result?: { readonly statusCode?: number; readonly batchItemFailures?: readonly unknown[] };
}

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
  const env = environment(services.endpoint, context.dynamo.endpoint);
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
  const { peakBytes, result } = await runRoom(bundleOf(room), memoryOf(room), env, file);
  if ((result?.statusCode ?? 200) >= 300 || (result?.batchItemFailures?.length ?? 0) > 0)
    throw new Error(`${room} did not take ${what}: ${JSON.stringify(result).slice(0, 400)}`);
  return { room, what, payloadBytes: payload.length, peakBytes, memoryBytes: memoryOf(room) * 2 ** 20 };
}

function memoryOf(room: string): number {
  return MEMORY[room] ?? DEFAULT_MEMORY;
}

function bundleOf(room: string): string {
  return join(root, 'build', 'lambda', room, 'handler.mjs');
}

/** What Lambda and the constructs set; services of this machine in the place of AWS's. */
function environment(services: string, dynamo: string): NodeJS.ProcessEnv {
  return {
    ...{ AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' },
    ...{ AWS_ENDPOINT_URL: services, AWS_ENDPOINT_URL_DYNAMODB: dynamo, AWS_LAMBDA_FUNCTION_NAME: 'bench' },
    ...{
      STREAM_NAME: 'log',
      STATE_TABLE: STATE.name,
      CONTROL_TABLE: CONTROL.name,
      ARCHIVE_BUCKET: 'archive',
    },
    ...{ REPAIR_QUEUE_URL: `${services}/000000000000/repair`, BUILD: 'bench' },
    ...{ POWERTOOLS_SERVICE_NAME: 'bench', POWERTOOLS_METRICS_NAMESPACE: 'Weir', LOG_LEVEL: 'INFO' },
  };
}

/** Runs a bundle in a process of its own, with the heap that Lambda's Node gets of so much memory. */
function runRoom(
  bundle: string,
  memoryMb: number,
  env: NodeJS.ProcessEnv,
  eventFile?: string,
): Promise<Report> {
  const heap = [
    `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
    `--max-semi-space-size=${Math.floor(memoryMb * 0.05)}`,
  ];
  const args = [
    '--enable-source-maps',
    ...heap,
    runner,
    pathToFileURL(bundle).href,
    ...(eventFile ? [eventFile] : []),
  ];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  let [report, errors] = ['', ''];
  child.stdio[REPORT_FD]!.on('data', (chunk: Buffer) => {
    report += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && report) resolve(JSON.parse(report) as Report);
      else reject(new Error(`${bundle} ended with ${code}: ${errors.slice(-2000)}`));
    });
  });
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
