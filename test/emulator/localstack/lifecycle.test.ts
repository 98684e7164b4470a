// Starting and ending: nothing is left behind, however a run ends, and what is missing is said clearly.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processTree, sendSignal, waitUntilGone } from '../../../localstack/process-tree.ts';
import { type RunningLocalStack, startLocalStack } from '../../../localstack/start.ts';
import { eventually, functionProcesses } from '../../support/localstack.ts';
import { RawFunctions } from '../../support/raw-functions.ts';

const AWS = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const startModule = resolve(import.meta.dirname, '../../../localstack/start.ts');
const setupModule = resolve(import.meta.dirname, '../../../localstack/setup.ts');

let folder: string;
/** What a failed test would leave. */
let ends: (() => void | Promise<void>)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-lifecycle-'));
  ends = [];
});
afterEach(async () => {
  for (const end of ends) await end();
  rmSync(folder, { recursive: true, force: true });
});

async function start(env: Record<string, string> = {}): Promise<RunningLocalStack> {
  const running = await startLocalStack({ dataDir: join(folder, 'data'), report: () => {}, env });
  ends.push(() => running.stop());
  return running;
}

/** Has LocalStack start all of its kinds of processes: Java, kinesis-local and a function in an invocation. */
async function fillTree(endpoint: string): Promise<void> {
  const dynamodb = new DynamoDBClient({ ...AWS, endpoint });
  const kinesis = new KinesisClient({ ...AWS, endpoint, requestHandler: new NodeHttpHandler() });
  const functions = new RawFunctions({ ...AWS, endpoint, callsFile: '' });
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'tree',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
  await kinesis.send(new CreateStreamCommand({ StreamName: 'tree', ShardCount: 1 }));
  const name = await functions.create(
    "import { spawn } from 'node:child_process'; export const handler = async () => { spawn('sleep', ['300'], { detached: true }); for (;;); };",
    { Timeout: 300 },
  );
  functions.invoke(name).catch(() => {});
  await eventually('a busy function', async () =>
    (await functionProcesses(endpoint)).find(({ busy }) => busy),
  );
}

/** The processes of a LocalStack, once all kinds of them are there. */
const fullTree = (pid: number): Promise<number[]> =>
  eventually('java, kinesis-local, a function and its child', async () => {
    const tree = await processTree(pid);
    return tree.length >= 6 ? tree : undefined;
  });

/** Runs a few lines of TypeScript in a process of its own. */
function runScript(code: string, env: NodeJS.ProcessEnv): { child: ChildProcess; output: Promise<string> } {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ends.push(() => void child.kill('SIGKILL'));
  const output = new Promise<string>((done) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
    child.on('close', () => done(text));
  });
  return { child, output };
}

describe('the whole tree ends', () => {
  test('at stop', async () => {
    const running = await start();
    await fillTree(running.endpoint);
    const tree = await fullTree(running.pid as number);
    await running.stop();
    expect(await waitUntilGone(tree, 0)).toEqual([]);
    await running.stop();
  });

  test('when the launcher is killed', async () => {
    const dataDir = join(folder, 'data');
    const code = `import { startLocalStack } from ${JSON.stringify(startModule)};
      const { endpoint, pid } = await startLocalStack({ dataDir: ${JSON.stringify(dataDir)}, report: () => {} });
      console.log(JSON.stringify({ endpoint, pid }));
      setInterval(() => {}, 1000);`;
    const { child } = runScript(code, process.env);
    const line = await new Promise<string>((done) =>
      child.stdout?.once('data', (chunk) => done(String(chunk))),
    );
    const { endpoint, pid } = JSON.parse(line);
    await fillTree(endpoint);
    const tree = await fullTree(pid);
    child.kill('SIGKILL');
    expect(await waitUntilGone(tree, 30_000)).toEqual([]);
  });

  test('when LocalStack itself is killed', async () => {
    const running = await start();
    await fillTree(running.endpoint);
    const tree = await fullTree(running.pid as number);
    const { pid } = (await (await fetch(`${running.endpoint}/_weir/status`)).json()) as { pid: number };
    sendSignal(pid, 'SIGKILL');
    expect(await waitUntilGone(tree, 30_000)).toEqual([]);
  });

  test('when the supervisor is killed', async () => {
    const running = await start();
    await fillTree(running.endpoint);
    const tree = await fullTree(running.pid as number);
    sendSignal(running.pid as number, 'SIGKILL');
    await running.ended;
    expect(await waitUntilGone(tree, 30_000)).toEqual([]);
  });
});

