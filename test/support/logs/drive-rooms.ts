import { gzipSync } from 'node:zlib';
import type { Context } from 'aws-lambda';
import { sloReadingsOf } from '../../../lib/observability/slo-readings.ts';
import { type ApiCall, apiEvent } from '../api-event.ts';
import { senders } from '../webhook-senders.ts';
import type { Answers } from './hostile-aws.ts';
import { correlation, planted } from './planted.ts';

/** One call of a function, as Lambda makes it. */
export interface Drive {
  readonly room: string;
  readonly what: string;
  readonly event: unknown;
}

/** Everything that a function reads from its environment. Set it before its module is loaded. */
export function environmentOf(endpoint: string): Readonly<Record<string, string>> {
  const names = [
    ...['ARCHIVE_BUCKET', 'AUDIT_BUCKET', 'BODY_BUCKET', 'CONTROL_TABLE', 'DELIVERIES_TABLE', 'RUNS_BUCKET'],
    ...['STATE_TABLE', 'STREAM_NAME', 'API_ID', 'KEY_SECRET', 'METRICS_NAMESPACE'],
  ];
  const numbers = [
    'CONCURRENCY',
    'DEEP_AFTER_DAYS',
    'GATHER_SECONDS',
    'RETENTION_DAYS',
    'SWEEP_AFTER_SECONDS',
  ];
  const queues = ['DEAD_LETTER_QUEUE_URL', 'REPAIR_DEAD_QUEUE_URL', 'REPAIR_QUEUE_URL', 'WEBHOOK_QUEUE_URL'];
  return {
    ...Object.fromEntries(names.map((name) => [name, name.toLowerCase().replaceAll('_', '-')])),
    ...Object.fromEntries(numbers.map((name) => [name, '1'])),
    ...Object.fromEntries(queues.map((name) => [name, `${endpoint}/000000000000/${name.toLowerCase()}`])),
    ...{
      CERTIFICATE_SECRET: 'none',
      BUILDS: '{}',
      BUDGETS: '{"standard":1}',
      GUARDING_ALARMS: '["an-alarm"]',
    },
    SLOS: JSON.stringify(sloReadingsOf('weir', { retentionHours: 168, gatherSeconds: 0 })),
    SETTINGS: '{"lagSeconds":60,"calmLagSeconds":10,"calmSeconds":60,"stepSeconds":60}',
    STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:weir-recovery',
    WEBHOOK_DEAD_LETTERS_ARN: 'arn:aws:sqs:us-east-1:000000000000:weir-webhooks-dead',
    ...{ API_URL: endpoint, BUILD: '0.1.0+0123456789ab', AWS_LAMBDA_FUNCTION_VERSION: '7' },
    ...{
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    },
    ...{ POWERTOOLS_SERVICE_NAME: 'room', POWERTOOLS_METRICS_NAMESPACE: 'Weir/weir', LOG_LEVEL: 'DEBUG' },
    // They are lines of the log too.
    POWERTOOLS_METRICS_DISABLED: 'false',
  };
}

/** @param remainingMs Time that the call may take; rooms wait for what does not answer until shortly before its end. */
export const contextOf = (remainingMs: number): Context =>
  ({
    awsRequestId: 'invocation-1',
    functionName: 'weir-room',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:weir-room',
    getRemainingTimeInMillis: () => remainingMs,
  }) as Context;

const endpointFor = (index: number) => `we_${'PlantedEndpointOfSomebody'.padEnd(31, 'y')}${index}`;
const MAPPING = {
  event: '/kind',
  id: '/id',
  rules: [
    {
      when: 'reading',
      type: 'test.reading',
      subject: '/device',
      time: { value: '/at', orReceipt: true },
      data: { value: '/value' },
    },
  ],
};

/** So that senders get in: their keys, endpoints and secrets are right, whatever the rest of AWS does. */
export const rightAnswers: Answers = ({ action, body }) => {
  if (action.endsWith('.GetItem') && body.includes('"KEY#')) {
    const S = (text: string) => ({ S: text });
    const types = { L: [S('network.transfer'), S(planted.type)] };
    const scopes = { L: [S('events:write'), S('usage:read')] };
    return { Item: { tenant: S('acme'), producer: S('agent'), status: S('active'), types, scopes } };
  }
  const sender = senders.findIndex((_, index) => body.includes(endpointFor(index)));
  if (action.endsWith('.GetItem') && sender !== -1 && body.includes('"ENDPOINT#')) {
    const texts = { name: 'hook', tenant: 'acme', provider: 'github', status: 'active', url: planted.path };
    const all = {
      ...texts,
      scheme: JSON.stringify(senders[sender]!.scheme),
      mapping: JSON.stringify(MAPPING),
      secretId: `secret-${sender}`,
    };
    return { Item: Object.fromEntries(Object.entries(all).map(([key, value]) => [key, { S: value }])) };
  }
  const secret = /"secret-(\d+)"/.exec(body)?.[1];
  if (action.endsWith('.GetSecretValue') && secret !== undefined) {
    const value = senders[Number(secret)]!.secrets[0];
    const live = [value, planted.secret].map((each) => ({ value: each, created: '2026-11-21T00:00:00Z' }));
    return { SecretString: JSON.stringify({ secrets: live }) };
  }
  return undefined;
};

