/** What the definition needs to be told when it is deployed: it holds them as `${PlanFunction}`. */
export type Substitution =
  | 'PlanFunction'
  | 'ScanFunction'
  | 'FoldFunction'
  | 'ResendFunction'
  | 'ConcludeFunction'
  | 'RunsBucket';

const substituted = (name: Substitution): string => `\${${name}}`;

type State = Readonly<Record<string, unknown>>;
type States = Readonly<Record<string, State>>;

/** Distributed Maps of the definition: their label is in the names of their children. */
export const MAP_LABELS = ['Scan', 'Resend', 'Fold', 'ResendMissing'] as const;

/**
 * The course of every run, whatever its verb, in Amazon States Language with JSONPath. It knows only when each room's turn
 * is; what there is to do, rooms read from the run's files. So what is passed on stays small, whatever the archive's size.
 * Deployed as it is in `docs/recovery.md`, "How a run goes".
 */
export function recoveryDefinition(): State {
  return {
    Comment: 'Weir: replay, reconcile, preview, rebuild, redrive, verify',
    StartAt: 'Begin',
    States: { ...planning(), ...working(), ...ending() },
  };
}

/** When it may begin, and what there is to do. */
function planning(): States {
  return {
    Begin: plan('begin', 'IsBarrierNeeded'),
    IsBarrierNeeded: choice([[isTrue('$.begin.barrier'), 'Barrier']], 'Select'),
    ...until('Barrier', 'barrier', 'passed', 'Select'),
    Select: plan('select', 'IsDryRun'),
    IsDryRun: choice(
      [
        [isTrue('$.begin.dryRun'), 'Conclude'],
        [isTrue('$.select.cold'), 'Restore'],
      ],
      'WhichStage',
    ),
    ...until('Restore', 'restore', 'ready', 'WhichStage'),
  };
}

/** The rooms that do it, many at once. A map over nothing would be an error on LocalStack, and a map run for nothing at AWS. */
function working(): States {
  return {
    WhichStage: choice(
      [
        [{ And: [equals('$.select.stage', 'scan'), some('$.select.batches')] }, 'Scan'],
        [{ And: [equals('$.select.stage', 'resend'), some('$.select.batches')] }, 'Resend'],
      ],
      'IsFoldNeeded',
    ),
    Scan: mapOver('Scan', 'batches', worker('Scan'), 'IsFoldNeeded'),
    Resend: mapOver('Resend', 'batches', resending('Resend'), 'IsFoldNeeded'),
    IsFoldNeeded: choice(
      [[{ And: [isTrue('$.select.fold'), some('$.select.partitions')] }, 'Fold']],
      'Conclude',
    ),
    Fold: mapOver('Fold', 'partitions', worker('Fold'), 'Gather'),
    Gather: plan('gather', 'IsAnyMissing'),
    IsAnyMissing: choice([[some('$.gather.files'), 'ResendMissing']], 'Conclude'),
    ResendMissing: mapOver('ResendMissing', 'missing', resending('ResendMissing'), 'Conclude'),
  };
}

/** A run ends with what it came to, or with why it could not go on. */
function ending(): States {
  const failed = {
    ...invoke('Conclude', { ...RUN, 'error.$': '$.error' }),
    ResultPath: null,
    Retry: RETRY,
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Failed' }],
    Next: 'Failed',
  };
  return {
    Conclude: { ...invoke('Conclude', RUN), ...FAULTS, Next: 'Done' },
    Done: { Type: 'Succeed' },
    ConcludeFailed: failed,
    Failed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
  };
}

/** Names the run and its attempt: what every room is told. */
const RUN = { 'requestId.$': '$.requestId', 'attempt.$': '$.attempt' } as const;

/** What a room says of itself: nothing is to be gained by trying again. */
const FINAL = ['RunRefusedError', 'RunCancelledError', 'PartsNotDoneError'];

/**
 * Rooms may be killed at any moment and run again, so whatever else goes wrong is tried again: throttles (live traffic has
 * precedence) for a quarter of an hour, the rest for some minutes.
 */
