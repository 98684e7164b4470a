import { inDeployment } from '../../../lib/observability/metric.ts';
import { type MetricId, metricIds, metricOf } from '../../../lib/observability/metrics.ts';
import type { MetricData, MetricKey } from '../alarm-simulator/metric-data.ts';
import { metricKey } from '../alarm-simulator/metric-data.ts';
import type { Samples } from '../alarm-simulator/statistics.ts';
import { type Minute, minuteOf, type Scenario } from './world.ts';

const none: Samples = [];
/** Our functions leave out what is 0. */
const counted = (n: number): Samples => (n === 0 ? none : [[n, 1]]);
/** AWS and the runs of proofs say 0 too. */
const always = (n: number | undefined): Samples => (n === undefined ? none : [[n, 1]]);
const perRun = (runs: number, value: number): Samples => (runs === 0 ? none : [[value, runs]]);

const EVENTS_PER_REQUEST = 10;
const events = ({ requests, failing }: Minute) => requests * (1 - failing) * EVENTS_PER_REQUEST;
const countedEvents = (m: Minute) =>
  m.projectorRuns === 0 ? 0 : Math.round(events(m) * (1 - m.quarantined - m.refused));
const archivedEvents = (m: Minute) => (m.archiveRuns === 0 ? 0 : Math.round(events(m)));

const latency = ({ requests, slow }: Minute): Samples =>
  requests === 0
    ? none
    : [
        [20, requests * (1 - slow)],
        [1000, requests * slow],
      ];

const oncePerRequest = (value: (m: Minute) => number) => (m: Minute) =>
  m.requests === 0 ? none : always(value(m));

