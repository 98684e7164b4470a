import { describe, expect, it, vi } from 'vitest';
import { checkDefinition } from '../support/check-definition.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';
import { killed, type RunOptions, runStateMachine, Stopped } from '../support/run-state-machine.ts';

const RUN = { requestId: 'r1', attempt: 1 };

const task = (fields: object = { End: true }) => ({
  Type: 'Task',
  Resource: `\${PlanFunction}`,
  TimeoutSeconds: 60,
  ...fields,
});
const machine = (states: Record<string, object>) => ({
  StartAt: Object.keys(states)[0],
  States: states,
});

/** Runs one with a single room, `plan`. */
const run = (
  states: Record<string, object>,
  plan: (event: unknown) => Promise<unknown> = async () => ({}),
  more: Partial<RunOptions> = {},
) =>
  runStateMachine({
    definition: machine(states),
    input: RUN,
    rooms: { plan },
    files: new MemoryRunFiles(),
    ...more,
  });

const map = (processor: Record<string, object>, more: object = {}) => ({
  M: {
    Type: 'Map',
    Label: 'M',
    MaxConcurrencyPath: '$.most',
    ItemReader: {
      Resource: 'arn:aws:states:::s3:listObjectsV2',
      Parameters: { Bucket: 'b', 'Prefix.$': "States.Format('runs/{}/batches/', $.requestId)" },
    },
    ItemSelector: { 'requestId.$': '$.requestId', 'batch.$': '$$.Map.Item.Value.Key' },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      ...machine(processor),
    },
    ResultPath: null,
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'End' }],
    Next: 'End',
    ...more,
  },
  End: { Type: 'Succeed' },
});

const named = (name: string) => Object.assign(new Error(`a ${name}`), { name });

describe('a task', () => {
  it('gives the room what its parameters say, and puts the answer where its path says', async () => {
    const plan = vi.fn(async () => ({ ready: true }));
    const { status, output } = await run(
      {
        A: task({
          Parameters: { 'requestId.$': '$.requestId', step: 'begin' },
          ResultPath: '$.begin',
          End: true,
        }),
      },
      plan,
    );
    expect(status).toBe('SUCCEEDED');
    expect(plan).toHaveBeenCalledWith({ requestId: 'r1', step: 'begin' });
    expect(output).toEqual({ ...RUN, begin: { ready: true } });
  });

  it('without parameters gets all there is; without a path its answer is all there is', async () => {
    const plan = vi.fn(async () => undefined);
    expect((await run({ A: task() }, plan)).output).toBeNull();
    expect(plan).toHaveBeenCalledWith(RUN);
  });

  it('drops an answer that has no place', async () => {
    expect((await run({ A: task({ ResultPath: null, End: true }) })).output).toEqual(RUN);
  });

  it('is handed what comes out on the other side of JSON: no undefined, no shared objects', async () => {
    let seen: { list?: number[] } = {};
    const input = { list: [1], none: undefined };
    await run(
      { A: task() },
      async (event) => {
        seen = event as { list: number[] };
        seen.list!.push(2);
      },
      { input },
    );
    expect(seen).toEqual({ list: [1, 2] });
    expect(input.list).toEqual([1]);
  });
});

