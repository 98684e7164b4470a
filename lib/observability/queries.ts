/** A question that the runbook asks of logs, saved in CloudWatch Logs Insights as `<deployment>/<id>`. */
export interface LogQuery {
  readonly id: string;
  readonly question: string;
  /** Rooms whose logs are read, or `access`: the API's log of requests. */
  readonly logs: readonly string[] | 'access';
  readonly query: readonly string[];
}

const DOOR = ['ingest', 'usage', 'catalogue', 'receive'] as const;
const CONSUMERS = ['project', 'archive', 'normalise'] as const;
const HEALERS = ['repair', 'sweep', 'mark', 'anchor'] as const;
const RUNS = ['recover', 'plan', 'scan', 'fold', 'resend', 'conclude'] as const;
const WATCHERS = ['guard', 'watch', 'probe', 'widgets'] as const;
const EVERYWHERE = [...DOOR, ...CONSUMERS, ...HEALERS, ...RUNS, ...WATCHERS] as const;

const saved = {
  request: {
    question: 'What became of one request, by the receipt of its answer?',
    logs: [...DOOR, ...CONSUMERS],
    query: [
      'fields @timestamp, service, level, message, tenant, producer, problem, status, code, error.name, error.message',
      "filter receipt = 'RECEIPT'",
      'sort @timestamp asc',
    ],
  },
  refusals: {
    question: 'Whose requests are refused as a whole, and why?',
    logs: DOOR,
    query: [
      "filter message = 'refused'",
      'stats count(*) as requests, latest(receipt) as example by service, problem, status, tenant, producer',
      'sort requests desc',
      'limit 100',
    ],
  },
  keys: {
    question: 'Which keys are refused?',
    logs: ['ingest', 'usage', 'catalogue'],
    query: [
      "filter problem = 'unauthorized'",
      'stats count(*) as requests by tenant, producer, keyId',
      'sort requests desc',
    ],
  },
  'not-accepted': {
    question: 'Whose events were not all accepted?',
    logs: ['ingest'],
    query: [
      "filter message = 'not all accepted'",
      'stats sum(quarantined) as kept, sum(refused) as sentBack, latest(receipt) as example by tenant, producer',
      'sort kept desc, sentBack desc',
      'limit 20',
    ],
  },
  quarantine: {
    question:
      'What is quarantined, of whom, by contract version? From the door, from webhooks and from the projector.',
    logs: ['project'],
    query: [
      "filter message = 'quarantined'",
      'stats sum(events) as pieces, latest(receipt) as example by tenant, producer, type, schema, code, fingerprint',
      'sort pieces desc',
      'limit 100',
    ],
  },
  webhooks: {
    question: 'Which deliveries are refused, and why?',
    logs: ['receive'],
    query: [
      "filter message = 'webhook not taken'",
      'stats count(*) as deliveries, latest(receipt) as example by reason, tenant, producer',
      'sort deliveries desc',
      'limit 100',
    ],
  },
  deliveries: {
    question: 'Which deliveries can not be normalised, and why?',
    logs: ['normalise'],
    query: [
      "filter message = 'a delivery was not normalised'",
      'stats count(*) as tries, latest(receipt) as example, latest(error.message) as last by tenant, producer, error.name',
      'sort tries desc',
      'limit 100',
    ],
  },
  'log-refusals': {
    question: 'What does the log refuse, and with which error?',
    logs: ['ingest', 'normalise', 'project', 'resend', 'repair', 'sweep', 'plan', 'fold', 'mark'],
    query: [
      "filter message = 'the log refused records'",
      'stats sum(records) as refused by service, reason, tenant, bin(5m)',
      'sort refused desc',
      'limit 100',
    ],
  },
  errors: {
    question: 'What fails, in which room and version?',
    logs: EVERYWHERE,
    query: [
      "filter level = 'ERROR'",
      'stats count(*) as times, latest(error.message) as last, latest(error.location) as place by service, message, error.name, build, version',
      'sort times desc',
      'limit 100',
    ],
  },
  projector: {
    question: 'Whose records can the projector not count, and why?',
    logs: ['project'],
    query: [
      'fields @timestamp, error.name, error.message, tenant, producer, subject, receipt, shard, sequence',
      "filter message = 'part of the batch was not projected'",
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  archive: {
    question: 'Which batches can not be archived, and why?',
    logs: ['archive'],
    query: [
      'fields @timestamp, error.name, error.message, shard, sequence, last, records',
      "filter message = 'the batch was not archived; it will come again'",
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  repairs: {
    question: 'What does repair do, what does it wait for, and what has it given up?',
    logs: ['repair'],
    query: [
      'fields @timestamp, message, outcome, waitsFor, records, reason, shard, sequence, last, error.message',
      "filter message in ['repair', 'a range needs an operator', 'a range was not repaired; it comes again']",
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  runs: {
    question: 'What did recovery do, run by run?',
    logs: RUNS,
    query: [
      'fields @timestamp, requestId, attempt, service, message, what, verb, status, step, error.message',
      'filter ispresent(requestId)',
      'sort @timestamp desc',
      'limit 200',
    ],
  },
  steering: {
    question: 'What was changed in control, by whom and why?',
    logs: ['guard'],
    query: [
      'fields @timestamp, message, v, level, mode, held, step, why, operator, reason',
      "filter message in ['control was changed', 'an operator has set control']",
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  watch: {
    question:
      'What did watch and probe see: silent producers, keys that end, blind metrics, round trips that failed?',
    logs: ['watch', 'probe'],
    query: [
      'fields @timestamp, service, message, silent, expiring, minute, step, detail, next, receipt, error.message',
      "filter message != 'something else runs'",
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  releases: {
    question: 'When did other builds or contracts go live?',
    logs: ['watch'],
    query: [
      'fields @timestamp, contractsChanged, contracts',
      "filter message = 'something else runs'",
      'sort @timestamp desc',
      'limit 50',
    ],
  },
  'slow-requests': {
    question: 'Which requests took longer than 300 ms, and was it the function?',
    logs: 'access',
    query: [
      'fields @timestamp, method, route, status, latencyMs, functionMs, keyId, gatewayId',
      'filter latencyMs > 300',
      'sort latencyMs desc',
      'limit 100',
    ],
  },
  'failed-requests': {
    question: 'Which requests were answered with 5xx?',
    logs: 'access',
    query: [
      'filter status >= 500',
      'stats count(*) as requests, latest(gatewayId) as example by route, status, refusal, bin(5m)',
      'sort requests desc',
      'limit 100',
    ],
  },
  senders: {
    question: 'Which keys send how many requests?',
    logs: 'access',
    query: ['stats count(*) as requests by keyId, bin(1h)', 'sort requests desc', 'limit 100'],
  },
} as const satisfies Readonly<Record<string, Omit<LogQuery, 'id'>>>;

export type QueryId = keyof typeof saved;

export const queries: readonly LogQuery[] = Object.entries(saved).map(([id, query]) => ({ id, ...query }));

export function queryOf(id: QueryId): LogQuery {
  return { id, ...saved[id] };
}

/** Names of the log groups that a query reads. */
export function logGroupsOf(name: string, { logs }: LogQuery): readonly string[] {
  return logs === 'access' ? [`/weir/${name}/access`] : logs.map((room) => `/aws/lambda/${name}-${room}`);
}
