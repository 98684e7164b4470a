import type { Heard } from './watch.ts';
import { all, during, type Scenario } from './world.ts';

const FOREVER = Number.POSITIVE_INFINITY;
const DAY = 24 * 60;

/** A run of `verify` at three in the morning, and of `reconcile` each hour, that find something each time. */
const verified = (found: { missing: number; broken: number }): Scenario =>
  during(1, FOREVER, (minute) => (minute % DAY === 180 ? { verified: found } : {}));
const reconciled = (differing: number, extra: number): Scenario =>
  during(1, FOREVER, (minute) =>
    minute % 60 === 20 ? { reconciled: { compared: 50_000, differing, extra } } : {},
  );
/** Trouble begins at the end of minute 9, so that minutes are those since then, and nine. */
const from10 = (until: number, what: Parameters<typeof during>[2]) => during(10, until, what);
const grows = (minute: number) => (minute - 9) * 60_000;

/** A failure, how it shows in metrics, for how many minutes it is watched, and who hears of it when. */
export type Failing = readonly [name: string, scenario: Scenario, minutes: number, heard: Heard];

// Times that tickets of three days have are those of the hour: they are evaluated at three past.
/** The failures of the design, each as it would show. */
export const failures: readonly Failing[] = [
  [
    'F1 loss: numbers that were acknowledged are not in the archive',
    verified({ missing: 3, broken: 0 }),
    2 * DAY,
    [[181, 'page proof-failed']],
  ],
  [
    'F1, F3 loss that the reconcile sees before verify does',
    all(reconciled(4, 7), verified({ missing: 7, broken: 0 })),
    DAY,
    [[21, 'page proof-failed']],
  ],
  [
    'F2 duplicates: somebody retries without end',
    from10(FOREVER, { duplicates: 9000 }),
    600,
    [[64, 'ticket duplicates-high']],
  ],
  ['F2 id reuse: one conflict', from10(10, { conflicts: 1 }), 600, [[10, 'ticket conflicts']]],
  ['F3 drift: 8 buckets in 10,000 differ', reconciled(40, 0), 600, [[21, 'page proof-failed']]],
  ['F3 drift that was mended', during(1, 60, reconciled(40, 0)), 600, [[21, 'page proof-failed']]],
  ['F4 blackout: no marks', from10(FOREVER, { marks: 0 }), 600, [[17, 'page heartbeat-missing']]],
  [
    'F4 blackout: nothing at all is written any more',
    from10(FOREVER, { requests: 0, marks: 0, projectorRuns: 0, archiveRuns: 0, probeOk: 0 }),
    600,
    [[17, 'page heartbeat-missing']],
  ],
  [
    'F4 the probe alone: something is wrong that no other alarm knows',
    from10(FOREVER, { probeOk: 0 }),
    600,
    [[19, 'page probe-failing']],
  ],
  ['F4 silent producer', from10(FOREVER, { silentProducers: 1 }), 600, [[20, 'ticket producers-silent']]],
  [
    'F4 telemetry is lost',
    from10(FOREVER, (minute) => (minute % 60 === 10 ? { telemetryGap: 100 } : {})),
    600,
    [[70, 'ticket telemetry-gap']],
  ],
  [
    'F5 storm: ten times the traffic for two hours',
    from10(130, (minute) => ({
      ...{ requests: 6000, logThrottles: 100, projectorAge: grows(minute) / 2 },
      ...{ deliveredLate: minute > 12 ? 1 : 0, probeOk: minute > 12 ? 0 : 1 },
      webhooksOldestSeconds: (minute - 9) * 30,
    })),
    1000,
    [
      [16, 'page consumers-behind'],
      [19, 'ticket log-throttled'],
      [64, 'ticket delivered-leaks'],
      [64, 'ticket end-to-end-leaks'],
    ],
  ],
  [
    'F6 schema break: a third of all events',
    from10(FOREVER, { quarantined: 0.3 }),
    600,
    [[13, 'ticket quarantined-leaks']],
  ],
  [
    'F6 schema break: one small producer',
    from10(FOREVER, { quarantined: 0.02 }),
    600,
    [[54, 'ticket quarantined-leaks']],
  ],
  ['F7 PII in logs', from10(10, { piiInLogs: 1 }), 600, [[10, 'page pii-logged']]],
  [
    'F8 poison: a bucket holds up its shard, is given up, and its range repaired in time',
    all(
      from10(200, { projectorFailures: 1, projectorAge: 600_000, deliveredLate: 0.5 }),
      during(200, 240, { repairWaiting: 1 }),
    ),
    1000,
    [
      [14, 'page consumers-behind'],
      [64, 'ticket delivered-leaks'],
      [64, 'ticket end-to-end-leaks'],
    ],
  ],
  [
    'F8 poison that was given up, and that nobody repairs',
    during(10, FOREVER, { repairWaiting: 1 }),
    600,
    [[23, 'page repair-stuck']],
  ],
  ['F8 webhooks given up', from10(FOREVER, { webhooksDead: 3 }), 600, [[20, 'ticket webhooks-dead']]],
  [
    'F8 dead letters that can not be swept',
    from10(FOREVER, (minute) => (minute % 15 === 0 ? { notSwept: 3 } : {})),
    600,
    [[30, 'ticket dead-letters-stay']],
  ],
  [
    'F9 hot subject, noisy tenant: retries still carry it',
    from10(200, { logThrottles: 20, stateThrottles: 4, tenantsOverBudget: 1 }),
    600,
    [
      [19, 'ticket log-throttled'],
      [19, 'ticket state-throttled'],
      [20, 'ticket tenants-over-budget'],
    ],
  ],
  [
    'F9 hot partition: the log refuses a part of the events',
    from10(200, { logThrottles: 500, refused: 0.05 }),
    600,
    [
      [15, 'page ingest-failing'],
      [19, 'ticket log-throttled'],
    ],
  ],
  [
    'F10 rotation fails: a key in use has expired',
    from10(FOREVER, { keysRefused: 12 }),
    600,
    [[21, 'ticket keys-refused']],
  ],
  ['F10 a key in use will expire', from10(FOREVER, { keysExpiring: 1 }), 600, [[10, 'ticket keys-expiring']]],
  [
    'F10 a webhook secret was changed on one side',
    from10(FOREVER, { forged: 8 }),
    600,
    [[22, 'ticket signatures-refused']],
  ],
  [
    'F11 retention at risk: nobody mends the archive for half of seven days, which is worth a second page',
    from10(FOREVER, (minute) => ({ archiveAge: grows(minute), archivedLate: 1, archiveErrors: 1 })),
    4 * DAY,
    [
      [13, 'page archive-behind'],
      [64, 'ticket archived-leaks'],
      [5055, 'page retention-at-risk'],
    ],
  ],
  [
    'F12 outage of Kinesis for two hours, and the backlog after it',
    all(
      from10(130, { failing: 1, marks: 0, projectorRuns: 0, archiveRuns: 0, probeOk: 0 }),
      during(131, 150, {
        ...{ projectorAge: 7_000_000, archiveAge: 7_000_000, deliveredLate: 1, archivedLate: 1 },
        probeOk: 0,
      }),
    ),
    1000,
    [
      [11, 'page ingest-failing'],
      [64, 'ticket api-availability-leaks'],
      [184, 'ticket delivered-leaks'],
      [184, 'ticket archived-leaks'],
    ],
  ],
  [
    'F12 outage of DynamoDB for an hour: keys are cached for a minute',
    from10(70, (minute) => ({
      ...{ failing: minute > 10 ? 1 : 0, projectorFailures: 5, probeOk: 0, archiveErrors: 2 },
      ...{ projectorAge: grows(minute), archiveAge: grows(minute) },
    })),
    1000,
    [
      [12, 'page ingest-failing'],
      [64, 'ticket api-availability-leaks'],
      [64, 'ticket end-to-end-leaks'],
    ],
  ],
  [
    'F12 outage of S3 for an hour',
    from10(70, (minute) => ({ archiveErrors: 2, archiveAge: grows(minute), archivedLate: 1 })),
    1000,
    [
      [13, 'page archive-behind'],
      [64, 'ticket archived-leaks'],
    ],
  ],
  [
    'F12 the projector is not started any more',
    from10(200, { projectorRuns: 0, probeOk: 0 }),
    600,
    [[17, 'page consumers-behind']],
  ],
  [
    'F12 ingest is slow for three hours',
    from10(200, { slow: 0.3 }),
    600,
    [
      [35, 'ticket ingest-slow'],
      [39, 'page ingest-failing'],
      [184, 'ticket publish-latency-leaks'],
    ],
  ],
  [
    'F13 runaway cost: six write units for an event',
    from10(FOREVER, { writesPerEvent: 6 }),
    600,
    [[157, 'ticket writes-per-event']],
  ],
  [
    'F14 partial commit: an entry whose object is not what it says',
    verified({ missing: 0, broken: 1 }),
    2 * DAY,
    [[181, 'page proof-failed']],
  ],
];