const event = (more: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  ...correlation,
  source: 'https://example.com/agent',
  type: 'network.transfer',
  time: new Date().toISOString(),
  data: { bytes: 1 },
  ...more,
});

const STRUCTURED = 'application/cloudevents+json';
const BATCHED = 'application/cloudevents-batch+json';

function doorDrives(): readonly Drive[] {
  const post = (what: string, body: string | Buffer, headers: ApiCall['headers'] = {}): Drive => ({
    room: 'ingest',
    what,
    event: apiEvent({
      method: 'POST',
      body,
      headers: {
        'x-api-key': planted.key,
        'content-type': STRUCTURED,
        'user-agent': planted.header,
        ...headers,
      },
    }),
  });
  const batch = [
    event(),
    event({ data: { bytes: planted.data } }),
    event({ data: planted.data, [planted.member]: planted.data }),
    event({ type: planted.type }),
    event({ type: 'network.transfer', dataschema: `https://example.com/${planted.data}/9` }),
    event({ time: planted.data }),
    event({ time: '1999-01-01T00:00:00Z', data: { bytes: 1, [planted.member]: planted.data } }),
    event({ data: { bytes: 1, text: `\ud800${planted.data}` } }),
    event({ subject: undefined, data: { bytes: planted.data } }),
    event({ source: planted.data.repeat(30) }),
    planted.data,
    null,
  ];
  const binary = {
    'content-type': planted.contentType,
    'ce-specversion': '1.0',
    'ce-type': 'network.transfer',
  };
  return [
    post('a valid event', JSON.stringify(event())),
    post('a batch with every mistake', JSON.stringify(batch), { 'content-type': BATCHED }),
    post('what is no JSON', `{"${planted.data}": ${planted.data}`),
    post('what is no JSON, in a batch', `[{"${planted.data}"}, ${planted.data}`, { 'content-type': BATCHED }),
    post('bytes that are no UTF-8', Buffer.concat([Buffer.from(planted.data), Buffer.from([0xff])])),
    post('too many bytes', planted.data.repeat(100_000)),
    post('an event that is too large', JSON.stringify(event({ data: planted.data.repeat(12_000) }))),
    post('gzip that is none', planted.data, { 'content-encoding': 'gzip' }),
    post('gzip of what is no JSON', gzipSync(planted.data), { 'content-encoding': 'gzip' }),
    post('an encoding that is none', planted.data, { 'content-encoding': planted.header }),
    post('a charset that is none', planted.data, { 'content-type': `text/plain; charset=${planted.header}` }),
    post('a media type that is none', planted.data, { 'content-type': planted.contentType }),
    post('a binary event', planted.data, {
      ...binary,
      'ce-id': correlation.id,
      'ce-subject': correlation.subject,
      'ce-source': planted.header,
    }),
    post('a binary event, with a header twice', planted.data, {
      ...binary,
      'ce-id': [planted.header, planted.data],
    }),
    post('a trace that is none', JSON.stringify(event()), {
      traceparent: planted.header,
      'x-other': planted.header,
    }),
    post('a key that is none', JSON.stringify(event()), { 'x-api-key': planted.wrongKey }),
    post('two keys', JSON.stringify(event()), { 'x-api-key': [planted.key, planted.wrongKey] }),
    {
      room: 'ingest',
      what: 'a route that is none',
      event: apiEvent({ method: 'POST', route: `/v1/${planted.path}` }),
    },
    {
      room: 'ingest',
      what: 'a method that is none',
      event: apiEvent({ method: planted.path, route: '/v1/events' }),
    },
    ...usageDrives(),
    ...['catalogue' as const].flatMap((room) => {
      const headers = { 'x-api-key': planted.key, 'if-none-match': planted.header };
      const one = { type: planted.path, version: planted.path };
      return [
        {
          room,
          what: 'a contract that is none',
          event: apiEvent({ route: '/v1/contracts/{type}/{version}', path: one, headers }),
        },
        {
          room,
          what: 'all contracts',
          event: apiEvent({ route: '/v1/contracts', headers, query: { x: planted.query } }),
        },
      ];
    }),
  ];
}