describe('a failing task', () => {
  const RETRY = [
    { ErrorEquals: ['Final'], MaxAttempts: 0 },
    {
      ErrorEquals: ['States.TaskFailed'],
      IntervalSeconds: 2,
      BackoffRate: 2,
      MaxAttempts: 3,
      MaxDelaySeconds: 5,
    },
  ];

  it('is tried again, with pauses that double and take no time', async () => {
    let tries = 0;
    const pauses: number[] = [];
    const { status, seconds } = await run(
      { A: task({ Retry: RETRY, End: true }) },
      async () => {
        tries += 1;
        if (tries < 4) throw named('TypeError');
      },
      { wait: (each) => pauses.push(each) },
    );
    expect({ status, seconds, tries }).toEqual({ status: 'SUCCEEDED', seconds: 11, tries: 4 });
    expect(pauses).toEqual([2, 4, 5]);
  });

  it('fails the execution when it has been tried often enough, by the name that Lambda gives', async () => {
    const { status, error, cause, calls } = await run({ A: task({ Retry: RETRY, End: true }) }, async () => {
      throw named('TypeError');
    });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'TypeError' });
    expect(JSON.parse(cause!)).toEqual({ errorType: 'TypeError', errorMessage: 'a TypeError' });
    expect(calls).toHaveLength(4);
  });

  it('is not tried again where the first retrier that matches says so', async () => {
    const { error, calls } = await run({ A: task({ Retry: RETRY, End: true }) }, async () => {
      throw named('Final');
    });
    expect(error).toBe('Final');
    expect(calls).toHaveLength(1);
  });

  it('is no TaskFailed when it has timed out', async () => {
    const { calls } = await run({ A: task({ Retry: RETRY, End: true }) }, async () => {
      throw named('States.Timeout');
    });
    expect(calls).toHaveLength(1);
  });

  it('is caught, with its error beside the data', async () => {
    const { output } = await run(
      {
        A: task({ Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'B' }], Next: 'B' }),
        B: { Type: 'Succeed' },
      },
      async () => {
        throw named('Final');
      },
    );
    expect(output).toMatchObject({ ...RUN, error: { Error: 'Final' } });
  });

  it('fails with what a Fail state finds', async () => {
    const states = { A: { Type: 'Fail', ErrorPath: '$.requestId', CausePath: '$.attempt' } };
    expect(await run(states)).toMatchObject({ status: 'FAILED', error: 'r1', cause: '1' });
  });
});

describe('hooks', () => {
  const RETRY = [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 2 }];

  it('can kill a function before it has done anything, or after it has done all', async () => {
    let done = 0;
    const plan = async () => {
      done += 1;
      return { done };
    };
    const killing = (number: number) => (call: { number: number }) => {
      if (call.number === number) throw killed();
    };
    const before = await run({ A: task({ Retry: RETRY, End: true }) }, plan, { before: killing(0) });
    expect(before).toMatchObject({ status: 'SUCCEEDED', output: { done: 1 } });
    const after = await run({ A: task({ Retry: RETRY, End: true }) }, plan, { after: killing(0) });
    expect(after).toMatchObject({ status: 'SUCCEEDED', output: { done: 3 } });
    expect(after.calls.map(({ room, state, number }) => [room, state, number])).toEqual([
      ['plan', 'A', 0],
      ['plan', 'A', 1],
    ]);
  });

  it('can stop the execution: nothing is retried or caught', async () => {
    const { status, calls } = await run(
      { A: task({ Retry: RETRY, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'A' }], End: true }) },
      undefined,
      {
        before: () => {
          throw new Stopped();
        },
      },
    );
    expect(status).toBe('ABORTED');
    expect(calls).toHaveLength(1);
  });
});

describe('choices and waits', () => {
  const choose = (rule: object) => ({
    A: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
    Yes: { Type: 'Pass', Result: 'yes', End: true },
    No: { Type: 'Pass', Result: 'no', End: true },
  });

  it.each([
    [{ Variable: '$.on', BooleanEquals: true }, { on: true }, 'yes'],
    [{ Variable: '$.on', BooleanEquals: true }, { on: 'true' }, 'no'],
    [{ Variable: '$.stage', StringEquals: 'scan' }, { stage: 'scan' }, 'yes'],
    [{ Variable: '$.stage', StringEquals: 'scan' }, { stage: 'none' }, 'no'],
    [{ Variable: '$.n', NumericGreaterThan: 0 }, { n: 1 }, 'yes'],
    [{ Variable: '$.n', NumericGreaterThan: 0 }, { n: 0 }, 'no'],
    [
      {
        And: [
          { Variable: '$.a', BooleanEquals: true },
          { Variable: '$.n', NumericGreaterThan: 0 },
        ],
      },
      { a: true, n: 0 },
      'no',
    ],
  ])('%j of %j: %s', async (rule, input, expected) => {
    expect((await run(choose(rule), undefined, { input })).output).toBe(expected);
  });

  it('stop the test where they ask for what is not there, as nothing can catch that', async () => {
    const rule = { Variable: '$.on', BooleanEquals: true };
    await expect(run(choose(rule), undefined, { input: {} })).rejects.toThrow('States.Runtime: $.on');
  });

  it('wait as long as the data says, and no longer than executions live', async () => {
    const states = { A: { Type: 'Wait', SecondsPath: '$.s', Next: 'B' }, B: { Type: 'Succeed' } };
    expect((await run(states, undefined, { input: { s: 90 } })).seconds).toBe(90);
    await expect(run(states, undefined, { input: { s: -1 } })).rejects.toThrow('no waiting');
    await expect(run(states, undefined, { input: { s: 1e9 } })).rejects.toThrow('more than a year');
  });
});

