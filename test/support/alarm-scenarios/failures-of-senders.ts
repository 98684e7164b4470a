import { type Failing, FOREVER, from10 } from './failing.ts';

/** Failures that senders cause, or that cost. */
export const senders: readonly Failing[] = [
  [
    'F2 duplicates: somebody retries without end',
    from10(FOREVER, { duplicates: 9000 }),
    600,
    [[64, 'ticket duplicates-high']],
  ],
  ['F2 id reuse: one conflict', from10(10, { conflicts: 1 }), 600, [[10, 'ticket conflicts']]],
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
  [
    'F4 a producer sends at once what it kept while it was silent',
    from10(300, { afterWindow: 0.4 }),
    600,
    [[62, 'ticket events-late']],
  ],
  ['F7 PII in logs', from10(10, { piiInLogs: 1 }), 600, [[10, 'page pii-logged']]],
  [
    'F9 hot subject, noisy tenant: retries still carry it',
    from10(200, { logThrottles: 20, stateThrottles: 4, producersOverBudget: 1 }),
    600,
    [
      [19, 'ticket log-throttled'],
      [19, 'ticket state-throttled'],
      [20, 'ticket producers-over-budget'],
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
    'F13 runaway cost: six write units for an event',
    from10(FOREVER, { writesPerEvent: 6 }),
    600,
    [[157, 'ticket writes-per-event']],
  ],
];