test('an idle process of a function ends, with its folder', async () => {
  const running = await start({ LAMBDA_KEEPALIVE_MS: '500' });
  const functions = new RawFunctions({ ...AWS, endpoint: running.endpoint, callsFile: '' });
  const name = await functions.create(
    "import { writeFileSync } from 'node:fs'; import { tmpdir } from 'node:os'; export const handler = async () => { writeFileSync(tmpdir() + '/x', 'x'); return [process.pid, tmpdir()]; };",
  );
  const [pid, temporary] = (await functions.invoke(name)).payload as [number, string];
  expect(temporary.startsWith(folder)).toBe(true);
  expect(await waitUntilGone([pid], 30_000)).toEqual([]);
  const left = () => readdirSync(join(folder, 'data', 'tmp')).filter((file) => file.startsWith('function-'));
  await eventually('its folder to be removed', async () => (left().length === 0 ? true : undefined));
  expect((await functions.invoke(name)).payload[0]).not.toBe(pid);
});

test('an earlier run leaves no state', async () => {
  const first = await start();
  await fillTree(first.endpoint);
  await first.stop();
  const second = await start();
  expect(await functionProcesses(second.endpoint)).toEqual([]);
});

describe('a start that cannot be is refused', () => {
  const listen = (): Promise<{ server: Server; port: number }> =>
    new Promise((done) => {
      const server = createServer();
      server.listen(0, '127.0.0.1', () =>
        done({ server, port: (server.address() as { port: number }).port }),
      );
    });

  test('for a port in use, with who uses it and how to choose another', async () => {
    const { server, port } = await listen();
    ends.push(() => void server.close());
    const start = startLocalStack({ port, dataDir: join(folder, 'data'), report: () => {} });
    await expect(start).rejects.toThrow(new RegExp(`Port ${port} is in use by .*WEIR_PORT`));
  });

  test('for a folder in use, with where its LocalStack is', async () => {
    const running = await start();
    await expect(start()).rejects.toThrow(`runs already, at ${running.endpoint}`);
    expect(await functionProcesses(running.endpoint)).toEqual([]);
  });

  /** A PATH with nothing but the named programs on it. */
  function pathOf(programs: Record<string, string>): string {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const [name, target] of Object.entries(programs)) symlinkSync(target, join(bin, name));
    return bin;
  }

  const install = (env: NodeJS.ProcessEnv) =>
    runScript(
      `import { ensureInstalled } from ${JSON.stringify(setupModule)};
       await ensureInstalled(console.log).catch((error) => console.log(error.name + ': ' + error.message));`,
      { HOME: folder, ...env },
    ).output;

  test('without Python', async () => {
    const output = await install({ PATH: pathOf({ java: '/bin/true' }) });
    expect(output).toMatch(/SetupError: LocalStack needs Python 3\.13 or newer.*Install it/s);
  });

  test('without Java', async () => {
    // Any program that succeeds is a Python to the search: that only asks whether it runs.
    const output = await install({ PATH: pathOf({ 'python3.13': '/bin/true', mvn: '/bin/true' }) });
    expect(output).toMatch(
      /^SetupError: DynamoDB Local needs Java 17 or newer, and java does not run\. Install it/m,
    );
  });

  test('without Maven', async () => {
    const java = join(folder, 'java.sh');
    writeFileSync(java, '#!/bin/sh\necho "    java.home = /"; echo "    java.specification.version = 21"\n', {
      mode: 0o755,
    });
    const output = await install({
      PATH: pathOf({ 'python3.13': '/bin/true', java, sh: '/bin/sh', echo: '/bin/echo' }),
    });
    expect(output).toMatch(
      /^SetupError: DynamoDB Local is installed with Maven, and mvn does not run\. Install it/,
    );
  });

  test.each([
    'https://dynamodb.us-east-1.amazonaws.com',
    'https://lambda.us-east-1.api.aws',
    'https://kinesis.cn-north-1.amazonaws.com.cn',
  ])('for the endpoint of AWS itself: %s', async (endpoint) => {
    const code = `import { startLocalStack } from ${JSON.stringify(startModule)};
      await startLocalStack({ dataDir: '/', report: () => {} }).catch((error) => console.log(error.name + ': ' + error.message));`;
    const { output } = runScript(code, { ...process.env, AWS_ENDPOINT_URL: endpoint });
    expect(await output).toMatch(/SetupError: AWS_ENDPOINT_URL is '.*', which is AWS itself/);
  });

  test('for an endpoint where nothing answers', async () => {
    const { server, port } = await listen();
    await new Promise((done) => server.close(done));
    const code = `import { startLocalStack } from ${JSON.stringify(startModule)};
      await startLocalStack({ dataDir: '/', report: () => {} }).catch((error) => console.log(error.name + ': ' + error.message));`;
    const { output } = runScript(code, { ...process.env, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
    expect(await output).toMatch(/SetupError: .*no LocalStack answers there/);
  });
});

test('a LocalStack that is there already is used, and left alone', async () => {
  const running = await start();
  const code = `import { startLocalStack } from ${JSON.stringify(startModule)};
    const { endpoint, port, stop } = await startLocalStack({ dataDir: '/', report: () => {} });
    await stop();
    console.log(endpoint, port);`;
  const { output } = runScript(code, { ...process.env, AWS_ENDPOINT_URL: running.endpoint });
  expect((await output).trim()).toBe(`${running.endpoint} ${running.port}`);
  expect(await functionProcesses(running.endpoint)).toEqual([]);
});
