import type { AlarmSpec, CompositeAlarm, MetricAlarm, Quiet } from './alarm.ts';

/** In alarm while a maintenance window is open. */
const maintenanceAlarm: MetricAlarm = {
  kind: 'metric',
  id: 'maintenance',
  severity: 'part',
  owner: 'operations',
  impact: 'Nobody is paged, but for personal data in logs: somebody is at work and watches.',
  failures: [],
  readings: { open: ['maintenance', 'Maximum'] },
  periodSeconds: 60,
  datapoints: [1, 1],
  breaches: '>=',
  threshold: 1,
  missing: ['notBreaching', 'A window that nobody holds open is over'],
};

const HALF_AN_HOUR = 1800;

/**
 * Windows look back: what failed in a maintenance window is in them for as long as they are, half an hour for those that
 * page and six hours for those that make tickets. What is still wrong then is said then, so keep windows short.
 */
const duringMaintenance = (longestWindowSeconds: number): Quiet => ({
  while: maintenanceAlarm.id,
  waitSeconds: 60,
  extensionSeconds: longestWindowSeconds + 300,
});

/** For tickets of burn rates. */
export const quietTickets: Quiet = duringMaintenance(6 * 3600);

/** A page, and the pages above it: while one of those is open, this one is taken for its consequence. */
interface Page extends Pick<CompositeAlarm, 'id' | 'owner' | 'impact' | 'failures'> {
  readonly any: readonly string[];
  readonly below: readonly string[];
}

/**
 * Who calls somebody at night. In the order of the way of an event, as what fails above makes noise below. A page below
 * waits three minutes for those above, and half an hour after them for its backlog to drain; if it is still in alarm
 * then, it has a cause of its own.
 */
const pages: readonly Page[] = [
  {
    id: 'ingest-failing',
    owner: 'operations',
    impact: 'Senders can not send, or wait for long.',
    failures: ['F5', 'F9', 'F12'],
    any: ['api-availability-burns', 'publish-latency-burns', 'events-refused', 'ingest-throttled'],
    below: [],
  },
  {
    id: 'heartbeat-missing',
    owner: 'operations',
    impact: 'No marks: asOf stands still, and whether the rest works is not known.',
    failures: ['F4', 'F12'],
    any: ['marks-missing'],
    below: ['ingest-failing'],
  },
  {
    id: 'consumers-behind',
    owner: 'operations',
    impact: 'Usage is behind what was sent. Nothing is lost while the log and the queue remember.',
    failures: ['F5', 'F8', 'F9', 'F12'],
    any: [
      'consumer-lag-burns',
      'delivered-burns',
      'projector-behind',
      'projector-silent',
      'projector-failing',
      'webhooks-late',
    ],
    below: ['ingest-failing', 'heartbeat-missing'],
  },
  {
    id: 'archive-behind',
    owner: 'operations',
    impact: 'What is not archived has one copy, in the log, which forgets.',
    failures: ['F11', 'F12', 'F14'],
    any: ['archived-burns', 'archive-old', 'archive-failing', 'archive-silent'],
    below: ['ingest-failing', 'heartbeat-missing', 'consumers-behind'],
  },
  {
    id: 'probe-failing',
    owner: 'operations',
    impact: 'Weir does not work as a customer would see it, and nothing else says why.',
    failures: ['F4', 'F12'],
    any: ['probe-missing'],
    below: ['ingest-failing', 'heartbeat-missing', 'consumers-behind'],
  },
  {
    id: 'retention-at-risk',
    owner: 'operations',
    // The one that comes after another of the same cause, days later: by then it is about loss.
    impact: 'In half of the retention from now, events are lost for good.',
    failures: ['F11'],
    any: ['project-retention', 'archive-retention'],
    below: [],
  },
  {
    id: 'repair-stuck',
    owner: 'operations',
    impact: 'A range of the log was given up and has not been repaired: its usage is missing.',
    failures: ['F8'],
    any: ['repair-waiting', 'repair-dead'],
    // What was given up has held up its shard before, which has paged.
    below: ['consumers-behind'],
  },
  {
    id: 'proof-failed',
    owner: 'operations',
    impact:
      'A number, or the archive behind it, was found to be wrong. Bill nothing of it until it is explained.',
    failures: ['F1', 'F2', 'F3', 'F14'],
    any: ['loss', 'archive-broken', 'state-drift', 'counted-twice'],
    below: [],
  },
];

/** The composites that page, those that keep them quiet, and the alarm of maintenance windows. */
export const pageAlarms: readonly AlarmSpec[] = [maintenanceAlarm, ...pages.flatMap(pageOf)];

function pageOf({ id, owner, impact, failures, any, below }: Page): readonly CompositeAlarm[] {
  const shared = { kind: 'composite', owner, failures } as const;
  const page = { ...shared, id, impact, severity: 'page', rule: { any } } as const;
  if (below.length === 0) return [{ ...page, quiet: duringMaintenance(HALF_AN_HOUR) }];
  const upstream: CompositeAlarm = {
    ...shared,
    id: `${id}-explained`,
    runbook: id,
    severity: 'part',
    impact: `${id} is silent: a page above it is open, or a maintenance window.`,
    rule: { any: [maintenanceAlarm.id, ...below] },
  };
  return [
    { ...page, quiet: { while: upstream.id, waitSeconds: 180, extensionSeconds: HALF_AN_HOUR } },
    upstream,
  ];
}
