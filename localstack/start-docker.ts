import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getJson } from './endpoint.ts';
import { SetupError, tail } from './errors.ts';
import { freePort } from './ports.ts';
import { pretendedIn } from './pretended.ts';
import { runCommand } from './run-command.ts';
import type { RunningLocalStack, StartOptions } from './start.ts';

const START_LIMIT_MS = 120_000;
const composeFile = join(import.meta.dirname, 'compose.yaml');

/**
 * Starts LocalStack's image with Docker Compose. Functions run in containers then; the record of their calls, the
 * injected faults and the metrics from their logs are only there without Docker.
 */
export async function startDocker(options: StartOptions): Promise<RunningLocalStack> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const callsFile = join(dataDir, 'calls.ndjson');
  writeFileSync(callsFile, '');
  const port = await freePort(options.port);
  const compose = (...args: string[]) =>
    runCommand('docker', ['compose', '-f', composeFile, '-p', `weir-${port}`, ...args], {
      env: { ...process.env, WEIR_PORT: String(port) },
    });
  const logs = async () => (await compose('logs', '--no-color', '--no-log-prefix')).output;
  const stop = async () => {
    await compose('down', '--volumes', '--timeout', '5');
  };
  options.report('Starting LocalStack in Docker (the first time, its image is fetched) …');
  const up = await compose('up', '--detach', '--quiet-pull');
  if (up.status !== 0) throw new SetupError(`docker compose up failed:\n${tail(up.output, 15)}`);
  const end = Date.now() + START_LIMIT_MS;
  while ((await getJson(`http://127.0.0.1:${port}/_localstack/health`)) === undefined) {
    if (Date.now() > end) {
      const log = await logs();
      await stop();
      throw new SetupError(`LocalStack did not start in Docker. The end of its log:\n${tail(log, 25)}`);
    }
    await sleep(300);
  }
  return {
    endpoint: `http://localhost:${port}`,
    port,
    pid: undefined,
    logFile: join(dataDir, 'localstack.log'),
    callsFile,
    pretended: async () => pretendedIn(await logs()),
    ended: new Promise(() => {}),
    stop,
  };
}
