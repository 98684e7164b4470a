import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkEvent } from '../../lambdas/domain/check-event.ts';
import type { Contracts, ValidatingContract } from '../../lambdas/domain/contract.ts';
import { judgeEvent } from '../../lambdas/domain/judge-event.ts';
import { findExpressionProblem } from '../../lambdas/domain/webhooks/check-jmespath.ts';
import { findDeliveryId } from '../../lambdas/domain/webhooks/map-delivery.ts';
import { compileMapping, type Mapping } from '../../lambdas/domain/webhooks/mapping.ts';
import { MappingError } from '../../lambdas/domain/webhooks/mapping-mistakes.ts';
import { normaliseDelivery } from '../../lambdas/domain/webhooks/normalise-delivery.ts';
import { readPayload } from '../../lambdas/domain/webhooks/payload.ts';
import { presets } from '../../lambdas/domain/webhooks/presets.ts';
import { checkedContracts } from '../support/checked-contracts.ts';

const NOW = Date.parse('2026-11-21T07:05:00Z');
let contracts: Contracts<ValidatingContract>;
beforeAll(async () => {
  contracts = await checkedContracts();
});

/** Names that mappings look for and names that break naive code. */
const key = fc.constantFrom(
  ...[
    'type',
    'id',
    'created',
    'data',
    'object',
    'account',
    'amount',
    'currency',
    'repository',
    'sender',
    'event',
  ],
  ...[
    'team_id',
    'event_time',
    '__proto__',
    'constructor',
    'toString',
    '',
    'a/b',
    '~',
    'rawJSON',
    'length',
    '0',
  ],
);
/** Texts of JSON scalars: `JSON.parse` is to meet what senders write, not what `JSON.stringify` would. */
const scalarText = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    'false',
    '0',
    '-0',
    '""',
    '"charge.succeeded"',
    '"\\ud83d\\ude00"',
    '"\\u0000"',
  ),
  fc.constantFrom(
    '9007199254740993',
    '1e400',
    '1e-400',
    '1E5',
    '-12.50',
    '123456789012345678901234567890',
    '1763708700',
  ),
  fc.constantFrom('"\\ud800"', '"\\uffff"', '"__proto__"', '"2026-11-21T07:00:00Z"', `"${'x'.repeat(600)}"`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
);
const jsonText = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scalarText,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 6 })
      .map((pairs) => `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`),
  ),
})).value;
const deep = fc.integer({ min: 55, max: 5000 }).map((n) => `${'{"data":['.repeat(n)}1${']}'.repeat(n)}`);
const formText = fc
  .array(
    fc.tuple(
      key,
      fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    ),
    { maxLength: 8 },
  )
  .map((pairs) => new URLSearchParams(pairs).toString());
