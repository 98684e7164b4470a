/** A state machine in Amazon States Language (JSONPath), as far as `run-state-machine.ts` can run it. */
export interface Definition {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export type State = TaskState | PassState | ChoiceState | WaitState | MapState | SucceedState | FailState;

interface Goes {
  readonly Next?: string;
  readonly End?: true;
}

export interface TaskState extends Goes {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly TimeoutSeconds: number;
  readonly Parameters?: Template;
  readonly ResultPath?: string | null;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface PassState extends Goes {
  readonly Type: 'Pass';
  readonly Parameters?: Template;
  readonly Result?: unknown;
}

export interface ChoiceState {
  readonly Type: 'Choice';
  readonly Choices: readonly (Condition & { readonly Next: string })[];
  readonly Default: string;
}

export interface Condition {
  readonly Variable?: string;
  readonly And?: readonly Condition[];
  readonly BooleanEquals?: boolean;
  readonly StringEquals?: string;
  readonly NumericGreaterThan?: number;
}

export interface WaitState extends Goes {
  readonly Type: 'Wait';
  readonly SecondsPath: string;
}

/** A Distributed Map over the objects under a prefix. */
export interface MapState extends Goes {
  readonly Type: 'Map';
  readonly Label: string;
  readonly MaxConcurrencyPath: string;
  readonly ItemReader: { readonly Resource: string; readonly Parameters: Template };
  readonly ItemSelector: Template;
  readonly ItemProcessor: Definition & {
    readonly ProcessorConfig: { readonly Mode: 'DISTRIBUTED'; readonly ExecutionType: 'STANDARD' };
  };
  readonly ResultPath?: string | null;
  readonly Catch?: readonly Catcher[];
}

export interface SucceedState {
  readonly Type: 'Succeed';
}

export interface FailState {
  readonly Type: 'Fail';
  readonly ErrorPath: string;
  readonly CausePath: string;
}

export type Template = Readonly<Record<string, unknown>>;

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly MaxAttempts?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath?: string | null;
  readonly Next: string;
}

const GOES = ['Next', 'End'];
const MACHINE = ['Comment', 'StartAt', 'States'];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: ['Resource', 'TimeoutSeconds', 'Parameters', 'ResultPath', 'Retry', 'Catch', ...GOES],
  Pass: ['Parameters', 'Result', ...GOES],
  Choice: ['Choices', 'Default'],
  Wait: ['SecondsPath', ...GOES],
  Map: [
    ...['Label', 'MaxConcurrencyPath', 'ItemReader', 'ItemSelector', 'ItemProcessor'],
    ...['ResultPath', 'Catch', ...GOES],
  ],
  Succeed: [],
  Fail: ['ErrorPath', 'CausePath'],
};
const CONDITION = ['Variable', 'And', 'BooleanEquals', 'StringEquals', 'NumericGreaterThan'];
const RETRIER = [
  ...['ErrorEquals', 'IntervalSeconds', 'BackoffRate', 'MaxDelaySeconds', 'MaxAttempts'],
  'JitterStrategy',
];
const CATCHER = ['ErrorEquals', 'ResultPath', 'Next'];

/**
 * Reads a definition.
 * @throws Error for whatever the interpreter doesn't know, wherever it stands, and for a state that nothing leads to or
 * that leads nowhere: it would otherwise go unseen
 */
export function checkDefinition(given: unknown): Definition {
  const machine = given as Definition;
  checkMachine(machine, 'the machine', MACHINE);
  const names = statesOf(machine).map(([name]) => name);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  if (twice.length > 0)
    throw new Error(`Step Functions knows a name only once in a machine: ${twice.join(', ')}.`);
  return machine;
}

/** Every state, those of maps' processors too, with its name. */
export function statesOf({ States }: Definition): readonly (readonly [string, State])[] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as const,
    ...(state.Type === 'Map' ? statesOf(state.ItemProcessor) : []),
  ]);
}

function checkMachine(machine: Definition, place: string, fields: readonly string[]): void {
  known(machine, fields, place);
  const led = new Set([machine.StartAt]);
  for (const [name, state] of Object.entries(machine.States)) {
    checkState(state, name);
    for (const next of leadsTo(state)) led.add(next);
  }
  const there = Object.keys(machine.States);
  const nowhere = [...led].filter((name) => !there.includes(name));
  if (nowhere.length > 0) throw new Error(`${place} leads to ${nowhere.join(', ')}, which is not there.`);
  const lost = there.filter((name) => !led.has(name));
  if (lost.length > 0) throw new Error(`Nothing in ${place} leads to ${lost.join(', ')}.`);
}

function checkState(state: State, name: string): void {
  const fields = FIELDS[state.Type];
  if (!fields) throw unknown(`the type ${state.Type}`, name);
  known(state, ['Type', ...fields], name);
  if (state.Type === 'Choice') {
    for (const { Next, ...condition } of state.Choices) checkCondition(condition, name);
  }
  if (state.Type === 'Map') {
    known(state.ItemReader, ['Resource', 'Parameters'], name);
    known(state.ItemReader.Parameters, ['Bucket', 'Prefix.$'], name);
    if (state.ItemReader.Resource !== 'arn:aws:states:::s3:listObjectsV2') {
      throw unknown(`the reader ${state.ItemReader.Resource}`, name);
    }
    const { Mode, ExecutionType } = state.ItemProcessor.ProcessorConfig;
    if (Mode !== 'DISTRIBUTED' || ExecutionType !== 'STANDARD') throw unknown('this ProcessorConfig', name);
    checkMachine(state.ItemProcessor, name, [...MACHINE, 'ProcessorConfig']);
  }
  if ('Retry' in state) for (const each of state.Retry ?? []) known(each, RETRIER, name);
  if ('Catch' in state) for (const each of state.Catch ?? []) known(each, CATCHER, name);
}

function checkCondition(condition: Condition, name: string): void {
  known(condition, CONDITION, name);
  for (const each of condition.And ?? []) checkCondition(each, name);
}

/** The states that may come after one. @throws Error where it neither ends nor goes on */
export function leadsTo(state: State): readonly string[] {
  if (state.Type === 'Succeed' || state.Type === 'Fail') return [];
  if (state.Type === 'Choice') return [...state.Choices.map(({ Next }) => Next), state.Default];
  if ((state.Next === undefined) === (state.End === undefined)) {
    throw new Error(`A ${state.Type} state must have Next or End.`);
  }
  const caught = 'Catch' in state ? (state.Catch ?? []).map(({ Next }) => Next) : [];
  return state.Next === undefined ? caught : [state.Next, ...caught];
}

function known(value: object, fields: readonly string[], place: string): void {
  const field = Object.keys(value).find((key) => !fields.includes(key));
  if (field !== undefined) throw unknown(field, place);
}

function unknown(what: string, place: string): Error {
  return new Error(`test/support/run-state-machine.ts does not know ${what} (in ${place}): teach it to.`);
}
