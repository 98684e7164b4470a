import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type RunningLocalStack, startLocalStack } from '../../localstack/start.ts';
import { deployed } from './deployed.ts';

/** A LocalStack for tests, with what an AWS client needs to talk to it. */
export interface Emulator {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** NDJSON of the permissions that functions' calls needed; see `localstack/python/weir_localstack/recorder.py`. */
  readonly callsFile: string;
}

const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/**
 * Starts a LocalStack of the calling test file's own, with faults allowed, and ends it after the file's tests.
 *
 * @param env variables for LocalStack, such as `LAMBDA_KEEPALIVE_MS`
 */
export async function ownEmulator(env: Record<string, string> = {}): Promise<Emulator & RunningLocalStack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-localstack-'));
  const running = await startLocalStack({ dataDir, report: () => {}, env: { WEIR_FAULTS: '1', ...env } });
  afterAll(async () => {
    await running.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { ...running, region: REGION, credentials: CREDENTIALS };
}

let started: Promise<Emulator> | undefined;

/** The LocalStack of the run, when a global set-up has started one, else one for this test file. */
export function emulator(): Promise<Emulator> {
  if (process.env.WEIR_TEST_DEPLOYED) {
    const { endpoint, callsFile } = deployed();
    return Promise.resolve({ endpoint, region: REGION, credentials: CREDENTIALS, callsFile });
  }
  started ??= ownEmulator();
  return started;
}

/** What a test makes fail; see `localstack/python/weir_localstack/faults.py`. */
export interface Fault {
  readonly service: string;
  readonly operation: string;
  readonly mode: 'before' | 'after' | 'drop' | 'delay' | 'partial';
  /** The calling function's name or its beginning. @default calls of everybody */
  readonly function?: string;
  /** The error's code. @default InternalServerError */
  readonly error?: string;
  /** @default 500 */
  readonly status?: number;
  /** How many calls fail. @default all */
  readonly times?: number;
  /** How many matching calls go through first. @default 0 */
  readonly skip?: number;
  /** From 0 to 1. @default 1 */
  readonly probability?: number;
  readonly delayMs?: number;
}

/** A rule and how often it struck. */
export interface FaultReport extends Fault {
  readonly id: number;
  readonly hits: number;
  readonly seen: number;
}

async function ask<T>(method: string, url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Makes calls fail over the wire from now on. */
export const addFault = (endpoint: string, fault: Fault): Promise<FaultReport> =>
  ask('POST', `${endpoint}/_weir/faults`, fault);

/** All rules, with how often each has struck. */
export const listFaults = (endpoint: string): Promise<FaultReport[]> =>
  ask('GET', `${endpoint}/_weir/faults`);

/** Lets all calls through again. */
export const clearFaults = (endpoint: string): Promise<void> => ask('DELETE', `${endpoint}/_weir/faults`);

/** Kills the processes of functions (by name or its beginning) that are in an invocation; returns how many. */
export const killFunction = async (endpoint: string, name: string): Promise<number> =>
  (await ask<{ killed: number }>('POST', `${endpoint}/_weir/kill`, { function: name })).killed;

/** A running process of a function. */
export interface FunctionProcess {
  readonly function: string;
  readonly pid: number;
  readonly busy: boolean;
}

/** The functions' processes that exist now. */
export const functionProcesses = async (endpoint: string): Promise<FunctionProcess[]> =>
  (await ask<{ functions: FunctionProcess[] }>('GET', `${endpoint}/_weir/status`)).functions;

/** Asks again until there is an answer that is not undefined; fails after a minute, or what else is said. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  withinMs = 60_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not seen within ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
