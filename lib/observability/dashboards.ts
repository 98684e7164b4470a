import { PRICES } from '../prices.ts';
import type { Reading } from './alarm.ts';
import type { Curve, DashboardSpec, Widget } from './dashboard.ts';
import { type QueryId, queryOf } from './queries.ts';
import { badShare, type Deployment, slosOf } from './slos.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const one = (label: string, ...reading: Reading): Curve => ({ label, readings: { m: reading } });

const graph = (title: string, curves: readonly Curve[], periodSeconds = MINUTE): Widget => ({
  kind: 'graph',
  title,
  periodSeconds,
  curves,
});

/** When another build began to run, and other contracts: what came with them, or after them. */
const markers = graph('Releases: another build, other contracts', [
  one('build', 'watch.deployed', 'Maximum'),
  one('contracts', 'watch.contractsChanged', 'Maximum'),
]);

/** The answer to a question of the runbook. */
const asked = (id: QueryId): Widget => ({ kind: 'logs', query: queryOf(id) });

/** What is promised: a line each. */
const promises = (deployment: Deployment): string =>
  ['| SLO | promise | objective over 30 days |', '|---|---|---|']
    .concat(
      slosOf(deployment).map(({ id, promise, objective }) => {
        return `| ${id} | ${promise} | ${Number((100 * objective).toPrecision(6))} % |`;
      }),
    )
    .join('\n');

/** Share of the error budget of 30 days that is left: 1 at the beginning, below 0 when the promise is broken. */
const budgetsOf = (deployment: Deployment): readonly Curve[] =>
  slosOf(deployment).map((slo) => {
    // Over 30 days few bad ones are few: the floor is for alarms.
    const { readings, expression } = badShare({ ...slo, atLeast: 0 });
    const allowed = Number((1 - slo.objective).toPrecision(6));
    return { label: slo.id, readings, expression: `1 - (${expression}) / ${allowed}` };
  });

