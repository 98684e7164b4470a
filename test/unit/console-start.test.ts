import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'console.ts');
const AWAY = 'http://127.0.0.1:1';

/** CloudWatch that knows no metric yet. */
async function cloudWatch(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end('{"MetricDataResults":[]}');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** `npm run console` for the Weir at an endpoint. */
function start(endpoint: string, args: readonly string[]) {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, AWS_ENDPOINT_URL: endpoint },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  let out = '';
  let err = '';
  const spoke = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      out += chunk;
      resolve();
    });
  });
  child.stderr.on('data', (chunk) => (err += chunk));
  return { child, ended, spoke: Promise.race([spoke, ended]), said: () => ({ out, err }) };
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('npm run console serves until %s', async (signal) => {
  const endpoint = await cloudWatch();
  const { child, ended, spoke, said } = start(endpoint, ['--json', '--port', '0']);
  await spoke;
  const { url } = JSON.parse(said().out);
  const about = await (await fetch(`${url}/api/about`)).json();
  expect(about).toMatchObject({ name: 'weir', where: endpoint, kind: 'local' });
  expect(await (await fetch(url)).text()).toContain('<title>Weir console</title>');
  child.kill(signal);
  expect(await ended).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

it('npm run console says what is wrong before there is a page, and what to do', async () => {
  const asText = start(AWAY, []);
  expect(await asText.ended).toBe(3);
  expect(asText.said()).toEqual({ out: '', err: expect.stringMatching(/does not answer.*\n.*npm start/) });
  expect(asText.said().err).not.toContain('    at ');
  const asJson = start(AWAY, ['--json', '--debug']);
  expect(await asJson.ended).toBe(3);
  expect(JSON.parse(asJson.said().out)).toMatchObject({ error: { exitCode: 3 } });
  expect(asJson.said().err).toContain('    at ');
});
