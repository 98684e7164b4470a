import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REGION } from '../emulate/dynamodb-local.ts';
import { CONTROL, STATE } from '../tables.ts';
import { type RoomFunction, roomFunctions } from './room-functions.ts';

const root = join(import.meta.dirname, '..', '..');
const runner = join(import.meta.dirname, 'run-room.mjs');
const REPORT_FD = 3;

/** What a process says of the bundle that it ran. */
export interface Report {
  readonly importMs: number;
  readonly readyMs: number;
  /** Of the whole process, and after each invocation. */
  readonly peakBytes: number;
  readonly peaks: readonly number[];
  /** Of the last invocation. */
  readonly result?: { readonly statusCode?: number; readonly batchItemFailures?: readonly unknown[] };
}

let functions: ReadonlyMap<string, RoomFunction> | undefined;

function functionOf(room: string): RoomFunction {
  functions ??= roomFunctions();
  const found = functions.get(room);
  if (!found) throw new Error(`no construct makes a function of the room ${room}`);
  return found;
}

/** Megabytes of the room's function. */
export function memoryOf(room: string): number {
  return functionOf(room).memoryMb;
}

export function bundleOf(room: string): string {
  return join(root, 'build', 'lambda', room, 'handler.mjs');
}

/** What Lambda and the constructs set, of all rooms together; services of this machine in the place of AWS's. */
export function functionsEnvironment(services: string, dynamo: string): NodeJS.ProcessEnv {
  const queue = (name: string) => `${services}/000000000000/${name}`;
  functions ??= roomFunctions();
  const settings = [...functions.values()].flatMap((each) => Object.entries(each.settings));
  return {
    ...Object.fromEntries(settings),
    ...{ AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' },
    ...{ AWS_ENDPOINT_URL: services, AWS_ENDPOINT_URL_DYNAMODB: dynamo, AWS_LAMBDA_FUNCTION_NAME: 'bench' },
    ...{ STREAM_NAME: 'log', STATE_TABLE: STATE.name, CONTROL_TABLE: CONTROL.name, DELIVERIES_TABLE: 'x' },
    ...{ ARCHIVE_BUCKET: 'archive', RUNS_BUCKET: 'runs', AUDIT_BUCKET: 'audit', BODY_BUCKET: 'bodies' },
    ...{ REPAIR_QUEUE_URL: queue('repair'), REPAIR_DEAD_QUEUE_URL: queue('repair-dead') },
    ...{ WEBHOOK_QUEUE_URL: queue('webhooks'), DEAD_LETTER_QUEUE_URL: queue('dead') },
    ...{ WEBHOOK_DEAD_LETTERS_ARN: 'arn:aws:sqs:us-east-1:000000000000:dead', BUILD: 'bench' },
    ...{ STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:bench' },
    ...{ POWERTOOLS_SERVICE_NAME: 'bench', POWERTOOLS_METRICS_NAMESPACE: 'Weir/bench', LOG_LEVEL: 'INFO' },
  };
}

/**
 * Runs a bundle in a process of its own, with the heap that Lambda's Node gets of so much memory.
 * @param eventFiles events that it takes one after the other
 */
export function runRoom(
  bundle: string,
  memoryMb: number,
  env: NodeJS.ProcessEnv,
  eventFiles: readonly string[] = [],
): Promise<Report> {
  const heap = [
    `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
    `--max-semi-space-size=${Math.floor(memoryMb * 0.05)}`,
  ];
  const args = ['--enable-source-maps', ...heap, runner, pathToFileURL(bundle).href, ...eventFiles];
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
