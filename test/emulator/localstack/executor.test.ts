// The functions' processes behave as AWS Lambda's environments do: what the recovery paths (F…) rely on.
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Emulator,
  emulator,
  eventually,
  functionProcesses,
  killFunction,
} from '../../support/localstack.ts';
import { RawFunctions } from '../../support/raw-functions.ts';

let aws: Emulator;
let functions: RawFunctions;

beforeAll(async () => {
  aws = await emulator();
  functions = new RawFunctions(aws);
});

const MODES = `
  let count = 0;
  const held = [];
  export const handler = async (event, context) => {
    count += 1;
    switch (event.do) {
      case 'wait': return await new Promise((resolve) => setTimeout(resolve, 60_000));
      case 'spin': for (;;);
      case 'exit': process.exit(event.status);
      case 'kill': process.kill(process.pid, 'SIGKILL');
      case 'throw': throw new TypeError('as asked');
      case 'throwText': throw 'only text';
      case 'reject': Promise.reject(new Error('nobody listens')); return await new Promise((resolve) => setTimeout(resolve, 5000));
      case 'uncaught': setTimeout(() => { throw new RangeError('nobody catches'); }); return await new Promise((resolve) => setTimeout(resolve, 5000));
      case 'never': return await new Promise(() => {});
      case 'heap': for (;;) held.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
      case 'buffers': for (;;) { held.push(Buffer.alloc(8 * 1024 * 1024, 1)); await new Promise(setImmediate); }
      case 'large': return 'x'.repeat(event.size);
      case 'bigint': return { n: 1n };
      case 'nothing': return;
    }
    return { count, pid: process.pid };
  };`;

describe('a process serves invocations one after the other', () => {
  test('it stays warm between them', async () => {
    const name = await functions.create(MODES);
    const first = await functions.invoke(name);
    const second = await functions.invoke(name);
    expect(first).toMatchObject({ error: undefined, payload: { count: 1 } });
    expect(second.payload).toEqual({ count: 2, pid: first.payload.pid });
  });

  test.each(['index.cjs', 'index.js'])('a CommonJS handler in %s works', async (file) => {
    const name = await functions.create('exports.handler = async (event) => ({ got: event.x });', { file });
    expect((await functions.invoke(name, { x: 7 })).payload).toEqual({ got: 7 });
  });

  test('concurrent invocations have processes of their own', async () => {
    const name = await functions.create(
      'export const handler = async () => { await new Promise((r) => setTimeout(r, 1500)); return process.pid; };',
    );
    const pids = (await Promise.all([1, 2, 3].map(() => functions.invoke(name)))).map(
      ({ payload }) => payload,
    );
    expect(new Set(pids).size).toBe(3);
  });

  test('a result of undefined is null', async () => {
    const name = await functions.create(MODES);
    expect(await functions.invoke(name, { do: 'nothing' })).toMatchObject({
      error: undefined,
      payload: null,
    });
  });
});

describe('a fresh process follows', () => {
  test.each([
    ['a timeout in a wait', { do: 'wait' }, 'Sandbox.Timedout', 'Task timed out after 1.00 seconds'],
    ['a timeout in a loop', { do: 'spin' }, 'Sandbox.Timedout', 'Task timed out after 1.00 seconds'],
    ['an exit', { do: 'exit', status: 0 }, 'Runtime.ExitError', 'Runtime exited without providing a reason'],
    [
      'a failed exit',
      { do: 'exit', status: 3 },
      'Runtime.ExitError',
      'Runtime exited with error: exit status 3',
    ],
    ['a kill', { do: 'kill' }, 'Runtime.ExitError', 'Runtime exited with error: signal: killed'],
    ['an unhandled rejection', { do: 'reject' }, 'Runtime.UnhandledPromiseRejection', 'nobody listens'],
    ['an uncaught exception', { do: 'uncaught' }, 'RangeError', 'nobody catches'],
    ['a promise that nothing settles', { do: 'never' }, 'Runtime.NodeJsExit', 'event loop is empty'],
  ])('%s', async (_, event, type, message) => {
    const name = await functions.create(MODES, { Timeout: 1 });
    const before = await functions.invoke(name);
    const failed = await functions.invoke(name, event);
    const after = await functions.invoke(name);
    expect(failed).toMatchObject({ error: 'Unhandled', payload: { errorType: type } });
    expect(failed.payload.errorMessage).toContain(message);
    expect(failed.log).toContain(message);
    expect(after.payload.count).toBe(1);
    expect(after.payload.pid).not.toBe(before.payload.pid);
  });

  test('a kill in mid-invocation, from outside', async () => {
    const name = await functions.create(MODES);
    const running = functions.invoke(name, { do: 'wait' });
    await eventually('a busy process', async () =>
      (await killFunction(aws.endpoint, name)) === 1 ? true : undefined,
    );
    expect((await running).payload.errorMessage).toMatch(
      /^RequestId: \S+ Error: Runtime exited with error: signal: killed$/,
    );
    expect((await functions.invoke(name)).payload.count).toBe(1);
  });
});

describe('memory is limited', () => {
  test.each([
    ['buffers', 'Runtime.OutOfMemory', 'signal: killed'],
    ['heap', 'Runtime.', 'signal: '],
  ])('by %s', async (kind, type, message) => {
    const name = await functions.create(MODES, { Timeout: 60 });
    const { error, payload, log } = await functions.invoke(name, { do: kind });
    expect(error).toBe('Unhandled');
    expect(payload.errorType).toContain(type);
    expect(payload.errorMessage).toContain(message);
    expect(log).toMatch(/Memory Size: 256 MB\tMax Memory Used: \d+ MB/);
    expect((await functions.invoke(name)).payload.count).toBe(1);
  });
});