const body = fc.oneof(
  { weight: 8, arbitrary: jsonText.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: deep.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: formText.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
);
const contentType = fc.constantFrom(
  'application/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'application/octet-stream',
  '',
);
const headers = fc.record({
  'content-type': contentType,
  'x-github-event': fc.oneof(fc.constant('push'), fc.string({ unit: 'binary' })),
  'x-shopify-topic': fc.constantFrom('orders/paid', '../weir.void', ''),
  'x-shopify-shop-domain': fc.string(),
});

/** Expressions of which some parse and some are refused. */
const expression = fc
  .array(
    fc.oneof(
      key,
      fc.constantFrom(
        '.',
        '[',
        ']',
        '[*]',
        '[]',
        '[?',
        '@',
        '|',
        '||',
        '&&',
        '!',
        '==',
        '<',
        ',',
        '(',
        ')',
        '{',
        '}',
        ':',
        '*',
        '&',
      ),
      fc.constantFrom(
        '[0]',
        '[-1]',
        '[::2]',
        '`1`',
        '`[1,2]`',
        "'a'",
        '"data"',
        ' ',
        '.data',
        '.object',
        '.amount',
      ),
      fc.constantFrom(
        'to_string(',
        'join(',
        "contains(@, 'a')",
        'keys(',
        'sort_by(',
        'max_by(',
        'length(',
        'values(@)',
        'type(',
        'sum(',
      ),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''));
const value = fc.oneof(
  expression,
  expression.filter((text) => findExpressionProblem(text) === undefined),
  fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => keys.map((name) => `/${name}`).join('')),
  fc.record({ header: fc.constantFrom('x-github-event', 'none') }),
  fc.record({ const: fc.constantFrom('s', 5, true) }),
  fc.record({ value: expression, negate: fc.constant(true) }),
  fc.record({ value: key.map((name) => `/${name}`), as: fc.constantFrom('text', 'decimal') }),
  fc.array(
    key.map((name) => `/${name}`),
    { minLength: 1, maxLength: 3 },
  ),
);
const rule = fc.record(
  {
    when: fc.oneof(fc.constantFrom('*', 'charge.*', 'push'), fc.record({ match: expression })),
    type: fc.constantFrom('payment.received', '<provider>.<event>', 'a.b'),
    subject: value,
    time: fc.oneof(
      value,
      fc.record({
        value,
        format: fc.constantFrom('rfc3339', 'unix-seconds', 'unix-ms'),
        orReceipt: fc.constant(true),
      }),
    ),
    data: fc.dictionary(fc.constantFrom('amount', 'currency', 'movement', 'event', 'constructor'), value, {
      maxKeys: 3,
    }),
  },
  { requiredKeys: ['when', 'type', 'subject'] },
);
const mappingJson = fc.record(
  { event: value, id: value, jsonField: key, rules: fc.array(rule, { minLength: 1, maxLength: 3 }) },
  { requiredKeys: ['event'] },
);

/** The mapping, or what is wrong with it; nothing else may come of any JSON. */
function compile(json: unknown): Mapping | MappingError {
  try {
    return compileMapping(json);
  } catch (error) {
    if (error instanceof MappingError) return error;
    throw error;
  }
}

/** What ingress says of what is no CloudEvent: no mapping may ever bring it about. */
const MALFORMED = new Set(['invalid-cloudevent', 'nested-too-deep', 'lone-surrogate', 'event-too-large']);

function expectSound(
  mapping: Mapping,
  bytes: Buffer,
  given: Record<string, string>,
  id: string,
): 'event' | 'refusal' {
  const endpoint = { name: 'any', provider: 'any', mapping };
  const normalised = normaliseDelivery(endpoint, { deliveryId: id, headers: given, body: bytes });
  findDeliveryId(mapping, {
    headers: given,
    payload: readPayload(bytes, given['content-type'], mapping.jsonField),
  });
  if ('code' in normalised) {
    expect(normalised).toMatchObject({ code: expect.any(String), detail: expect.any(String) });
    expect(normalised.place ?? '').not.toMatch(/undefined|NaN/);
    return 'refusal';
  }
  const item = normalised.eventAt('2026-11-21T07:05:00Z');
  expect(checkEvent(item)).not.toHaveProperty('refusal');
  expect(checkEvent({ ...item, surrogates: true })).not.toHaveProperty('refusal');
  const credential = {
    tenant: 't',
    producer: 'p',
    types: ['*'],
    scopes: [],
    status: 'active',
    keyId: 'k',
  } as const;
  const judged = judgeEvent(item, { contracts, credential, receivedMs: NOW });
  if ('refusal' in judged) expect(MALFORMED).not.toContain(judged.refusal.code);
  // What is archived says the same as what is judged, but for the digits.
  expect(JSON.stringify(JSON.parse(JSON.stringify(item.exact)))).toBe(JSON.stringify(item.plain));
  expect(normaliseDelivery(endpoint, { deliveryId: id, headers: given, body: bytes })).toMatchObject({
    billedHash: normalised.billedHash,
  });
  return 'event';
}

