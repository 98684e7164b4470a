import type { MetricAlarm } from './alarm.ts';
import { burnAlarms } from './burn-rates.ts';
import { isPlanned, type MetricId } from './metrics.ts';
import { quietTickets } from './pages.ts';
import { type Deployment, slosOf } from './slos.ts';

const MINUTE = 60;
const silence = ['notBreaching', 'Nothing is written where nothing happened'] as const;

/** What a release is taken back for, beside errors of the new version itself, by the stack whose functions it is about. */
export interface ReleaseAlarms {
  readonly ingress: readonly MetricAlarm[];
  readonly processing: readonly MetricAlarm[];
}

/**
 * Metric alarms only, as CodeDeploy does not look at composites; and those that speak within minutes: of an SLO the short
 * window of its fast rate. A tenth of the traffic that fails burns a budget of 0.01 % a thousand times too fast.
 */
export function releaseAlarms(deployment: Deployment): ReleaseAlarms {
  return {
    ingress: [shortWindow('api-availability', deployment), shortWindow('publish-latency', deployment)],
    processing: [
      shortWindow('delivered', deployment),
      failing('projector', 'project.failures', 'Buckets can not be counted since the release'),
      failing('webhooks', 'normalise.failed', 'Deliveries can not be normalised since the release'),
    ].filter(({ readings }) => Object.values(readings).every(([metric]) => !isPlanned(metric))),
  };
}

/** Heading in the runbook of all of them. */
export const RELEASE_HEADING = 'release-taken-back';

function shortWindow(sloId: string, deployment: Deployment): MetricAlarm {
  const slo = slosOf(deployment).find(({ id }) => id === sloId);
  const alarm = slo && burnAlarms(slo, quietTickets).find(({ id }) => id === `${sloId}-fast-short`);
  if (alarm?.kind !== 'metric')
    throw new Error(`No SLO "${sloId}" has a fast rate: releases can't watch it.`);
  return { ...alarm, id: `release-${sloId}`, runbook: RELEASE_HEADING };
}

/** Two minutes of three: a service that hiccups is no fault of the release. */
function failing(what: string, metric: MetricId, impact: string): MetricAlarm {
  return {
    kind: 'metric',
    id: `release-${what}`,
    runbook: RELEASE_HEADING,
    severity: 'part',
    owner: 'operations',
    impact: `${impact}, in two minutes of three.`,
    failures: ['F8', 'F12'],
    readings: { failures: [metric, 'Sum'] },
    periodSeconds: MINUTE,
    datapoints: [2, 3],
    breaches: '>',
    threshold: 0,
    missing: silence,
  };
}
