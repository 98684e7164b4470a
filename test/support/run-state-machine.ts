import type { RunFiles } from '../../lambdas/domain/recovery/ports.ts';
import {
  type Catcher,
  checkDefinition,
  type Definition,
  type MapState,
  type Retrier,
  type State,
  type TaskState,
} from './check-definition.ts';
import { fill, holds, place, read } from './state-paths.ts';

/** A call of a room. */
export interface Call {
  /** Such as `plan`. */
  readonly room: string;
  /** Name of the state. */
  readonly state: string;
  readonly input: unknown;
  /** Counts the calls of an execution, from 0: in the order in which they begin. */
  readonly number: number;
}

type Handler = (event: never) => Promise<unknown>;

export interface RunOptions {
  /** In Amazon States Language; functions are named `${PlanFunction}`, as CloudFormation substitutes them. */
  readonly definition: unknown;
  readonly input: unknown;
  /** By name: `plan` is called for `${PlanFunction}`. */
  readonly rooms: Readonly<Record<string, Handler>>;
  /** What maps read: the files under `runs/<requestId>/`. */
  readonly files: Pick<RunFiles, 'list'>;
  /** Before each call. What it throws is the call's end: `killed()` for a function that dies before it has done anything. */
  readonly before?: (call: Call) => unknown;
  /** After each call: what it throws is as if the function had died, or its answer been lost, with everything done. */
  readonly after?: (call: Call, answer: unknown) => unknown;
  /** Told of each pause, so that a test's world can go on meanwhile; it takes no time otherwise. */
  readonly wait?: (seconds: number) => unknown;
}

export interface Execution {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly calls: readonly Call[];
  /** Waited in all, at least: what waits side by side counts as the longest. */
  readonly seconds: number;
}

/** How Lambda reports a function whose process died. */
export function killed(): Error {
  return Object.assign(new Error('RequestId: x Error: Runtime exited with error: signal: killed'), {
    name: 'Runtime.ExitError',
  });
}

/** Thrown by a hook, ends the execution there and then, as StopExecution does: nothing is retried or caught. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Why a state failed, as Step Functions hands it to a catcher. */
interface Failure {
  readonly Error: string;
  readonly Cause: string;
}

class Failed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.Error);
    this.failure = failure;
  }
}

/** Bytes of JSON that Step Functions passes on at most. */
const MAX_STATE_BYTES = 262_144;
/** A year, as executions live: a test whose world never gets ready ends here. */
const MAX_SECONDS = 366 * 24 * 3600;

/**
 * Runs a state machine in this process, as far as `check-definition.ts` knows the language. Pauses and retries take no time.
 * @throws Error for what it doesn't know, and for mistakes that nothing can catch at AWS either (`States.Runtime`): a path
 * that leads nowhere, a map over nothing (which LocalStack fails), more state than may be passed on
 */
export async function runStateMachine(options: RunOptions): Promise<Execution> {
  const definition = checkDefinition(options.definition);
  const calls: Call[] = [];
  const run = new MachineRun(options, calls);
  try {
    const output = await run.machine(definition, options.input);
    return { status: 'SUCCEEDED', output, calls, seconds: run.seconds };
  } catch (error) {
    if (error instanceof Stopped) return { status: 'ABORTED', calls, seconds: run.seconds };
    if (!(error instanceof Failed)) throw error;
    const { Error: name, Cause: cause } = error.failure;
    return { status: 'FAILED', error: name, cause, calls, seconds: run.seconds };
  }
}

/** One execution, or a child of one. */
class MachineRun {
  readonly #options: RunOptions;
  readonly #calls: Call[];
  seconds = 0;

  constructor(options: RunOptions, calls: Call[]) {
    this.#options = options;
    this.#calls = calls;
  }

  async machine({ StartAt, States }: Definition, input: unknown): Promise<unknown> {
    let name: string | undefined = StartAt;
    let data = input;
    while (name !== undefined) {
      const state: State = States[name]!;
      ({ data, next: name } = await this.#caught(name, state, data));
      if (Buffer.byteLength(JSON.stringify(data)) > MAX_STATE_BYTES) {
        throw new Error(`States.DataLimitExceeded after ${name}`);
      }
    }
    return data;
  }

  async #caught(name: string, state: State, data: unknown): Promise<Step> {
    try {
      return await this.#step(name, state, data);
    } catch (error) {
      const catchers: readonly Catcher[] = ('Catch' in state && state.Catch) || [];
      const failure = error instanceof Failed ? error.failure : undefined;
      const catcher = failure && catchers.find((each) => matches(each.ErrorEquals, failure.Error));
      if (!catcher) throw error;
      return { data: place(catcher.ResultPath, data, failure), next: catcher.Next };
    }
  }

