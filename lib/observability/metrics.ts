import { type MetricSpec, ours, theirs } from './metric.ts';

const soon = { planned: true } as const;

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
  'ingest.shed': ours('ingest', 'shed', 'Events that the control plane shed; not among the refused'),
  'ingest.controlFailures': ours(
    'ingest',
    'controlFailures',
    'Times that the control item could not be read: what was known last stays in force',
  ),
  'ingest.activityFailures': ours(
    'ingest',
    'activityFailures',
    'Times that who sends how much could not be written; it is not tried again',
  ),
  'ingest.requestsShed': ours(
    'ingest',
    'requestsShed',
    'Requests that were answered with 5xx for nothing but shedding',
  ),
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
  'project.late': ours('project', 'deliveredLate', 'Events counted later than 60 s after their receipt'),
  'project.after': ours(
    'project',
    'lateEvents',
    'Events counted that were received when their window had ended already, however little before',
  ),
  'project.endToEnd': ours(
    'project',
    'endToEnd',
    'Time from receipt to state: of each batch up to 99 values, evenly over its records; not of replays',
    { unit: 'Milliseconds' },
  ),
  'archive.runs': theirs('Lambda', 'Invocations', lambda('archive'), 'Batches; marks come in them too'),
  'archive.errors': theirs('Lambda', 'Errors', lambda('archive'), 'Batches that were not archived'),
  'archive.age': theirs(
    'Lambda',
    'IteratorAge',
    lambda('archive'),
    "Age of a batch's last record",
    'Milliseconds',
  ),
  'archive.lag': ours('archive', 'archiveLag', "Time from a batch's first arrival until it is archived", {
    unit: 'Milliseconds',
  }),
  'archive.events': ours('archive', 'archivedEvents', 'Events archived'),
  'archive.late': ours(
    'archive',
    'archivedLate',
    'Events archived later than 5 min after their receipt; not of replays',
  ),
  'repair.waiting': theirs('SQS', VISIBLE, queue('repair'), 'Ranges of the log that the projector gave up'),
  'repair.tried': theirs(
    'SQS',
    'ApproximateNumberOfMessagesNotVisible',
    queue('repair'),
    'Those of them that repair has at hand, or could not bring into state and tries again',
  ),
  'repair.dead': theirs('SQS', VISIBLE, queue('repair-dead'), 'Ranges that repair gave up too'),
  'repair.done': ours('repair', 'repaired', 'Ranges that repair has brought into state'),

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

  // Proofs, by the runs of recovery as they end
  'verify.missing': ours(
    'conclude',
    'ackedMissing',
    'Acknowledged numbers that are not in the archive; each verify says its number, also 0',
  ),
  'verify.broken': ours(
    'conclude',
    'manifestMismatches',
    'Entries, objects and chains that are not right: of each verify at most the 100 that its result lists',
  ),
  'reconcile.compared': ours('conclude', 'bucketsCompared', 'Buckets compared with a fold of the archive'),
  'reconcile.differing': ours('conclude', 'bucketsDiffering', 'Buckets that were not the fold'),
  'reconcile.extra': ours('conclude', 'eventsExtra', 'Events in state beyond those in the archive'),
  'plan.failed': ours('plan', 'stepsFailed', 'Steps of runs that failed; they are tried again'),
  'scan.failed': ours('scan', 'stepsFailed', 'Batches of runs that failed; they are tried again'),
  'fold.failed': ours('fold', 'stepsFailed', 'Partitions of runs that failed; they are tried again'),
  'resend.failed': ours('resend', 'stepsFailed', 'Files of runs that failed; they are tried again'),
  'anchor.errors': theirs('Lambda', 'Errors', lambda('anchor'), 'Anchorings of the chains that failed'),
  'sweep.errors': theirs('Lambda', 'Errors', lambda('sweep'), 'Sweeps of the dead letters that failed'),
  'recover.done': ours('conclude', 'replaysDone', 'Replays and redrives that came to their end'),
  'recover.failed': ours('conclude', 'replaysFailed', 'Replays and redrives that failed'),

  // Whether anything can be seen at all
  'probe.ok': ours(
    'probe',
    'roundTrips',
    "1 where the probe's event came back from /v1/usage once, 0 where not",
  ),
  'probe.roundTrip': ours('probe', 'roundTripMs', 'Time from sending an event to seeing it counted', {
    unit: 'Milliseconds',
  }),
  'watch.silent': ours('watch', 'silentProducers', 'Producers that were last seen longer ago than usual'),
  'watch.gap': ours('watch', 'telemetryGap', 'Events of an hour, by the manifest, that no metric counted'),
  // Contracts can't call anything personal yet, so nothing can be looked for: it stays planned until they can.
  'watch.pii': ours('watch', 'piiInLogs', 'Log lines with what a contract calls personal', soon),
  'watch.deployed': ours('watch', 'deployed', '1 where another build runs than a minute before'),
  'watch.contractsChanged': ours(
    'watch',
    'contractsChanged',
    '1 where the contracts in force are others than a minute before',
  ),
  'watch.expiring': ours('watch', 'keysExpiring', 'Last keys of producers that end within 14 days'),

  // Who steers
  'guard.level': ours(
    'guard',
    'level',
    'How far shedding has gone, from 0 to 3; written by each look that came to its end',
  ),
  'guard.held': ours('guard', 'held', 'Producers that are held back'),
  'guard.overBudget': ours('guard', 'overBudget', 'Producers beyond their event budget'),
  'guard.steps': ours('guard', 'steps', 'Steps up or down'),
  maintenance: ours('guard', 'maintenance', '1 while a maintenance window is open: alarms go on, pages wait'),
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricId = keyof typeof metrics;

export const metricIds = Object.keys(metrics) as MetricId[];

export const metricOf = (id: MetricId): MetricSpec => metrics[id];

export const isPlanned = (id: MetricId): boolean => metricOf(id).planned === true;
