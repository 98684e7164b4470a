import { describe, expect, it } from 'vitest';
import { recoveryDefinition } from '../../lib/constructs/recovery-definition.ts';
import { checkDefinition, statesOf } from '../support/check-definition.ts';
import { intrinsics, type Template as Plain } from '../support/intrinsics.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';
import { killed, type RunOptions, runStateMachine } from '../support/run-state-machine.ts';
import { configOf, synthesize } from '../support/synth.ts';

const { recovery, assembly } = synthesize(configOf());
const [machine] = Object.values(recovery.findResources('AWS::StepFunctions::StateMachine'));
const definition = checkDefinition(JSON.parse(machine!.Properties.DefinitionString));

const states = statesOf(definition);
const tasks = states.flatMap(([name, state]) => (state.Type === 'Task' ? [[name, state] as const] : []));
const maps = states.flatMap(([name, state]) => (state.Type === 'Map' ? [[name, state] as const] : []));

describe('the state machine', () => {
  it('is deployed as it is written, standard, traced, and logged without exception', () => {
    expect(definition).toEqual(recoveryDefinition());
    expect(machine!.Properties).toMatchObject({
      StateMachineName: 'weir-recovery',
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL' },
    });
    recovery.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/aws/vendedlogs/states/weir-recovery',
      RetentionInDays: 90,
    });
  });

  it('calls these functions, and reads that bucket', () => {
    const resolve = intrinsics(assembly);
    const substitutions = Object.entries(machine!.Properties.DefinitionSubstitutions as object).map(
      ([name, value]) => [name, resolve('Weir-Recovery', value)],
    );
    const name = (room: string) => `arn:aws:lambda:eu-central-1:111122223333:function:weir-${room}`;
    expect(Object.fromEntries(substitutions)).toEqual({
      PlanFunction: name('plan'),
      ScanFunction: name('scan'),
      FoldFunction: name('fold'),
      ResendFunction: name('resend'),
      ConcludeFunction: name('conclude'),
      RunsBucket: 'weir-runs-111122223333-eu-central-1',
    });
    const used = new Set(JSON.stringify(definition).match(/\$\{\w+\}/g));
    expect([...used].sort()).toEqual(substitutions.map(([each]) => `\${${each}}`).sort());
  });

  it('ends a task that does not answer, but not before its function would', () => {
    const timeouts = Object.values(recovery.findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => Properties.Timeout as number,
    );
    for (const [, { TimeoutSeconds }] of tasks) expect(TimeoutSeconds).toBeGreaterThan(Math.max(...timeouts));
  });

  it.each(tasks)(
    '%s is tried again, with growing pauses, unless the room says that it is of no use',
    (_, task) => {
      const [final, ...others] = task.Retry!;
      const errors = ['RunRefusedError', 'RunCancelledError', 'PartsNotDoneError'];
      expect(final).toEqual({ ErrorEquals: errors, MaxAttempts: 0 });
      expect(others.flatMap(({ ErrorEquals }) => ErrorEquals)).toEqual(
        expect.arrayContaining(['States.TaskFailed', 'States.Timeout', 'Lambda.TooManyRequestsException']),
      );
      for (const retrier of others) {
        expect(retrier.BackoffRate).toBeGreaterThan(1);
        expect(retrier.MaxAttempts).toBeGreaterThanOrEqual(6);
        expect(retrier.JitterStrategy).toBe('FULL');
      }
    },
  );

  it.each(Object.entries(definition.States).filter(([, { Type }]) => Type === 'Task' || Type === 'Map'))(
    '%s cannot fail without the run being told',
    (name, state) => {
      const catchers = 'Catch' in state ? state.Catch : undefined;
      expect(catchers).toEqual([
        name === 'ConcludeFailed'
          ? { ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Failed' }
          : { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'ConcludeFailed' },
      ]);
    },
  );

  it.each(maps)(
    '%s keeps nothing of what its children answer, who tolerate no failure and may take their time',
    (name, map) => {
      expect(map).toMatchObject({
        Label: name,
        ResultPath: null,
        MaxConcurrencyPath: '$.select.concurrency',
        ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      });
      expect(map).not.toHaveProperty('ToleratedFailureCount');
      expect(map).not.toHaveProperty('ToleratedFailurePercentage');
    },
  );

  it.each(maps)('%s is only come to through a choice that has seen that there is something', (name) => {
    const before = states.filter(([, state]) => JSON.stringify(state).includes(`"Next":"${name}"`));
    expect(before.length).toBeGreaterThan(0);
    for (const [, state] of before) {
      if (state.Type !== 'Choice') throw new Error(`${name} is come to from a ${state.Type}.`);
      const rule = state.Choices.find(({ Next }) => Next === name)!;
      const conditions = rule.And ?? [rule];
      expect(conditions.some((each) => each.NumericGreaterThan === 0)).toBe(true);
    }
  });
});