function usageDrives(): readonly Drive[] {
  const right = {
    subject: correlation.subject,
    type: 'network.transfer',
    from: '2026-11-20',
    to: '2026-11-21',
  };
  const ask = (what: string, query: NonNullable<ApiCall['query']>): Drive => ({
    room: 'usage',
    what,
    event: apiEvent({
      route: '/v1/usage',
      headers: { 'x-api-key': planted.key },
      query: { ...right, ...query },
    }),
  });
  return [
    ask('usage', {}),
    ...['subject', 'type', 'meter', 'from', 'to', 'by', 'group', 'limit', 'next', planted.query].map((name) =>
      ask(`usage with a bad ${name}`, { [name]: planted.query.repeat(name === 'subject' ? 20 : 1) }),
    ),
    ask('usage with a parameter twice', { from: [planted.query, planted.query] }),
  ];
}

function webhookDrives(): readonly Drive[] {
  const body = Buffer.from(
    JSON.stringify({ kind: 'reading', id: 'd1', device: planted.body, text: planted.body }),
  );
  const message = { body, id: planted.deliveryId, at: Math.floor(Date.now() / 1000) };
  const post = (
    what: string,
    endpoint: string,
    headers: NonNullable<ApiCall['headers']>,
    sent = body,
  ): Drive => ({
    room: 'receive',
    what,
    event: apiEvent({
      method: 'POST',
      route: '/v1/webhooks/{endpoint}',
      path: { endpoint },
      headers,
      body: sent,
    }),
  });
  const received = (more: object) => ({
    messageId: 'm1',
    body: JSON.stringify({
      ...{ v: 1, endpoint: endpointFor(0), tenant: 'acme', name: 'hook', receipt: 'r1', trace: 't' },
      ...{
        receivedAt: new Date().toISOString(),
        deliveryId: planted.deliveryId,
        idSigned: false,
        timeSigned: false,
      },
      ...{
        headers: { 'content-type': 'application/json', 'x-a': planted.header },
        body: body.toString('base64'),
      },
      ...more,
    }),
  });
  const normalise = (what: string, ...Records: readonly object[]): Drive => ({
    room: 'normalise',
    what,
    event: { Records },
  });
  const large = { bucket: 'b', key: 'webhooks/acme/0000', sha256: '0'.repeat(64), bytes: 9 };
  return [
    ...senders.flatMap((sender, index) => [
      post(`${sender.name}, signed`, endpointFor(index), sender.sign(message, sender.secrets[0])),
      post(`${sender.name}, forged`, endpointFor(index), sender.sign(message, sender.secrets[2])),
      post(`${sender.name}, no signature at all`, endpointFor(index), { [sender.header]: planted.signature }),
    ]),
    post('an endpoint that is none', planted.endpoint, { 'x-secret': planted.header }),
    post('an address that is none', planted.path, {}),
    post('too many bytes', endpointFor(0), {}, Buffer.alloc(5_000_000, planted.body)),
    normalise('a delivery', received({})),
    normalise(
      'a delivery that no rule is for',
      received({ body: Buffer.from(`{"kind":"${planted.member}"}`).toString('base64') }),
    ),
    normalise(
      'a delivery that is no JSON',
      received({ body: Buffer.from(`{"${planted.data}`).toString('base64') }),
    ),
    normalise('a body that is elsewhere', received({ body: large })),
    normalise('an endpoint that is gone', received({ endpoint: planted.endpoint })),
    normalise(
      'what receive does not write',
      { messageId: 'm2', body: `{"${planted.queue}` },
      { messageId: 'm3', body: JSON.stringify({ v: 1, x: planted.queue }) },
    ),
    { room: 'sweep', what: 'a sweep', event: { afterSeconds: 0 } },
  ];
}