describe('P3: whatever is sent', () => {
  it.each([...presets.keys()])(
    'the preset for %s makes a sound event of it, or a refusal, and never throws',
    (name) => {
      const mapping = compileMapping(presets.get(name)!.mapping);
      fc.assert(
        fc.property(body, headers, fc.string(), (bytes, given, id) => {
          expectSound(mapping, bytes, given, id);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('any mapping that compiles makes a sound event of it, or a refusal, and never throws', () => {
    let compiled = 0;
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        mappingJson,
        fc.array(fc.tuple(body, headers), { minLength: 1, maxLength: 4 }),
        (json, deliveries) => {
          const mapping = compile(json);
          if (mapping instanceof MappingError) return;
          compiled += 1;
          for (const [bytes, given] of deliveries) seen.add(expectSound(mapping, bytes, given, 'd-1'));
        },
      ),
      { numRuns: 3000 },
    );
    expect(compiled).toBeGreaterThan(100);
    expect(seen).toEqual(new Set(['event', 'refusal']));
  });

  it('any JSON is a mapping or has mistakes with places', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), mappingJson), (json) => {
        const mapping = compile(json);
        if (!(mapping instanceof MappingError)) return;
        expect(mapping.mistakes.length).toBeGreaterThan(0);
        for (const { place, problem } of mapping.mistakes) {
          expect(place).toMatch(/^(\/|$)/);
          expect(problem).toMatch(/\S/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('P2: numbers', () => {
  const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,24})(\.\d{1,20})?$/);

  it('come out with the digits that went in, and negated twice are the same', () => {
    const mapping = compileMapping({
      event: { const: 'x' },
      rules: [
        {
          when: '*',
          type: 't',
          subject: { const: 's' },
          data: {
            p: '/n',
            e: 'n',
            d: { value: 'n', as: 'decimal' },
            m: { value: '/n', negate: true, as: 'decimal' },
          },
        },
      ],
    });
    const read = (text: string) => {
      const endpoint = { name: 'any', provider: 'any', mapping };
      const result = normaliseDelivery(endpoint, {
        deliveryId: 'd',
        headers: {},
        body: Buffer.from(`{"n":${text}}`),
      });
      if ('code' in result) throw new Error(result.detail);
      return { hash: result.billedHash, event: JSON.stringify(result.eventAt('2026-11-21T07:05:00Z').exact) };
    };
    fc.assert(
      fc.property(digits, (text) => {
        const { event } = read(text);
        const kept = event.match(/"data":\{"d":"([^"]*)","e":([^,]*),"m":"([^"]*)","p":([^,]*),/)!;
        const [, decimal, byExpression, negated, byPointer] = kept;
        for (const each of [decimal!, byExpression!, byPointer!]) expect(sameNumber(each, text)).toBe(true);
        expect(sameNumber(negated!.replace(/^-/, ''), text.replace(/^-/, ''))).toBe(true);
        expect(event).toContain(`"payload":{"n":${/\d{16}|[eE]/.test(text) ? text : ''}`);
      }),
      { numRuns: 1000 },
    );
  });

  it('have one billed hash however they are written', () => {
    const mapping = compileMapping({
      event: { const: 'x' },
      rules: [{ when: '*', type: 't', subject: { const: 's' }, data: { n: '/n' } }],
    });
    const hashOf = (text: string) => {
      const result = normaliseDelivery(
        { name: 'a', provider: 'a', mapping },
        { deliveryId: 'd', headers: {}, body: Buffer.from(`{"n":${text}}`) },
      );
      return 'code' in result ? result.code : result.billedHash;
    };
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 5 }), (text, zeros) => {
        const [whole, fraction = ''] = text.split('.');
        const padded = `${whole}.${fraction}${'0'.repeat(zeros + 1)}`;
        expect(hashOf(padded)).toBe(hashOf(text));
        expect(hashOf(`${whole}${fraction}e-${fraction.length}`.replace(/^(-?)0+(?=\d)/, '$1'))).toBe(
          hashOf(text),
        );
      }),
      { numRuns: 500 },
    );
  });
});

/** Compared as integers of one scale: by none of the code under test. */
function sameNumber(a: string, b: string): boolean {
  const units = (text: string) => {
    const [whole = '', fraction = ''] = text.split('.');
    return BigInt(`${whole}${fraction.padEnd(25, '0')}`);
  };
  return units(a) === units(b);
}
