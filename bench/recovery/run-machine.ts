/** A state machine in Amazon States Language, as far as the one of recovery needs it. */
export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

type State = Readonly<Record<string, unknown>> & { readonly Type: string };
type Data = Record<string, unknown>;

export interface Surroundings {
  /** By name: `Plan` is called for `${PlanFunction}`. */
  readonly rooms: Readonly<Record<string, (input: never) => Promise<unknown>>>;
  /** Keys of the bucket that begin with this: what a distributed map goes over. */
  readonly list: (prefix: string) => Promise<readonly string[]>;
  readonly wait: (seconds: number) => Promise<void>;
}

/** What an execution is billed for. */
export interface Execution {
  /**
   * State transitions: every state entered, and one for every child that a distributed map starts
   * (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-transitions.html).
   */
  transitions: number;
  /** Calls of each room. */
  readonly calls: Record<string, number>;
}

/**
 * Runs a definition to its end and counts its transitions. Children of maps run one after the other, and nothing is retried:
 * on a quiet day nothing fails.
 * @throws what a room throws; Error for what this does not know of the language
 */
export async function runMachine(
  definition: Definition,
  input: Data,
  around: Surroundings,
): Promise<Execution> {
  const execution: Execution = { transitions: 0, calls: {} };
  await run(definition, input, around, execution);
  return execution;
}

async function run(
  { StartAt, States }: Definition,
  input: Data,
  around: Surroundings,
  execution: Execution,
): Promise<void> {
  let data = input;
  for (let name: string | undefined = StartAt; name !== undefined; ) {
    const state: State = States[name]!;
    execution.transitions += 1;
    const result = await enter(state, data, around, execution);
    data = place(state.ResultPath, data, result);
    name = nextOf(state, data);
  }
}

async function enter(state: State, data: Data, around: Surroundings, execution: Execution): Promise<unknown> {
  switch (state.Type) {
    case 'Task': {
      const room = /^\$\{(\w+)Function\}$/.exec(String(state.Resource))![1]!;
      execution.calls[room] = (execution.calls[room] ?? 0) + 1;
      const asked = state.Parameters ? fill(state.Parameters as Data, data) : data;
      return (await around.rooms[room]!(asked as never)) ?? {};
    }
    case 'Wait':
      await around.wait(Number(read(String(state.SecondsPath), data)));
      return data;
    case 'Pass':
      return state.Result ?? (state.Parameters ? fill(state.Parameters as Data, data) : data);
    case 'Map':
      return map(state, data, around, execution);
    case 'Choice':
    case 'Succeed':
      return data;
    default:
      throw new Error(`the bench has no rule for a state of type ${state.Type}`);
  }
}

async function map(state: State, data: Data, around: Surroundings, execution: Execution): Promise<unknown> {
  const { ItemReader, ItemSelector, ItemProcessor } = state as unknown as {
    readonly ItemReader: { readonly Parameters: Data };
    readonly ItemSelector: Data;
    readonly ItemProcessor: Definition;
  };
  const { Prefix } = fill(ItemReader.Parameters, data);
  for (const key of await around.list(String(Prefix))) {
    execution.transitions += 1;
    await run(ItemProcessor, fill(ItemSelector, data, key), around, execution);
  }
  return data;
}

function nextOf(state: State, data: Data): string | undefined {
  if (state.Type !== 'Choice') return state.Next as string | undefined;
  const rules = state.Choices as readonly Data[];
  return (rules.find((rule) => holds(rule, data))?.Next ?? state.Default) as string;
}

function holds(rule: Data, data: Data): boolean {
  if (rule.And) return (rule.And as readonly Data[]).every((each) => holds(each, data));
  const value = read(String(rule.Variable), data);
  if (rule.BooleanEquals !== undefined) return value === rule.BooleanEquals;
  if (rule.StringEquals !== undefined) return value === rule.StringEquals;
  if (rule.NumericGreaterThan !== undefined) return Number(value) > Number(rule.NumericGreaterThan);
  throw new Error(`the bench has no rule for the condition ${JSON.stringify(rule)}`);
}

/** Parameters with their paths resolved. */
function fill(parameters: Data, data: Data, itemKey?: string): Data {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) =>
      name.endsWith('.$') ? [name.slice(0, -2), resolve(String(value), data, itemKey)] : [name, value],
    ),
  );
}

function resolve(path: string, data: Data, itemKey: string | undefined): unknown {
  if (path === '$$.Map.Item.Value.Key') return itemKey;
  const [, format, of] = /^States\.Format\('([^']*)', (\$\.\w+)\)$/.exec(path) ?? [];
  return format === undefined ? read(path, data) : format.replace('{}', String(read(of!, data)));
}

function read(path: string, data: Data): unknown {
  const names = path.split('.').slice(1);
  return names.reduce<unknown>((value, name) => (value as Data | undefined)?.[name], data);
}

/** Where a state's result goes: in place of its input, under a name, or nowhere. */
function place(path: unknown, data: Data, result: unknown): Data {
  if (path === null) return data;
  return path === undefined ? (result as Data) : { ...data, [String(path).slice(2)]: result };
}
