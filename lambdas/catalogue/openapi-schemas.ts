import { LIMITS, MAX_BATCH_EVENTS } from '../domain/cloudevent.ts';

const time = { type: 'string', format: 'date-time' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** The JSON of requests and answers (JSON Schema 2020-12, which OpenAPI 3.1 uses). */
export const schemas = {
  CloudEvent: {
    description:
      'A CloudEvents 1.0 event. Other attributes are extensions: strings, booleans or 32-bit integers.',
    type: 'object',
    required: ['specversion', 'id', 'source', 'type', 'subject', 'time'],
    properties: {
      specversion: { const: '1.0' },
      id: {
        ...text(LIMITS.id),
        description: 'With `source` the identity of the event. A retry repeats id and time.',
      },
      source: { ...text(LIMITS.source), format: 'uri-reference' },
      type: { ...text(LIMITS.type), description: 'Names the contract.' },
      subject: {
        ...text(LIMITS.subject),
        description: 'Whom or what usage is counted for. A pseudonym, not a name.',
      },
      time: { ...time, description: 'When it happened: decides the window that it is counted in.' },
      dataschema: {
        type: 'string',
        description: "Ends in the schema's version; without it the current one counts.",
      },
      datacontenttype: { type: 'string' },
      data: { description: "As the contract's schema says." },
      data_base64: { type: 'string', contentEncoding: 'base64' },
    },
  },
  Batch: { type: 'array', maxItems: MAX_BATCH_EVENTS, items: ref('CloudEvent') },
  Outcome: {
    description: 'What became of the events. Those that are not in `results` are in the log.',
    type: 'object',
    required: ['accepted', 'quarantined', 'refused', 'receipt', 'results'],
    additionalProperties: false,
    properties: {
      accepted: { ...count, description: 'In the log; will be counted once.' },
      quarantined: {
        ...count,
        description: 'Kept with the reason, not counted. Send a corrected event with the same id.',
      },
      refused: { ...count, description: 'Not kept.' },
      receipt: { type: 'string' },
      results: { type: 'array', items: ref('ItemResult') },
    },
  },
  ItemResult: {
    type: 'object',
    required: ['index', 'status', 'code', 'detail'],
    additionalProperties: false,
    properties: {
      index: { ...count, description: "The event's place in the request, from 0." },
      id: { type: 'string' },
      status: { enum: [403, 413, 422, 429, 503] },
      code: {
        type: 'string',
        description:
          'Why, e.g. `contract-violation`. Of 503 `not-logged` or `shed`, of 429 `over-budget`: nothing is wrong with the event.',
      },
      detail: { type: 'string' },
      pointer: { type: 'string', format: 'json-pointer', description: 'Into the event.' },
      retryAfter: { type: 'integer', minimum: 1, description: 'Seconds after which to send it again.' },
    },
  },
  Problem: {
    description: 'RFC 9457.',
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
    additionalProperties: false,
    properties: {
      type: { type: 'string', format: 'uri' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      instance: { type: 'string', format: 'uri', description: 'Names the receipt.' },
      code: { type: 'string' },
      pointer: { type: 'string', description: 'The header or query parameter at fault.' },
    },
  },
  Usage: {
    type: 'object',
    required: ['subject', 'type', 'from', 'to', 'by', 'asOf', 'pendingRepairs', 'rows'],
    additionalProperties: false,
    properties: {
      subject: { type: 'string' },
      type: { type: 'string' },
      from: time,
      to: { ...time, description: 'Exclusive.' },
      by: { enum: ['hour', 'day', 'month', 'total'] },
      asOf: {
        description:
          'What was acknowledged before this moment is counted in the rows. Null where that can not be said: before ' +
          'the first mark, and while parts of the log wait to be repaired. Their count may lag behind by about a ' +
          'minute, as that of SQS does.',
        anyOf: [time, { type: 'null' }],
      },
      pendingRepairs: count,
      rows: { type: 'array', items: ref('UsageRow') },
      next: {
        type: 'string',
        description: 'Ask again with it for the periods that follow. Absent at the end.',
      },
    },
  },
  UsageRow: {
    description: 'Periods without usage have no rows.',
    type: 'object',
    required: ['from', 'to', 'meter', 'aggregate', 'unit', 'group', 'dimensions', 'value'],
    additionalProperties: false,
    properties: {
      from: time,
      to: { ...time, description: 'Exclusive.' },
      meter: { type: 'string' },
      aggregate: { enum: ['count', 'sum', 'min', 'max', 'latest', 'unique'] },
      unit: { type: 'string', description: 'UCUM.' },
      group: { type: 'string', description: "The group's key in state; `all` for meters without groups." },
      dimensions: { type: 'object', additionalProperties: { type: 'string' } },
      value: { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$', description: 'An exact decimal.' },
    },
  },
  ContractList: {
    type: 'object',
    required: ['contracts'],
    additionalProperties: false,
    properties: {
      contracts: {
        type: 'array',
        items: {
          type: 'object',
          required: ['type', 'contract', 'schemas'],
          additionalProperties: false,
          properties: {
            type: { type: 'string' },
            contract: { type: 'object', description: 'contract.json: meters, windows, bounds.' },
            schemas: {
              type: 'array',
              items: {
                type: 'object',
                required: ['version', 'etag', 'href'],
                additionalProperties: false,
                properties: {
                  version: { type: 'integer' },
                  etag: { type: 'string' },
                  href: { type: 'string' },
                },
              },
            },
          },
        },
      },
    },
  },
} as const;