const RETRY = [
  { ErrorEquals: FINAL, MaxAttempts: 0 },
  {
    ErrorEquals: [
      'Lambda.TooManyRequestsException',
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.ClientExecutionTimeoutException',
    ],
    ...{ IntervalSeconds: 2, BackoffRate: 2, MaxDelaySeconds: 120, MaxAttempts: 12, JitterStrategy: 'FULL' },
  },
  {
    ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
    ...{ IntervalSeconds: 2, BackoffRate: 2, MaxDelaySeconds: 60, MaxAttempts: 6, JitterStrategy: 'FULL' },
  },
];

const CATCH = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'ConcludeFailed' }];
/** Of a task of the run itself. Those of maps are caught by the map. */
const FAULTS = { Retry: RETRY, Catch: CATCH } as const;

/** Past every function's own timeout: an answer that was lost must not hold a run up for ever. */
const TASK_SECONDS = 960;

function invoke(room: 'Plan' | 'Scan' | 'Fold' | 'Resend' | 'Conclude', parameters?: State): State {
  return {
    Type: 'Task',
    Resource: substituted(`${room}Function`),
    TimeoutSeconds: TASK_SECONDS,
    ...(parameters && { Parameters: parameters }),
  };
}

/** A step of `plan`, whose answer stands under the step's name. */
function plan(step: string, next: string): State {
  return { ...invoke('Plan', { ...RUN, step }), ResultPath: `$.${step}`, ...FAULTS, Next: next };
}

/** Asks `plan` until its answer is yes, and waits in between as long as it says. */
function until(name: string, step: string, answer: string, next: string): States {
  return {
    [name]: plan(step, `${name}Or`),
    [`${name}Or`]: choice([[isTrue(`$.${step}.${answer}`), next]], `${name}Wait`),
    [`${name}Wait`]: { Type: 'Wait', SecondsPath: `$.${step}.waitSeconds`, Next: name },
  };
}

function choice(rules: readonly (readonly [condition: State, next: string])[], otherwise: string): State {
  return {
    Type: 'Choice',
    Choices: rules.map(([condition, Next]) => ({ ...condition, Next })),
    Default: otherwise,
  };
}

const isTrue = (variable: string): State => ({ Variable: variable, BooleanEquals: true });
const equals = (variable: string, text: string): State => ({ Variable: variable, StringEquals: text });
const some = (variable: string): State => ({ Variable: variable, NumericGreaterThan: 0 });

/**
 * One child execution for each file of a folder of the run. Children are of the standard type: express ones end after five
 * minutes, and rooms may take fifteen. One child that fails for good fails the map: what is left of it is not worth having.
 */
function mapOver(label: (typeof MAP_LABELS)[number], folder: string, processor: State, next: string): State {
  return {
    Type: 'Map',
    Label: label,
    MaxConcurrencyPath: '$.select.concurrency',
    ItemReader: {
      Resource: 'arn:aws:states:::s3:listObjectsV2',
      Parameters: {
        Bucket: substituted('RunsBucket'),
        'Prefix.$': `States.Format('runs/{}/${folder}/', $.requestId)`,
      },
    },
    ItemSelector: {
      ...RUN,
      [label === 'Fold' ? 'partition.$' : 'batch.$']: '$$.Map.Item.Value.Key',
    },
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...processor },
    // What children answer is collected before it is dropped, so they answer next to nothing: 256 KB is the limit for all.
    ResultPath: null,
    Catch: CATCH,
    Next: next,
  };
}

function worker(room: 'Scan' | 'Fold'): State {
  return {
    StartAt: `${room}One`,
    States: { [`${room}One`]: { ...invoke(room), Retry: RETRY, End: true } },
  };
}

/**
 * A room that sends at a pace may need more than one invocation's time: it says where it stopped.
 * @param map begins the states' names, which must differ in the whole machine
 */
function resending(map: 'Resend' | 'ResendMissing'): State {
  const [some, isAllSent, goOn, allSent] = [`${map}Some`, `${map}Or`, `${map}GoOn`, `${map}Done`];
  return {
    StartAt: some,
    States: {
      [some]: { ...invoke('Resend'), ResultPath: '$.sent', Retry: RETRY, Next: isAllSent },
      [isAllSent]: choice([[isTrue('$.sent.done'), allSent]], goOn),
      [goOn]: {
        Type: 'Pass',
        Parameters: { ...RUN, 'batch.$': '$.batch', 'cursor.$': '$.sent.cursor' },
        Next: some,
      },
      [allSent]: { Type: 'Pass', Result: {}, End: true },
    },
  };
}
