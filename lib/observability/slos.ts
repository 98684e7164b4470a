import type { Failure, Owner, Reading } from './alarm.ts';
import type { MetricId } from './metrics.ts';

/** How the bad among all are counted. */
export type Measure =
  /** Two counts: of the bad ones, and of all or of the good ones. */
  | {
      readonly bad: MetricId;
      readonly all: MetricId /** Of the bad, those that are none. */;
      readonly excused?: MetricId;
    }
  | { readonly bad: MetricId; readonly good: MetricId }
  /** Of a duration's samples, those that took longer. */
  | { readonly duration: MetricId; readonly withinMs: number };

/** A service level whose error budget is spent event by event, so that a burn rate can be told. */
export interface Slo {
  readonly id: string;
  /** Share of good ones over 30 days. */
  readonly objective: number;
  readonly promise: string;
  readonly measure: Measure;
  /** Why nobody is woken however fast the budget burns. @default - somebody is */
  readonly onlyTickets?: string;
  /** Bad ones in a window below which no alarm is raised: of few, one is a large share. */
  readonly atLeast: number;
  readonly owner: Owner;
  readonly impact: string;
  readonly failures: readonly Failure[];
}

/** What the promises of a deployment depend on. */
export interface Deployment {
  /** How long the log keeps records. */
  readonly retentionHours: number;
  /** How long the projector gathers records, by its freshness: it is no fault that they wait so long. */
  readonly gatherSeconds: number;
  /** Write units of state that an event may cost before somebody is told. @default 3 */
  readonly writesPerEvent?: number;
}

/** The service levels of the design that have an error budget. Those of whole runs have thresholds instead: `causes-proofs.ts`. */
export const slosOf = ({ gatherSeconds }: Deployment): readonly Slo[] => [
  {
    id: 'api-availability',
    objective: 0.9999,
    promise: 'Requests are answered without 5xx: those that bring events, and those that ask for usage',
    // What is shed is shed so that the rest is answered; its senders are told when to come again.
    measure: { bad: 'api.failed', excused: 'ingest.requestsShed', all: 'api.requests' },
    atLeast: 10,
    owner: 'operations',
    impact: 'Senders are refused. They send again; those that can not lose events before Weir has them.',
    failures: ['F5', 'F12'],
  },
  {
    id: 'publish-latency',
    objective: 0.99,
    promise: 'POST /v1/events is answered within 300 ms',
    measure: { duration: 'api.publish', withinMs: 300 },
    atLeast: 100,
    owner: 'operations',
    impact: 'Senders wait, and those with short timeouts send again.',
    failures: ['F5', 'F12'],
  },
  {
    id: 'delivered',
    objective: 0.999,
    promise: 'Events are in state 60 s after their receipt',
    measure: { bad: 'project.late', all: 'project.counted' },
    atLeast: 100,
    owner: 'operations',
    impact: 'Usage is behind what was sent; asOf says how far. Nothing is lost.',
    failures: ['F5', 'F12'],
  },
  {
    id: 'archived',
    objective: 0.9999,
    promise: 'Events are in the archive 5 minutes after their receipt',
    measure: { bad: 'archive.late', all: 'archive.events' },
    atLeast: 100,
    owner: 'operations',
    impact: 'What is not archived has one copy, in the log, and the log forgets.',
    failures: ['F11', 'F12'],
  },
  {
    id: 'end-to-end',
    objective: 0.99,
    promise: 'Events are in state 2 s after their receipt, and the time that freshness gathers them',
    measure: { duration: 'project.endToEnd', withinMs: 2000 + 1000 * gatherSeconds },
    onlyTickets: 'Seconds can wait until morning; of a minute, delivered tells.',
    atLeast: 100,
    owner: 'operations',
    impact: 'Usage is fresh to the minute, not to the second.',
    failures: ['F5'],
  },
  {
    id: 'consumer-lag',
    objective: 0.95,
    promise: 'Batches are counted 10 s after their last arrival, and the time that freshness gathers them',
    // Not IteratorAge: Lambda does not promise percentiles of it.
    measure: { duration: 'project.lag', withinMs: 10_000 + 1000 * gatherSeconds },
    atLeast: 20,
    owner: 'operations',
    impact: 'Usage is behind what was sent; asOf says how far. Nothing is lost.',
    failures: ['F5', 'F9', 'F12'],
  },
  {
    id: 'quarantined',
    objective: 0.999,
    promise: 'Events can be counted',
    measure: { bad: 'ingest.quarantined', good: 'ingest.accepted' },
    onlyTickets: 'Senders spend it: it is they who must act, and nothing is lost.',
    atLeast: 50,
    owner: 'integrations',
    impact: 'Usage of a producer is kept and not billed until it is corrected.',
    failures: ['F6'],
  },
];

/** Metric math for the share of bad ones, and what it reads. Below `atLeast` bad ones it is 0. */
export function badShare({ measure, atLeast }: Slo): {
  readonly readings: Readonly<Record<string, Reading>>;
  readonly expression: string;
} {
  if ('duration' in measure) {
    const { duration, withinMs } = measure;
    return {
      readings: { n: [duration, 'SampleCount'], within: [duration, `PR(:${withinMs})`] },
      expression: `IF(n * (100 - within) >= ${100 * atLeast}, 1 - within / 100, 0)`,
    };
  }
  // A count that is 0 is not written at all.
  const excused = 'excused' in measure ? measure.excused : undefined;
  const bad = excused === undefined ? 'FILL(bad, 0)' : '(FILL(bad, 0) - FILL(excused, 0))';
  const [other, all] = 'all' in measure ? [measure.all, 'all'] : [measure.good, `(${bad} + FILL(all, 0))`];
  return {
    readings: {
      bad: [measure.bad, 'Sum'],
      ...(excused !== undefined && { excused: [excused, 'Sum'] as const }),
      all: [other, 'Sum'],
    },
    expression: `IF(${bad} >= ${atLeast}, ${bad} / ${all}, 0)`,
  };
}
