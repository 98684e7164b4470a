import { type MetricSpec, ours, theirs } from './metric.ts';

const soon = { planned: true } as const;
const soonMs = { planned: true, unit: 'Milliseconds' } as const;

const api = { ApiName: '{name}', Stage: 'live' };
const publish = { ApiName: '{name}', Resource: '/v1/events', Method: 'POST', Stage: 'live' };
const lambda = (room: string) => ({ FunctionName: `{name}-${room}` });
const queue = (name: string) => ({ QueueName: `{name}-${name}` });
const VISIBLE = 'ApproximateNumberOfMessagesVisible';
const OLDEST = 'ApproximateAgeOfOldestMessage';

/**
 * Every metric that an SLO, an alarm or a dashboard reads, by an id of ours. Ids of tenants, producers and events are
 * no dimensions: they are in the logs.
 */
export const metrics = {
  // The way in
  'api.requests': theirs('ApiGateway', 'Count', api, 'Requests to the API, all routes'),
  'api.failed': theirs('ApiGateway', '5XXError', api, 'Requests that were answered with 5xx'),
  'api.publish': theirs(
    'ApiGateway',
    'Latency',
    publish,
    'Time of POST /v1/events at the API',
    'Milliseconds',
  ),
  'ingest.duration': theirs('Lambda', 'Duration', lambda('ingest'), 'Time in the function', 'Milliseconds'),
  'ingest.throttles': theirs('Lambda', 'Throttles', lambda('ingest'), 'Invocations that Lambda refused'),
  'ingest.accepted': ours('ingest', 'accepted', 'Events that are in the log'),
  'ingest.quarantined': ours('ingest', 'quarantined', 'Events that were kept and not counted'),
  'ingest.refused': ours('ingest', 'refused', 'Events that the sender must send again'),
  'ingest.logRefusals': ours(
    'ingest',
    'logRefusals',
    'Records that the log refused, before they were tried again',
  ),
  'ingest.unauthorized': ours('ingest', 'unauthorized', 'Keys that API Gateway knows and Weir refused'),
  'ingest.shed': ours('ingest', 'shed', 'Events that the control plane shed; not among the refused', soon),
  'receive.queued': ours('receive', 'webhooks', 'Deliveries taken', { outcome: 'queued' }),
  'receive.forged': ours('receive', 'webhooks', 'Deliveries with a wrong signature', {
    outcome: 'signature-mismatch',
  }),
  'webhooks.waiting': theirs('SQS', VISIBLE, queue('webhooks'), 'Deliveries that wait to be normalised'),
  'webhooks.oldest': theirs('SQS', OLDEST, queue('webhooks'), 'Age of the one that waits longest', 'Seconds'),
  'webhooks.dead': theirs('SQS', VISIBLE, queue('webhooks-dead'), 'Deliveries that were given up'),
  'normalise.failed': ours(
    'normalise',
    'deliveriesFailed',
    'Deliveries that could not be normalised, each try',
  ),
  'sweep.failed': ours('sweep', 'deliveriesNotSwept', 'Dead letters that the log did not take as quarantine'),

  // The log and its consumers
  'log.throttled': theirs(
    'Kinesis',
    'WriteProvisionedThroughputExceeded',
    { StreamName: '{name}-log' },
    'Records refused by a shard at its limit',
  ),
  'log.records': theirs('Kinesis', 'IncomingRecords', { StreamName: '{name}-log' }, 'Records written'),
  'mark.marks': ours('mark', 'marks', 'Marks put, one a minute on each open shard: the heartbeat'),
  'project.runs': theirs(
    'Lambda',
    'Invocations',
    lambda('project'),
    'Batches; at least one a minute brings a mark',
  ),
  'project.age': theirs(
    'Lambda',
    'IteratorAge',
    lambda('project'),
    "Age of a batch's last record",
    'Milliseconds',
  ),
  'project.lag': ours('project', 'lag', "Time from a batch's last arrival until it is done", {
    unit: 'Milliseconds',
  }),
  'project.failures': ours('project', 'projectionFailures', 'Buckets and steps that failed in a batch'),
  'project.counted': ours('project', 'counted', 'Events counted into state'),
  'project.duplicates': ours('project', 'duplicates', 'Events that state had already'),
  'project.conflicts': ours('project', 'conflicts', 'Ids that came again with other content'),
  'project.late': ours(
    'project',
    'deliveredLate',
    'Events counted later than 60 s after their receipt',
    soon,
  ),
  'project.endToEnd': ours('project', 'endToEnd', 'Time from receipt to state', soonMs),
  'archive.runs': theirs('Lambda', 'Invocations', lambda('archive'), 'Batches; marks come in them too'),
  'archive.errors': theirs('Lambda', 'Errors', lambda('archive'), 'Batches that were not archived'),
  'archive.age': theirs(
    'Lambda',
    'IteratorAge',
    lambda('archive'),
    "Age of a batch's last record",
    'Milliseconds',
  ),
  'archive.events': ours('archive', 'archivedEvents', 'Events archived'),
  'archive.late': ours(
    'archive',
    'archivedLate',
    'Events archived later than 5 min after their receipt',
    soon,
  ),
  'repair.waiting': theirs('SQS', VISIBLE, queue('repair'), 'Ranges of the log that the projector gave up'),

  // State
  'state.writes': theirs(
    'DynamoDB',
    'ConsumedWriteCapacityUnits',
    { TableName: '{name}-state' },
    'Write units that are billed',
  ),
  'state.throttled': theirs(
    'DynamoDB',
    'WriteThrottleEvents',
    { TableName: '{name}-state' },
    'Writes refused: a hot partition',
  ),

  // Proofs, by the recovery functions
  'verify.missing': ours('verify', 'ackedMissing', 'Acknowledged numbers that are not in the archive', soon),
  'verify.broken': ours(
    'verify',
    'manifestMismatches',
    'Entries whose object, hash or chain is not right',
    soon,
  ),
  'reconcile.compared': ours(
    'reconcile',
    'bucketsCompared',
    'Buckets compared with a fold of the archive',
    soon,
  ),
  'reconcile.differing': ours('reconcile', 'bucketsDiffering', 'Buckets that were not the fold', soon),
  'reconcile.extra': ours('reconcile', 'eventsExtra', 'Events in state beyond those in the archive', soon),
  'recover.done': ours('recover', 'replaysDone', 'Replays that ended well', soon),
  'recover.failed': ours('recover', 'replaysFailed', 'Replays that did not', soon),

  // Whether anything can be seen at all
  'probe.ok': ours('probe', 'roundTrips', 'Events of the probe tenant that came back from /v1/usage', soon),
  'watch.silent': ours(
    'watch',
    'silentProducers',
    'Producers that were last seen longer ago than usual',
    soon,
  ),
  'watch.gap': ours('watch', 'telemetryGap', 'Events by the manifest that no metric counted', soon),
  'watch.pii': ours('watch', 'piiInLogs', 'Log lines with what a contract calls personal', soon),
  'watch.overBudget': ours('watch', 'tenantsOverBudget', 'Tenants beyond their event budget', soon),
  'watch.expiring': ours('watch', 'keysExpiring', 'Keys in use that expire within 14 days', soon),
  maintenance: {
    ...ours('operator', 'maintenance', '1 while a maintenance window is open: alarms go on, pages wait'),
    emittedBy: 'operators, as the runbook says',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricId = keyof typeof metrics;

export const metricIds = Object.keys(metrics) as MetricId[];

export const metricOf = (id: MetricId): MetricSpec => metrics[id];

export const isPlanned = (id: MetricId): boolean => metricOf(id).planned === true;
