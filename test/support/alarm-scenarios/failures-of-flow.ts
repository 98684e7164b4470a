import { DAY, type Failing, FOREVER, from10, grows } from './failing.ts';
import { all, during } from './world.ts';

/** Failures on the way of an event. */
export const flow: readonly Failing[] = [
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
      [19, 'ticket end-to-end-leaks'],
      [64, 'ticket delivered-leaks'],
    ],
  ],
  [
    'F8 poison: a bucket holds up its shard, is given up, and its range repaired in time',
    all(
      from10(200, { projectorFailures: 1, projectorAge: 600_000, deliveredLate: 0.5 }),
      during(200, 240, { repairWaiting: 1 }),
    ),
    1000,
    [
      [14, 'page consumers-behind'],
      [19, 'ticket end-to-end-leaks'],
      [64, 'ticket delivered-leaks'],
    ],
  ],
  [
    'F8 poison that was given up, and that nobody repairs',
    during(10, FOREVER, { repairWaiting: 1 }),
    600,
    [[33, 'page repair-stuck']],
  ],
  [
    'F8 a range that repair gives up: it waits for a person',
    during(10, FOREVER, { repairDead: 1 }),
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
    'F12 the control item can not be read',
    from10(60, { controlFailures: 2 }),
    600,
    [[20, 'ticket control-unread']],
  ],
  [
    'F12 the audit bucket is out of reach when chains are to be anchored',
    during(5, 8, { jobsFailing: 1 }),
    600,
    [[6, 'ticket jobs-failing']],
  ],
  [
    'F11 retention at risk: nobody mends the archive for half of its 24 hours, which is worth a second page',
    from10(FOREVER, (minute) => ({ archiveAge: grows(minute), archivedLate: 1, archiveErrors: 1 })),
    DAY,
    [
      [13, 'page archive-behind'],
      [64, 'ticket archived-leaks'],
      [735, 'page retention-at-risk'],
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
      [132, 'ticket end-to-end-leaks'],
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
      [19, 'ticket end-to-end-leaks'],
      [64, 'ticket api-availability-leaks'],
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
    'F5 storm that the control plane sheds: the backlog stays short, so nobody is woken',
    from10(130, { requests: 6000, failing: 0.3, requestsShed: 0.3, shed: 18_000, projectorAge: 8_000 }),
    600,
    [
      [14, 'ticket shedding'],
      [19, 'ticket end-to-end-leaks'],
    ],
  ],
  [
    'F4 nobody steers: guard does not run, or can not read or write what is in force',
    from10(60, { guardLooks: false }),
    600,
    [[16, 'ticket guard-silent']],
  ],
  [
    'F5, F12 shedding that hides no outage: twice as many requests fail as are shed',
    from10(130, { requests: 6000, failing: 0.3, requestsShed: 0.1, shed: 6000, projectorAge: 8_000 }),
    600,
    [
      [11, 'page ingest-failing'],
      [14, 'ticket shedding'],
      [19, 'ticket end-to-end-leaks'],
      [64, 'ticket api-availability-leaks'],
    ],
  ],
  [
    'F5 thundering herd: Lambda refuses to run ingest for a fifth of the requests',
    from10(60, { requests: 9000, ingestThrottles: 1800, failing: 0.2 }),
    600,
    [
      [11, 'page ingest-failing'],
      [64, 'ticket api-availability-leaks'],
    ],
  ],
  [
    'F11 retention at risk: nobody mends the projector for half of its 24 hours',
    from10(FOREVER, (minute) => ({ projectorAge: grows(minute), deliveredLate: minute > 10 ? 1 : 0 })),
    DAY,
    [
      [14, 'page consumers-behind'],
      [19, 'ticket end-to-end-leaks'],
      [64, 'ticket delivered-leaks'],
      [244, 'ticket consumer-lag-leaks'],
      [735, 'page retention-at-risk'],
    ],
  ],
];