function logDrives(): readonly Drive[] {
  const record = (data: string | object, at: number) => ({
    eventID: `shardId-000000000000:4950${at}`,
    kinesis: {
      sequenceNumber: `4950${at}`,
      approximateArrivalTimestamp: Date.now() / 1000,
      data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString('base64'),
    },
  });
  const envelope = {
    ...{ v: 1, iid: 'a', n: 1, acked: [], at: new Date().toISOString(), build: 'b' },
    ...{ tenant: 'acme', producer: 'agent', receipt: 'receipt-1', trace: '00-trace' },
  };
  const quarantine = {
    ...{ code: 'contract-violation', fingerprint: 'f1', detail: planted.data, pointer: `/${planted.member}` },
    ...{ origin: 'receipt-1/0', type: planted.type, schema: 1, input: event({ data: planted.data }) },
  };
  const Records = [
    `{"${planted.data}`,
    { ...envelope, events: [{ schema: 1, event: event({ data: { bytes: 1, text: planted.data } }) }] },
    { ...envelope, events: [{ schema: 1, event: event({ type: planted.type, data: planted.data }) }] },
    { ...envelope, events: [{ schema: 1, event: event({ data: { bytes: planted.data } }) }] },
    { ...envelope, quarantine },
    { ...envelope, x: planted.data, mark: planted.data },
    { v: 1, iid: 'a', n: 1, acked: [], at: envelope.at, build: 'b', mark: new Date().toISOString() },
  ].map(record);
  const pointer = {
    shardId: 'shardId-000000000000',
    startSequenceNumber: '49501',
    endSequenceNumber: '49502',
  };
  return [
    { room: 'project', what: 'poison among events', event: { Records } },
    { room: 'archive', what: 'poison among events', event: { Records } },
    { room: 'mark', what: 'marks', event: {} },
    { room: 'anchor', what: 'anchors', event: {} },
    {
      room: 'repair',
      what: 'pointers, and what is none',
      event: {
        Records: [
          {
            messageId: 'm1',
            body: JSON.stringify({
              KinesisBatchInfo: pointer,
              requestContext: { condition: 'RetryAttemptsExhausted' },
            }),
          },
          { messageId: 'm2', body: `{"${planted.queue}` },
        ],
      },
    },
  ];
}

function operatorDrives(): readonly Drive[] {
  // What operators get wrong in their own words is repeated to them; not what may be a part of an event.
  const who = { operator: 'ada@example.com', reason: planted.reason };
  const patch = [{ op: 'replace', path: '/data', value: planted.patch }];
  const redrive = {
    verb: 'redrive',
    requestId: 'redrive-1',
    ...who,
    tenant: 'acme',
    fingerprint: '5f1d7a84db00d2fce00b31a7fc73224f',
    patch,
  };
  const run = { requestId: 'run-1', attempt: 1 };
  return [
    { room: 'recover', what: 'a redrive with a patch', event: redrive },
    {
      room: 'recover',
      what: 'a patch that is none',
      event: { ...redrive, patch: [{ op: planted.patch, path: planted.patch, value: planted.patch }] },
    },
    {
      room: 'recover',
      what: 'a replay with mistakes',
      event: { verb: 'replay', ...who, requestId: 'a', from: 'yesterday' },
    },
    { room: 'recover', what: 'what is no request', event: planted.data },
    { room: 'plan', what: 'the beginning of a plan', event: { ...run, step: 'begin' } },
    { room: 'scan', what: 'a batch', event: { ...run, batch: 'runs/run-1/batches/00000001.json' } },
    { room: 'fold', what: 'a partition', event: { ...run, partition: 'runs/run-1/partitions/0001.json' } },
    { room: 'resend', what: 'a file', event: { ...run, batch: 'runs/run-1/batches/00000001.json' } },
    {
      room: 'conclude',
      what: 'an end',
      event: { ...run, error: { Error: 'States.TaskFailed', Cause: '{"errorMessage":"it failed"}' } },
    },
    { room: 'guard', what: 'a look', event: { source: 'aws.events', 'detail-type': 'Scheduled Event' } },
    {
      room: 'guard',
      what: 'a command with mistakes',
      event: { command: 'set', ...who, mode: 'autto', hold: 'all' },
    },
    { room: 'watch', what: 'a look', event: { now: true } },
    {
      room: 'widgets',
      what: 'an event',
      event: { widget: 'event', id: planted.query, tenant: planted.query },
    },
    {
      room: 'widgets',
      what: 'a bucket',
      event: {
        widget: 'state',
        tenant: 'acme',
        subject: planted.query,
        type: 'network.transfer',
        window: '2026-11-21T07',
      },
    },
    ...['tenants', 'quarantine', 'runs', 'budget', 'control', planted.query].map((widget) => ({
      room: 'widgets',
      what: `the widget ${widget.split(' ')[0]}`,
      event: { widget, tenant: planted.query },
    })),
    { room: 'probe', what: 'a round trip', event: {} },
  ];
}

export const drives = (): readonly Drive[] => [
  ...doorDrives(),
  ...webhookDrives(),
  ...logDrives(),
  ...operatorDrives(),
];