describe("the state machine's role", () => {
  const roleId = machine!.Properties.RoleArn['Fn::GetAtt'][0] as string;
  const resolve = intrinsics(assembly);
  const template = assembly.getStackByName('Weir-Recovery').template as Plain;
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
  const allowed = Object.values(template.Resources)
    .filter(
      ({ Type, Properties }) =>
        Type === 'AWS::IAM::Policy' && JSON.stringify(Properties.Roles).includes(roleId),
    )
    .flatMap(
      ({ Properties }) => (Properties.PolicyDocument as { Statement: Record<string, unknown>[] }).Statement,
    )
    .flatMap(({ Action, Resource }) =>
      list(Action).flatMap((action) =>
        list(Resource).map((resource) => `${action} ${resolve('Weir-Recovery', resource)}`),
      ),
    );

  it('may call its functions, list runs’ files, and start its own children, and nothing else', () => {
    const states = 'arn:aws:states:eu-central-1:111122223333';
    const execution = `${states}:execution:weir-recovery`;
    expect(allowed.filter((each) => !/^(logs|xray):\w+ \*$/.test(each)).sort()).toEqual(
      [
        ...['plan', 'scan', 'fold', 'resend', 'conclude'].map(
          (room) => `lambda:InvokeFunction arn:aws:lambda:eu-central-1:111122223333:function:weir-${room}`,
        ),
        's3:ListBucket arn:aws:s3:::weir-runs-111122223333-eu-central-1',
        `states:StartExecution ${states}:stateMachine:weir-recovery`,
        `states:DescribeExecution ${execution}:*`,
        `states:StopExecution ${execution}:*`,
        ...['Scan', 'Resend', 'Fold', 'ResendMissing'].map(
          (label) => `states:RedriveExecution ${execution}/${label}:*`,
        ),
      ].sort(),
    );
  });
});

/** Rooms that do nothing but answer, and note who was called with what. */
async function course(answers: Record<string, object>, more: Partial<RunOptions> = {}) {
  const files = new MemoryRunFiles();
  for (const name of ['batches/0', 'batches/1', 'partitions/0', 'missing/0']) {
    await files.put('r1', name, Buffer.of());
  }
  const plan = async ({ step }: { step: string }) => {
    const answer = answers[step];
    return typeof answer === 'function' ? answer() : answer;
  };
  const nothing = async () => ({});
  const { calls, ...execution } = await runStateMachine({
    definition,
    input: { requestId: 'r1', attempt: 2 },
    rooms: {
      plan,
      ...{ scan: nothing, fold: nothing, conclude: nothing },
      resend: async () => ({ done: true }),
      ...more.rooms,
    },
    files,
    ...('before' in more ? { before: more.before! } : {}),
  });
  const steps = calls.map(({ room, input }) => {
    const { step } = input as { step?: string };
    return step ?? room;
  });
  return { ...execution, calls, steps };
}

const begin = { verb: 'replay', dryRun: false, barrier: false };
const select = { batches: 2, partitions: 1, stage: 'scan', fold: true, cold: false, concurrency: 1 };

