import { schemas } from './openapi-schemas.ts';

const ref = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${name}` });
const headers = {
  'x-weir-receipt': {
    description: 'Names this request, for whoever looks into it.',
    schema: { type: 'string' },
  },
  traceparent: { description: 'W3C trace context, continued from the request.', schema: { type: 'string' } },
};
const json = (schema: object) => ({ 'application/json': { schema } });
const answer = (description: string, schema: object) => ({ description, headers, content: json(schema) });
const problem = (description: string) => ({
  description,
  headers,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});
const later = {
  headers: { ...headers, 'retry-after': { description: 'Seconds.', schema: { type: 'integer' } } },
};
const retried = (description: string) => ({ ...problem(description), ...later });

const problems = {
  401: problem('The key is missing, unknown, expired or revoked.'),
  403: problem('The key lacks the scope.'),
  429: problem("The key's rate or quota is used up."),
  503: retried('Something that Weir needs did not answer.'),
};
const outcome = (description: string) => ({
  description,
  headers,
  content: { ...json(ref('Outcome')), 'application/problem+json': { schema: ref('Problem') } },
});
const retriedOutcome = (description: string) => ({ ...outcome(description), ...later });

const parameter = (name: string, description: string, schema: object, required = false) => ({
  name,
  in: 'query',
  description,
  required,
  schema,
});
const etag = { etag: { description: 'SHA-256 of the document.', schema: { type: 'string' } } };
const ifNoneMatch = { name: 'if-none-match', in: 'header', schema: { type: 'string' } };
const cached = (description: string, content: object) => ({
  parameters: [ifNoneMatch],
  responses: {
    200: { description, headers: { ...headers, ...etag }, content },
    304: { description: 'As the caller has it.', headers: { ...headers, ...etag } },
    401: problems[401],
    503: problems[503],
  },
});

const postEvents = {
  operationId: 'sendEvents',
  summary: 'Send usage events',
  description:
    'CloudEvents over HTTP in any of its three modes; in binary mode the attributes are `ce-` headers and the body is ' +
    'the data. At most 4 MiB, also inflated (`content-encoding: gzip`), and 512 KiB an event. Each event is handled by ' +
    'itself. A 202 means that the events are in a durable log. Sending an event again, with the same id and time, ' +
    'counts it no second time. Under overload events are shed by the priority of their contract, those of `critical` ' +
    'never: what is shed is not kept, and is to be sent again after `retryAfter` seconds.',
  parameters: [
    { name: 'content-encoding', in: 'header', schema: { enum: ['gzip', 'identity'] } },
    { name: 'traceparent', in: 'header', schema: { type: 'string' } },
  ],
  requestBody: {
    required: true,
    content: {
      'application/cloudevents+json': { schema: ref('CloudEvent') },
      'application/cloudevents-batch+json': { schema: ref('Batch') },
      '*/*': { schema: { description: "Binary mode: the event's data." } },
    },
  },
  responses: {
    202: answer('All events are in the log.', ref('Outcome')),
    207: {
      ...answer(
        'The outcomes differ: see `results`. `retry-after` is the longest that any of them asks.',
        ref('Outcome'),
      ),
      ...later,
    },
    400: problem('The body can not be read: broken JSON, gzip or UTF-8, or a header sent twice.'),
    401: problems[401],
    403: outcome('The key lacks the scope, or no event is of a type that it may send.'),
    413: outcome('The body, the batch or all events are too large.'),
    415: problem('The content type, charset or encoding is none that Weir reads.'),
    422: outcome('No event is as its contract says; all are kept in quarantine.'),
    429: retriedOutcome(
      "The key's rate or quota is used up; or the producer sends more events than it may (`over-budget`), or is " +
        '`suspended`: send them again later.',
    ),
    503: retriedOutcome(
      'The log did not take the events (`not-logged`), or more comes than can be counted in time and they are not of ' +
        'the highest priority (`shed`): send them again later. Their ids and times must stay the same.',
    ),
  },
};

const getUsage = {
  operationId: 'readUsage',
  summary: 'Read usage',
  description:
    "Exact numbers of one subject and event type of the key's tenant. Needs the scope `usage:read`.",
  parameters: [
    parameter('subject', 'Whose usage.', { type: 'string' }, true),
    parameter('type', 'Event type.', { type: 'string' }, true),
    parameter(
      'from',
      "Included: the start of one of the type's windows, as a date (UTC) or RFC 3339.",
      { type: 'string' },
      true,
    ),
    parameter('to', 'Not included; likewise.', { type: 'string' }, true),
    parameter('by', 'Days and months are those of UTC.', schemas.Usage.properties.by),
    parameter('meter', 'Only this meter.', { type: 'string' }),
    parameter('group', 'Only these groups, as rows name them.', { type: 'array', items: { type: 'string' } }),
    parameter('limit', 'Most periods of one answer.', {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 100,
    }),
    parameter('next', 'From the answer before.', { type: 'string' }),
  ],
  responses: {
    200: answer('The usage of each period that has any.', ref('Usage')),
    ...problems,
    422: problem('A parameter is missing or wrong; `pointer` names it.'),
  },
};

const postWebhook = {
  operationId: 'receiveWebhook',
  summary: 'Receive a webhook',
  description:
    'For providers: no API key, but a signature over the exact bytes, as the endpoint wants it. At most 4 MiB. A 202 ' +
    'means that the delivery is in a durable queue; sending it again under the same delivery id counts it no second time.',
  security: [],
  requestBody: { required: true, content: { '*/*': { schema: {} } } },
  responses: {
    200: { description: "The answer to a provider's handshake.", headers, content: { 'text/plain': {} } },
    202: answer('The delivery is in the queue.', {
      type: 'object',
      required: ['receipt'],
      properties: { receipt: { type: 'string' } },
    }),
    401: problem('Nobody who may send here has signed this.'),
    404: problem('The same, of an endpoint that there is not.'),
    410: problem('The endpoint is switched off; only said of what is signed.'),
    413: problem('The body is too large.'),
    429: problem('Too many requests at once.'),
    503: retried('Something that Weir needs did not answer: send it again.'),
  },
};

/** The HTTP API as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1). */
export const openapi = {
  openapi: '3.1.1',
  info: {
    title: 'Weir',
    version: '1',
    description: 'Usage events in, exact numbers out.',
  },
  servers: [{ url: '/', description: "The stage's base URL goes before the paths." }],
  security: [{ key: [] }],
  paths: {
    '/v1/events': { post: postEvents },
    '/v1/webhooks/{endpoint}': {
      parameters: [{ name: 'endpoint', in: 'path', required: true, schema: { type: 'string' } }],
      post: postWebhook,
    },
    '/v1/usage': { get: getUsage },
    '/v1/contracts': {
      get: {
        operationId: 'listContracts',
        summary: 'List the contracts',
        ...cached('All contracts.', json(ref('ContractList'))),
      },
    },
    '/v1/contracts/{type}/{version}': {
      parameters: [
        { name: 'type', in: 'path', required: true, schema: { type: 'string' } },
        { name: 'version', in: 'path', required: true, schema: { type: 'integer' } },
      ],
      get: {
        operationId: 'readSchema',
        summary: 'Read the JSON Schema of a type',
        ...cached('JSON Schema 2020-12.', { 'application/schema+json': { schema: { type: 'object' } } }),
      },
    },
    '/v1/openapi.json': {
      get: {
        operationId: 'readOpenapi',
        summary: 'Read this document',
        ...cached('OpenAPI 3.1.', json({ type: 'object' })),
      },
    },
    '/health': {
      get: {
        operationId: 'health',
        summary: 'Whether the API answers',
        security: [],
        responses: {
          200: answer('It does.', {
            type: 'object',
            required: ['status', 'build'],
            properties: { status: { const: 'ok' }, build: { type: 'string' } },
          }),
        },
      },
    },
  },
  components: {
    securitySchemes: {
      key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: '`wk_` and 43 characters.' },
    },
    schemas,
  },
} as const;