  async #step(name: string, state: State, data: unknown): Promise<Step> {
    switch (state.Type) {
      case 'Task': {
        const input = state.Parameters ? fill(state.Parameters, { $: data }) : data;
        return {
          data: place(state.ResultPath, data, await this.#task(name, state, input)),
          next: state.Next,
        };
      }
      case 'Pass': {
        const filled = state.Parameters ? fill(state.Parameters, { $: data }) : data;
        return { data: state.Result ?? filled, next: state.Next };
      }
      case 'Choice': {
        const rule = state.Choices.find((each) => holds(each, data));
        return { data, next: rule?.Next ?? state.Default };
      }
      case 'Wait': {
        await this.#pause(Number(read(state.SecondsPath, { $: data })));
        return { data, next: state.Next };
      }
      case 'Map':
        return { data: place(state.ResultPath, data, await this.#map(name, state, data)), next: state.Next };
      case 'Succeed':
        return { data, next: undefined };
      case 'Fail':
        throw new Failed({
          Error: String(read(state.ErrorPath, { $: data })),
          Cause: String(read(state.CausePath, { $: data })),
        });
    }
  }

  /** A call, and again as its retriers say. Jitter is the most that it may be. */
  async #task(name: string, state: TaskState, input: unknown): Promise<unknown> {
    const tries = new Map<Retrier, number>();
    for (;;) {
      try {
        return await this.#call(name, state, input);
      } catch (error) {
        if (!(error instanceof Failed)) throw error;
        const retrier = state.Retry?.find((each) => matches(each.ErrorEquals, error.failure.Error));
        const tried = retrier ? (tries.get(retrier) ?? 0) : 0;
        if (!retrier || tried >= (retrier.MaxAttempts ?? 3)) throw error;
        tries.set(retrier, tried + 1);
        const seconds = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** tried;
        await this.#pause(Math.min(seconds, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY));
      }
    }
  }

  async #call(state: string, { Resource }: TaskState, input: unknown): Promise<unknown> {
    const room = /^\$\{(\w+)Function\}$/.exec(Resource)?.[1]?.toLowerCase();
    const handler = room === undefined ? undefined : this.#options.rooms[room];
    if (room === undefined || !handler)
      throw new Error(`${state} calls ${Resource}: no handler was given for it.`);
    const call: Call = { room, state, input: copy(input), number: this.#calls.length };
    this.#calls.push(call);
    try {
      await this.#options.before?.(call);
      const answer = copy((await handler(copy(input) as never)) ?? null);
      await this.#options.after?.(call, answer);
      return answer;
    } catch (error) {
      if (error instanceof Stopped) throw error;
      const { name, message } = error as Error;
      throw new Failed({ Error: name, Cause: JSON.stringify({ errorType: name, errorMessage: message }) });
    }
  }

  /** Children one beside the other, as many as may be at once; after the first that fails, no more are begun. */
  async #map(name: string, state: MapState, data: unknown): Promise<unknown> {
    const keys = await this.#list(name, String(fill(state.ItemReader.Parameters, { $: data }).Prefix));
    const most = Number(read(state.MaxConcurrencyPath, { $: data }));
    if (!Number.isInteger(most) || most < 0) throw new Error(`${name}: MaxConcurrency is ${most}.`);
    const waiting = [...keys];
    const outputs: unknown[] = [];
    const problems: unknown[] = [];
    let longest = 0;
    const workers = Array.from({ length: Math.min(most || keys.length, keys.length) }, async () => {
      for (let key = waiting.shift(); key !== undefined && problems.length === 0; key = waiting.shift()) {
        const child = new MachineRun(this.#options, this.#calls);
        const input = fill(state.ItemSelector, { $: data, $$: { Map: { Item: { Value: { Key: key } } } } });
        try {
          outputs.push(await child.machine(state.ItemProcessor, input));
        } catch (error) {
          problems.push(error);
        }
        longest = Math.max(longest, child.seconds);
      }
    });
    await Promise.all(workers);
    this.seconds += longest;
    const worst = problems.find((each) => !(each instanceof Failed)) ?? problems[0];
    if (worst instanceof Failed) {
      // Which child failed, and why, Step Functions does not say here.
      throw new Failed({
        Error: 'States.ExceedToleratedFailureThreshold',
        Cause: 'The specified tolerated failure threshold was exceeded',
      });
    }
    if (worst !== undefined) throw worst;
    return outputs;
  }

  async #list(name: string, prefix: string): Promise<readonly string[]> {
    const [, root, requestId, folder] = /^(runs\/([^/]+)\/)(.+)$/.exec(prefix) ?? [];
    if (!requestId || !folder) throw new Error(`${name} maps over ${prefix}, which is no folder of a run.`);
    const names = await this.#options.files.list(requestId, folder);
    if (names.length === 0) throw new Error(`${name} maps over ${prefix}, where there is nothing.`);
    return names.map((each) => `${root}${each}`);
  }

  async #pause(seconds: number): Promise<void> {
    if (!Number.isFinite(seconds) || seconds < 0)
      throw new Error(`There is no waiting for ${seconds} seconds.`);
    this.seconds += seconds;
    if (this.seconds > MAX_SECONDS) throw new Error('The execution has waited for more than a year.');
    await this.#options.wait?.(seconds);
  }
}

interface Step {
  readonly data: unknown;
  readonly next: string | undefined;
}

/** `States.ALL` is anything, `States.TaskFailed` anything but a timeout. */
function matches(names: readonly string[], error: string): boolean {
  return names.some(
    (name) =>
      name === 'States.ALL' || name === error || (name === 'States.TaskFailed' && error !== 'States.Timeout'),
  );
}

/** As it comes out on the other side of JSON. */
function copy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