export const dashboardsOf = (deployment: Deployment): readonly DashboardSpec[] => [
  {
    id: 'executive',
    purpose: 'Does Weir keep its promises, to whom does it deliver, and what does it cost?',
    rows: [
      [{ kind: 'text', markdown: promises(deployment) }],
      [
        {
          kind: 'number',
          title: 'Error budget left of 30 days (1 = all)',
          periodSeconds: 30 * DAY,
          curves: budgetsOf(deployment),
        },
      ],
      [
        {
          kind: 'number',
          title: 'Delivered within 60 s, %, over 30 days',
          periodSeconds: 30 * DAY,
          curves: [
            {
              label: 'delivered',
              readings: { late: ['project.late', 'Sum'], counted: ['project.counted', 'Sum'] },
              expression: '100 * (1 - FILL(late, 0) / counted)',
            },
          ],
        },
        {
          kind: 'number',
          title: 'Received after their window had ended, %, over 30 days',
          periodSeconds: 30 * DAY,
          curves: [
            {
              label: 'late',
              readings: { after: ['project.after', 'Sum'], counted: ['project.counted', 'Sum'] },
              expression: '100 * FILL(after, 0) / counted',
            },
          ],
        },
      ],
      [
        graph(
          'Events a day',
          [
            one('accepted', 'ingest.accepted', 'Sum'),
            one('counted', 'project.counted', 'Sum'),
            one('quarantined', 'ingest.quarantined', 'Sum'),
          ],
          DAY,
        ),
        {
          kind: 'number',
          title: 'Write units for an event, today',
          periodSeconds: DAY,
          curves: [
            {
              label: 'write units',
              readings: { writes: ['state.writes', 'Sum'], counted: ['project.counted', 'Sum'] },
              expression: 'writes / counted',
            },
          ],
        },
        {
          kind: 'number',
          title: 'US$ for a million events, today: requests and writes (`weir cost` has all)',
          periodSeconds: DAY,
          curves: [
            {
              label: 'US$',
              readings: {
                writes: ['state.writes', 'Sum'],
                requests: ['api.requests', 'Sum'],
                counted: ['project.counted', 'Sum'],
              },
              expression: `(${PRICES.dynamoWrite.usd} * writes + ${PRICES.apiRequest.usd} * requests) / counted`,
            },
          ],
        },
        markers,
      ],
      [asked('not-accepted')],
    ],
  },
  {
    id: 'on-call',
    purpose: 'What is wrong, since when, and is it getting better?',
    rows: [
      [
        { kind: 'alarms', title: 'Pages', severity: 'page' },
        { kind: 'alarms', title: 'Tickets', severity: 'ticket' },
      ],
      [
        graph('Requests and failures', [
          one('requests', 'api.requests', 'Sum'),
          one('5xx', 'api.failed', 'Sum'),
        ]),
        graph('POST /v1/events, ms', [
          one('p95', 'api.publish', 'p95'),
          one('p99', 'api.publish', 'p99'),
          one('p95 in the function', 'ingest.duration', 'p95'),
        ]),
        graph('Events at the door', [
          one('accepted', 'ingest.accepted', 'Sum'),
          one('quarantined', 'ingest.quarantined', 'Sum'),
          one('refused', 'ingest.refused', 'Sum'),
          one('shed', 'ingest.shed', 'Sum'),
          one('requests answered 5xx for that', 'ingest.requestsShed', 'Sum'),
        ]),
      ],
      [
        graph('How far behind, ms', [
          one('projector, oldest record', 'project.age', 'Maximum'),
          one('projector, done after arrival', 'project.lag', 'Maximum'),
          one('receipt to state, p99', 'project.endToEnd', 'p99'),
          one('the probe, from sending to usage', 'probe.roundTrip', 'Maximum'),
          one('archive, oldest record', 'archive.age', 'Maximum'),
          one('archive, done after arrival', 'archive.lag', 'Maximum'),
        ]),
        graph('Queues and dead letters', [
          one('webhooks', 'webhooks.waiting', 'Maximum'),
          one('dead letters of webhooks', 'webhooks.dead', 'Maximum'),
          one('to be repaired', 'repair.waiting', 'Maximum'),
          one('repair gave up', 'repair.dead', 'Maximum'),
        ]),
        graph('Later than promised, or than their window', [
          one('delivered late', 'project.late', 'Sum'),
          one('archived late', 'archive.late', 'Sum'),
          one('received after their window', 'project.after', 'Sum'),
        ]),
      ],
      [
        graph('Heartbeat', [
          one('shards that were marked', 'mark.marks', 'Maximum'),
          one('probe', 'probe.ok', 'Sum'),
        ]),
        graph('What watch has found', [
          one('silent producers', 'watch.silent', 'Maximum'),
          one('events without a metric', 'watch.gap', 'Maximum'),
          one('keys that end soon', 'watch.expiring', 'Maximum'),
        ]),
        graph('Errors', [
          one('projector failures', 'project.failures', 'Sum'),
          one('archive errors', 'archive.errors', 'Sum'),
          one('deliveries failed', 'normalise.failed', 'Sum'),
          one('steps of recovery', 'fold.failed', 'Sum'),
          one('anchors', 'anchor.errors', 'Sum'),
          one('sweeps', 'sweep.errors', 'Sum'),
          one('control item not read', 'ingest.controlFailures', 'Sum'),
          one('activity not written', 'ingest.activityFailures', 'Sum'),
        ]),
        markers,
      ],
      [
        graph('Throttled', [
          one('shards', 'log.throttled', 'Sum'),
          one('records refused by the log', 'ingest.logRefusals', 'Sum'),
          one('state', 'state.throttled', 'Sum'),
          one('ingest', 'ingest.throttles', 'Sum'),
        ]),
        graph('Steered', [
          one('level', 'guard.level', 'Maximum'),
          one('steps', 'guard.steps', 'Sum'),
          one('producers held', 'guard.held', 'Maximum'),
          one('producers over budget', 'guard.overBudget', 'Maximum'),
        ]),
        graph('Credentials', [
          one('keys refused', 'ingest.unauthorized', 'Sum'),
          one('deliveries taken', 'receive.queued', 'Sum'),
          one('wrong signatures', 'receive.forged', 'Sum'),
        ]),
        graph('Same id, other content', [one('conflicts', 'project.conflicts', 'Sum')]),
      ],
      [asked('quarantine')],
    ],
  },
  {
    id: 'debug',
    purpose: 'What became of this event, this request, this bucket?',
    rows: [
      [
        {
          kind: 'text',
          markdown:
            'One request: put its receipt into the query. One bucket or event: `weir usage`, `weir quarantine show`. The order of the way: ingest, log, projector and archive.',
        },
      ],
      [asked('request')],
      [asked('errors')],
      [
        graph('The same events, stage by stage', [
          one('accepted', 'ingest.accepted', 'Sum'),
          one('counted', 'project.counted', 'Sum'),
          one('duplicates', 'project.duplicates', 'Sum'),
          one('archived', 'archive.events', 'Sum'),
        ]),
        graph('Work', [
          one('records in the log', 'log.records', 'Sum'),
          one('batches of the projector', 'project.runs', 'Sum'),
          one('batches of the archive', 'archive.runs', 'Sum'),
          one('write units of state', 'state.writes', 'Sum'),
        ]),
        graph(
          'Open proofs',
          [
            one('replays done', 'recover.done', 'Sum'),
            one('replays failed', 'recover.failed', 'Sum'),
            one('buckets differing', 'reconcile.differing', 'Sum'),
          ],
          HOUR,
        ),
        graph(
          'Steps of recovery that failed, and were tried again',
          [
            one('plan', 'plan.failed', 'Sum'),
            one('scan', 'scan.failed', 'Sum'),
            one('fold', 'fold.failed', 'Sum'),
            one('resend', 'resend.failed', 'Sum'),
            one('ranges repaired', 'repair.done', 'Sum'),
          ],
          HOUR,
        ),
      ],
    ],
  },
];