describe('the course of a run', () => {
  it('that folds: both maps, then what is missing is sent again', async () => {
    const { status, steps } = await course({ begin, select, gather: { files: 1 } });
    expect(status).toBe('SUCCEEDED');
    expect(steps).toEqual(['begin', 'select', 'scan', 'scan', 'fold', 'gather', 'resend', 'conclude']);
  });

  it('that resends: no fold', async () => {
    const { steps } = await course({ begin, select: { ...select, stage: 'resend', fold: false } });
    expect(steps).toEqual(['begin', 'select', 'resend', 'resend', 'conclude']);
  });

  it('that is dry: nothing but the plan, even where objects are cold', async () => {
    const { steps } = await course({ begin: { ...begin, dryRun: true }, select: { ...select, cold: true } });
    expect(steps).toEqual(['begin', 'select', 'conclude']);
  });

  it('that selects nothing: no map', async () => {
    const { steps } = await course({ begin, select: { ...select, batches: 0, partitions: 0 } });
    expect(steps).toEqual(['begin', 'select', 'conclude']);
  });

  it('that works on no archive objects: no map', async () => {
    const { steps } = await course({ begin, select: { ...select, stage: 'none', fold: false } });
    expect(steps).toEqual(['begin', 'select', 'conclude']);
  });

  it('waits for the barrier, and for cold objects, as long as it takes', async () => {
    let asked = 0;
    let looked = 0;
    const { steps, seconds } = await course({
      begin: { ...begin, barrier: true },
      barrier: () => {
        asked += 1;
        return { passed: asked === 3, waitSeconds: 5 };
      },
      select: { ...select, cold: true, stage: 'resend', batches: 1, fold: false },
      restore: () => {
        looked += 1;
        return { ready: looked === 2, waitSeconds: 3600 };
      },
    } as never);
    expect(steps).toEqual([
      ...['begin', 'barrier', 'barrier', 'barrier', 'select', 'restore', 'restore'],
      ...['resend', 'resend', 'conclude'],
    ]);
    expect(seconds).toBe(2 * 5 + 3600);
  });

  it('sends on from where a room stopped', async () => {
    const cursors: unknown[] = [];
    const resend = async ({ cursor, ...rest }: { cursor?: number }) => {
      cursors.push(cursor);
      expect(Object.keys(rest).sort()).toEqual(['attempt', 'batch', 'requestId']);
      return (cursor ?? 0) < 2 ? { done: false, cursor: (cursor ?? 0) + 1 } : { done: true };
    };
    const { status } = await course(
      { begin, select: { ...select, stage: 'resend', fold: false } },
      { rooms: { resend } },
    );
    expect(status).toBe('SUCCEEDED');
    expect(cursors).toEqual([undefined, 1, 2, undefined, 1, 2]);
  });

  it('names run, attempt and file to each room, by the names that its code reads', async () => {
    const { calls } = await course({ begin, select, gather: { files: 1 } });
    const inputs = calls.map(({ input }) => input);
    const run = { requestId: 'r1', attempt: 2 };
    expect(inputs).toEqual([
      { ...run, step: 'begin' },
      { ...run, step: 'select' },
      { ...run, batch: 'runs/r1/batches/0' },
      { ...run, batch: 'runs/r1/batches/1' },
      { ...run, partition: 'runs/r1/partitions/0' },
      { ...run, step: 'gather' },
      { ...run, batch: 'runs/r1/missing/0' },
      run,
    ]);
  });

  it.each(Array.from({ length: 8 }, (_, number) => number))(
    'goes on where it was when the function of call %i is killed',
    async (number) => {
      const { status, steps } = await course(
        { begin, select, gather: { files: 1 } },
        {
          before: (call) => {
            if (call.number === number) throw killed();
          },
        },
      );
      expect(status).toBe('SUCCEEDED');
      expect(steps).toHaveLength(9);
      expect(steps[number + 1]).toBe(steps[number]);
    },
  );

  it.each([
    ['RunRefusedError', 1],
    ['RunCancelledError', 1],
    ['TypeError', 7],
  ])('fails on a %s after %i calls, and says so', async (name, tries) => {
    const select = async () => {
      throw Object.assign(new Error('no'), { name });
    };
    const { status, error, steps, calls } = await course({ begin, select } as never);
    expect({ status, error }).toEqual({ status: 'FAILED', error: name });
    expect(steps).toEqual(['begin', ...Array(tries).fill('select'), 'conclude']);
    expect(calls.at(-1)!.input).toEqual({
      ...{ requestId: 'r1', attempt: 2 },
      error: { Error: name, Cause: JSON.stringify({ errorType: name, errorMessage: 'no' }) },
    });
  });

  it('fails when a child does, and when the run cannot even be told', async () => {
    const no = async () => {
      throw Object.assign(new Error('no'), { name: 'RunRefusedError' });
    };
    const child = await course({ begin, select }, { rooms: { fold: no } });
    expect(child).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(child.steps).toEqual(['begin', 'select', 'scan', 'scan', 'fold', 'conclude']);
    const untold = await course({ begin, select }, { rooms: { fold: no, conclude: no } });
    expect(untold).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
  });
});
