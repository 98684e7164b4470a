/** What happens in one minute, as far as a metric tells of it. Times are in ms; undefined is "nothing is written". */
export interface Minute {
  /** Requests to POST /v1/events, of ten events each. */
  readonly requests: number;
  /** Share of the requests that is answered with 5xx. */
  readonly failing: number;
  /** Share of the requests that takes a second. */
  readonly slow: number;
  /** Share of the events that is kept and not counted. */
  readonly quarantined: number;
  /** Share of the events that is handed back in an answer that is no 5xx. */
  readonly refused: number;
  readonly shed: number;
  /** Share of the requests that is answered with 5xx for shedding; it is part of the failing ones. */
  readonly requestsShed: number;
  readonly controlFailures: number;
  readonly keysRefused: number;
  readonly forged: number;
  readonly ingestThrottles: number;
  readonly logThrottles: number;
  readonly stateThrottles: number;

  /** Open shards that got a mark. */
  readonly marks: number;
  /** Batches; 0 where the function is not started. */
  readonly projectorRuns: number;
  readonly projectorAge: number;
  readonly projectorFailures: number;
  readonly archiveRuns: number;
  readonly archiveAge: number;
  readonly archiveErrors: number;
  /** Shares of the events that are counted, and archived, later than promised. */
  readonly deliveredLate: number;
  readonly archivedLate: number;
  /** Share of the events that were received after their window had ended. */
  readonly afterWindow: number;
  readonly duplicates: number;
  readonly conflicts: number;
  /** Write units for an event. */
  readonly writesPerEvent: number;
  readonly repairWaiting: number;
  readonly repairDead: number;
  readonly webhooksOldestSeconds: number;
  readonly webhooksDead: number;
  readonly notSwept: number;
  /** Runs that failed of each job that a rule starts. */
  readonly jobsFailing: number;

  readonly probeOk: number;
  readonly silentProducers: number;
  readonly telemetryGap: number | undefined;
  readonly piiInLogs: number;
  /** Whether guard has looked, and come to the end of it. */
  readonly guardLooks: boolean;
  readonly producersOverBudget: number;
  readonly keysExpiring: number;
  readonly maintenance: number;
  /** 1 where another build began to run, with other contracts. */
  readonly deployed: number;

  /** Results of runs that end in this minute. */
  readonly verified: { readonly missing: number; readonly broken: number } | undefined;
  readonly reconciled:
    | { readonly compared: number; readonly differing: number; readonly extra: number }
    | undefined;
  readonly replays: { readonly done: number; readonly failed: number } | undefined;
}

/** What is otherwise than usual in a minute. Minutes count from 1; 0 and before are history. */
export type Scenario = (minute: number) => Partial<Minute>;

/** An ordinary minute: 600 requests, runs that end well, nobody is hurt. */
const usual = (minute: number): Minute => ({
  requests: 600,
  failing: 0,
  slow: 0.001,
  quarantined: 0.0001,
  refused: 0,
  shed: 0,
  requestsShed: 0,
  controlFailures: 0,
  keysRefused: 0,
  forged: 0,
  ingestThrottles: 0,
  logThrottles: 0,
  stateThrottles: 0,
  marks: 2,
  projectorRuns: 120,
  projectorAge: 400,
  projectorFailures: 0,
  archiveRuns: 2,
  archiveAge: 62_000,
  archiveErrors: 0,
  deliveredLate: 0,
  archivedLate: 0,
  afterWindow: 0.005,
  duplicates: 20,
  conflicts: 0,
  writesPerEvent: 0.4,
  repairWaiting: 0,
  repairDead: 0,
  webhooksOldestSeconds: 2,
  webhooksDead: 0,
  notSwept: 0,
  jobsFailing: 0,
  probeOk: 1,
  silentProducers: 0,
  telemetryGap: mod(minute, 60) === 10 ? 0 : undefined,
  piiInLogs: 0,
  guardLooks: true,
  producersOverBudget: 0,
  keysExpiring: 0,
  maintenance: 0,
  deployed: 0,
  verified: mod(minute, 24 * 60) === 180 ? { missing: 0, broken: 0 } : undefined,
  reconciled: mod(minute, 60) === 20 ? { compared: 50_000, differing: 0, extra: 0 } : undefined,
  replays: undefined,
});

const mod = (a: number, b: number) => ((a % b) + b) % b;

const DAY = 24 * 60;
/** Every day is the same. */
const usualDay = Array.from({ length: DAY }, (_, minute) => usual(minute));

export function minuteOf(scenario: Scenario, minute: number): Minute {
  const before = usualDay[mod(minute, DAY)]!;
  const otherwise = scenario(minute);
  return Object.keys(otherwise).length === 0 ? before : { ...before, ...otherwise };
}

/** Holds from the first minute to the last, both included. */
export const during =
  (first: number, last: number, what: Partial<Minute> | Scenario): Scenario =>
  (minute) =>
    minute < first || minute > last ? {} : typeof what === 'function' ? what(minute) : what;

/** One after the other; where two speak of the same, the later one is right. */
export const all =
  (...scenarios: readonly Scenario[]): Scenario =>
  (minute) =>
    Object.assign({}, ...scenarios.map((scenario) => scenario(minute)));