/** What each metric of the catalogue gets in a minute. A metric that is not here fails the compiler. */
const SAMPLES: Readonly<Record<MetricId, (minute: Minute) => Samples>> = {
  'api.requests': oncePerRequest((m) => m.requests),
  'api.failed': oncePerRequest((m) => Math.round(m.requests * m.failing)),
  'api.publish': latency,
  'ingest.duration': latency,
  'ingest.throttles': (m) => counted(m.ingestThrottles),
  'ingest.accepted': (m) => counted(Math.round(events(m) * (1 - m.quarantined - m.refused))),
  'ingest.quarantined': (m) => counted(Math.round(events(m) * m.quarantined)),
  'ingest.refused': (m) => counted(Math.round(events(m) * m.refused)),
  'ingest.logRefusals': (m) => counted(m.logThrottles),
  'ingest.unauthorized': (m) => counted(m.keysRefused),
  'ingest.shed': (m) => counted(m.shed),
  'ingest.controlFailures': (m) => counted(m.controlFailures),
  'ingest.activityFailures': () => none,
  'ingest.requestsShed': (m) => counted(Math.round(m.requests * m.requestsShed)),
  'receive.queued': (m) => counted(Math.round(m.requests / 10)),
  'receive.forged': (m) => counted(m.forged),
  'webhooks.waiting': () => always(0),
  'webhooks.oldest': (m) => always(m.webhooksOldestSeconds),
  'webhooks.dead': (m) => always(m.webhooksDead),
  'normalise.failed': () => none,
  'sweep.failed': (m) => counted(m.notSwept),
  'log.throttled': (m) => always(m.logThrottles),
  'log.records': (m) => always(m.requests),
  'mark.marks': (m) => counted(m.marks),
  'project.runs': (m) => counted(m.projectorRuns),
  'project.age': (m) => perRun(m.projectorRuns, m.projectorAge),
  'project.lag': (m) => perRun(m.projectorRuns, m.projectorAge),
  'project.failures': (m) => counted(m.projectorFailures),
  'project.counted': (m) => counted(countedEvents(m)),
  'project.duplicates': (m) => counted(m.duplicates),
  'project.conflicts': (m) => counted(m.conflicts),
  'project.late': (m) => counted(Math.round(countedEvents(m) * m.deliveredLate)),
  'project.after': (m) => counted(Math.round(countedEvents(m) * m.afterWindow)),
  'project.endToEnd': (m) => perRun(m.projectorRuns, m.projectorAge),
  'archive.runs': (m) => counted(m.archiveRuns),
  'archive.errors': (m) => (m.archiveRuns === 0 ? none : always(m.archiveErrors)),
  'archive.age': (m) => perRun(m.archiveRuns, m.archiveAge),
  'archive.lag': (m) => perRun(m.archiveRuns, m.archiveAge),
  'archive.events': (m) => counted(archivedEvents(m)),
  'archive.late': (m) => counted(Math.round(archivedEvents(m) * m.archivedLate)),
  // It takes what waits at once, and what it could not heal is out of sight until the next try.
  'repair.waiting': () => always(0),
  'repair.tried': (m) => always(m.repairWaiting),
  'repair.dead': (m) => always(m.repairDead),
  'repair.done': () => none,
  'state.writes': (m) => counted(Math.round(countedEvents(m) * m.writesPerEvent)),
  'state.throttled': (m) => counted(m.stateThrottles),
  'verify.missing': (m) => always(m.verified?.missing),
  'verify.broken': (m) => always(m.verified?.broken),
  'reconcile.compared': (m) => always(m.reconciled?.compared),
  'reconcile.differing': (m) => always(m.reconciled?.differing),
  'reconcile.extra': (m) => always(m.reconciled?.extra),
  'plan.failed': () => none,
  'scan.failed': () => none,
  'fold.failed': () => none,
  'resend.failed': () => none,
  'anchor.errors': (m) => counted(m.jobsFailing),
  'sweep.errors': (m) => counted(m.jobsFailing),
  'recover.done': (m) => always(m.replays?.done),
  'recover.failed': (m) => always(m.replays?.failed),
  'probe.ok': (m) => counted(m.probeOk),
  'probe.roundTrip': (m) => perRun(m.probeOk, m.projectorAge),
  'watch.silent': (m) => counted(m.silentProducers),
  'watch.gap': (m) => always(m.telemetryGap),
  'watch.pii': (m) => counted(m.piiInLogs),
  'watch.deployed': (m) => counted(m.deployed),
  'watch.contractsChanged': (m) => counted(m.deployed),
  'guard.level': (m) => always(m.guardLooks ? 0 : undefined),
  'guard.held': (m) => counted(m.producersOverBudget),
  'guard.steps': () => none,
  'guard.overBudget': (m) => counted(m.producersOverBudget),
  'watch.expiring': (m) => counted(m.keysExpiring),
  maintenance: (m) => counted(m.maintenance),
};

const BY_KEY = new Map<MetricKey, MetricId>(
  metricIds.map((id) => {
    const { namespace, name, dimensions } = inDeployment(metricOf(id), 'weir');
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    return [metricKey({ Namespace: namespace, MetricName: name, Dimensions }), id];
  }),
);

/** Of minutes that several scenarios share, as most of their history is, once for all of them. */
const known = new WeakMap<Minute, Map<MetricId, Samples>>();

function samplesOf(id: MetricId, minute: Minute): Samples {
  let ofMinute = known.get(minute);
  if (!ofMinute) {
    ofMinute = new Map();
    known.set(minute, ofMinute);
  }
  let samples = ofMinute.get(id);
  if (!samples) {
    samples = SAMPLES[id](minute);
    ofMinute.set(id, samples);
  }
  return samples;
}

/** The metrics that a scenario makes, as CloudWatch would have them. @throws Error for a metric that nothing emits */
export function metricsOf(scenario: Scenario): MetricData {
  const minutes = new Map<number, Minute>();
  const at = (minute: number): Minute => {
    const before = minutes.get(minute) ?? minuteOf(scenario, minute);
    minutes.set(minute, before);
    return before;
  };
  return (key, minute) => {
    const id = BY_KEY.get(key);
    if (id === undefined) throw new Error(`An alarm watches ${key}, which is not in the catalogue.`);
    return samplesOf(id, at(minute));
  };
}
