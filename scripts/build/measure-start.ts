import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { sloReadingsOf } from '../../lib/observability/slo-readings.ts';

const run = promisify(execFile);
const RUNS = 3;
const SCRIPT = `const start = performance.now();
await import(process.argv[1]);
console.log(performance.now() - start);
process.exit();`;

/**
 * How long a fresh Node takes to import a room's bundle: what a cold start adds to the runtime's own start, on this
 * machine. Median of three, in ms. The room's environment is filled with placeholders, and nothing is called.
 */
export async function measureStart(root: string, room: string): Promise<number> {
  const bundle = pathToFileURL(join(root, 'build', 'lambda', room, 'handler.mjs')).href;
  const env = { ...(await placeholders(root, room)), NODE_OPTIONS: '--enable-source-maps' };
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', SCRIPT, bundle], {
      env,
    });
    times.push(Number(stdout.trim().split('\n').at(-1)));
  }
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)]!;
}

/**
 * A value for every name in capitals that the room's `env.ts` speaks of, and what Lambda and the constructs set. It is JSON,
 * for rooms that are given some.
 */
async function placeholders(root: string, room: string): Promise<Record<string, string>> {
  const text = await readFile(join(root, 'lambdas', room, 'env.ts'), 'utf8').catch(() => '');
  const names = text.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? [];
  return {
    ...Object.fromEntries(names.map((name) => [name, name.endsWith('_URL') ? 'http://localhost/' : '{}'])),
    SLOS: JSON.stringify(sloReadingsOf('weir', { retentionHours: 168, gatherSeconds: 0 })),
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'placeholder',
    AWS_SECRET_ACCESS_KEY: 'placeholder',
    POWERTOOLS_SERVICE_NAME: room,
    POWERTOOLS_METRICS_NAMESPACE: 'Weir/weir',
    LOG_LEVEL: 'ERROR',
  };
}