describe('errors are reported as AWS does', () => {
  test('of a handler: type, message, trace; and the process stays', async () => {
    const name = await functions.create(MODES);
    const { error, payload } = await functions.invoke(name, { do: 'throw' });
    expect(error).toBe('Unhandled');
    expect(payload).toMatchObject({ errorType: 'TypeError', errorMessage: 'as asked' });
    expect(payload.trace[0]).toBe('TypeError: as asked');
    expect((await functions.invoke(name)).payload.count).toBe(2);
  });

  test('of a handler that throws no error', async () => {
    const name = await functions.create(MODES);
    const { payload } = await functions.invoke(name, { do: 'throwText' });
    expect(payload).toEqual({ errorType: 'string', errorMessage: 'only text', trace: [] });
  });

  test('of a result that is no JSON', async () => {
    const name = await functions.create(MODES);
    const { payload } = await functions.invoke(name, { do: 'bigint' });
    expect(payload).toMatchObject({ errorType: 'Error', errorMessage: 'Unable to stringify response body' });
  });

  test('of a result above 6 MB', async () => {
    const name = await functions.create(MODES);
    expect((await functions.invoke(name, { do: 'large', size: 6_000_000 })).error).toBeUndefined();
    const { error, payload } = await functions.invoke(name, { do: 'large', size: 6_300_000 });
    expect(error).toBe('Unhandled');
    expect(payload).toEqual({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
  });

  test('with the places of the source, by its map', async () => {
    const map = { version: 3, sources: ['original.ts'], names: [], mappings: 'AAQA' };
    const comment = `//# sourceMappingURL=data:application/json;base64,${btoa(JSON.stringify(map))}`;
    const name = await functions.create(
      `export const handler = async () => { throw new Error('x'); };\n${comment}`,
    );
    expect((await functions.invoke(name)).payload.trace.join('\n')).toContain('original.ts:9');
  });
});

describe('errors of the start are reported', () => {
  test.each([
    [
      'a missing package',
      "import 'not-there'; export const handler = () => 1;",
      {},
      'Runtime.ImportModuleError',
    ],
    [
      'a missing file',
      'export const handler = () => 1;',
      { Handler: 'other.handler' },
      'Runtime.ImportModuleError',
    ],
    ['a missing export', 'export const other = () => 1;', {}, 'Runtime.HandlerNotFound'],
    ['a syntax error', 'export const handler = (', {}, 'Runtime.UserCodeSyntaxError'],
    [
      'a callback handler',
      'export const handler = (event, context, done) => done();',
      {},
      'Runtime.CallbackHandlerDeprecated',
    ],
    ['an error of the module', "throw new RangeError('at load');", {}, 'RangeError'],
    ['an exit of the module', 'process.exit(4);', {}, 'Runtime.ExitError'],
  ])('%s', async (_, code, options, type) => {
    const name = await functions.create(code, options);
    for (const attempt of [1, 2]) {
      const { error, payload, log } = await functions.invoke(name);
      expect({ attempt, error, type: payload.errorType }).toEqual({ attempt, error: 'Unhandled', type });
      expect(log).toContain(payload.errorMessage.split('\n')[0]);
      expect(log).toMatch(/REPORT .*Init Duration: /);
    }
  });

  test('a start of more than ten seconds is tried again within the timeout', async () => {
    const name = await functions.create(
      'await new Promise((r) => setTimeout(r, 60_000)); export const handler = () => 1;',
      {
        Timeout: 1,
      },
    );
    expect((await functions.invoke(name)).payload.errorType).toBe('Sandbox.Timedout');
  });
});

describe('a function sees the environment of Lambda', () => {
  test('variables and context', async () => {
    const code = `export const handler = async (event, context) =>
      ({ env: process.env, context, left: context.getRemainingTimeInMillis(), cwd: process.cwd(), argv: process.argv.length });`;
    const name = await functions.create(code, { Timeout: 5, Environment: { Variables: { MINE: 'yes' } } });
    const { env, context, left, cwd, argv } = (await functions.invoke(name)).payload;
    expect(env).toMatchObject({
      MINE: 'yes',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      LAMBDA_TASK_ROOT: cwd,
      TZ: ':UTC',
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-/),
      AWS_ENDPOINT_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect(context).toMatchObject({ functionName: name, memoryLimitInMB: '256' });
    expect(context.invokedFunctionArn).toBe(`arn:aws:lambda:us-east-1:000000000000:function:${name}`);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5000);
    expect(argv).toBe(2);
  });

  test('nothing of the developer', async () => {
    const name = await functions.create('export const handler = async () => Object.keys(process.env);');
    const keys: string[] = (await functions.invoke(name)).payload;
    expect(keys.filter((key) => /^(WEIR|LOCALSTACK|npm_|VITEST)/.test(key))).toEqual([]);
  });
});

describe('an update of the code', () => {
  const code = (answer: string, wait: number) =>
    `export const handler = async () => { await new Promise((r) => setTimeout(r, ${wait})); return '${answer}'; };`;

  test('replaces the processes, and lets running invocations end', async () => {
    const name = await functions.create(code('old', 0));
    expect((await functions.invoke(name)).payload).toBe('old');
    await functions.update(name, code('new', 3000));
    const running = functions.invoke(name);
    await eventually('the new invocation', async () => {
      const processes = await functionProcesses(aws.endpoint);
      return processes.find((each) => each.function === name && each.busy);
    });
    await functions.update(name, code('newest', 0));
    expect((await functions.invoke(name)).payload).toBe('newest');
    expect(await running).toMatchObject({ error: undefined, payload: 'new' });
    await eventually('only the newest process', async () => {
      const processes = await functionProcesses(aws.endpoint);
      return processes.filter((each) => each.function === name).length === 1 ? true : undefined;
    });
  });
});