describe('a Distributed Map', () => {
  const folder = async (count: number) => {
    const files = new MemoryRunFiles();
    for (let number = 0; number < count; number += 1) await files.put('r1', `batches/${number}`, Buffer.of());
    await files.put('r2', 'batches/0', Buffer.of());
    return files;
  };
  const input = { ...RUN, most: 2 };

  it('runs its processor for every file of the folder, as many at once as it may', async () => {
    const seen: string[] = [];
    let now = 0;
    let most = 0;
    const plan = async (event: unknown) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push((event as { batch: string }).batch);
      now -= 1;
    };
    const { output } = await run(map({ A: task() }), plan, { input, files: await folder(5) });
    expect(output).toEqual(input);
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4].map((number) => `runs/r1/batches/${number}`));
    expect(most).toBe(2);
  });

  it('fails with the first child that does, says only that, and begins no more', async () => {
    const plan = vi.fn(async () => {
      throw named('TypeError');
    });
    const { output } = await run(map({ A: task() }), plan, { input, files: await folder(5) });
    expect(output).toMatchObject({ error: { Error: 'States.ExceedToleratedFailureThreshold' } });
    expect(plan.mock.calls.length).toBeLessThan(5);
  });

  it('counts children that wait side by side once', async () => {
    const processor = { W: { Type: 'Wait', SecondsPath: '$.batch', Next: 'E' }, E: { Type: 'Succeed' } };
    const states = map(processor, { ItemSelector: { batch: 30 } });
    expect((await run(states, undefined, { input, files: await folder(2) })).seconds).toBe(30);
  });

  it('stops the test where there is nothing to map over', async () => {
    await expect(run(map({ A: task() }), undefined, { input })).rejects.toThrow('where there is nothing');
  });
});

describe('what it does not know', () => {
  it.each([
    ['a type', { A: { Type: 'Parallel', Branches: [], End: true } }],
    ['a field', { A: task({ HeartbeatSeconds: 5, End: true }) }],
    [
      'a comparison',
      {
        A: { Type: 'Choice', Choices: [{ Variable: '$.a', IsPresent: true, Next: 'B' }], Default: 'B' },
        B: { Type: 'Succeed' },
      },
    ],
    [
      'a field of a retrier',
      { A: task({ Retry: [{ ErrorEquals: ['States.ALL'], Seconds: 1 }], End: true }) },
    ],
  ])('is refused: %s', (_, states) => {
    expect(() => checkDefinition(machine(states))).toThrow(/does not know .* teach it to/);
  });

  it('is refused in a path when it comes to it', async () => {
    await expect(run({ A: task({ ResultPath: '$.a.b', End: true }) })).rejects.toThrow('teach it to');
    await expect(run({ A: task({ Parameters: { 'x.$': '$.list[0]' }, End: true }) })).rejects.toThrow(
      'teach it to',
    );
  });

  it('a state that leads nowhere, or that nothing leads to, is refused', () => {
    expect(() => checkDefinition(machine({ A: task({ Next: 'B' }) }))).toThrow('leads to B');
    expect(() => checkDefinition(machine({ A: task(), B: { Type: 'Succeed' } }))).toThrow('leads to B');
    expect(() => checkDefinition(machine({ A: task({}) }))).toThrow('Next or End');
  });

  it('a name that is given twice, even inside a map, is refused', () => {
    const inner = { ...map({ End: { Type: 'Succeed' } }), End: { Type: 'Succeed' } };
    expect(() => checkDefinition(machine(inner))).toThrow('only once in a machine: End');
  });

  it('more than Step Functions passes on stops the test', async () => {
    const plan = async () => 'x'.repeat(300_000);
    await expect(run({ A: task() }, plan)).rejects.toThrow('DataLimitExceeded');
  });

  it('a room that nobody gave stops the test', async () => {
    await expect(run({ A: task() }, undefined, { rooms: {} })).rejects.toThrow('no handler was given');
  });
});
