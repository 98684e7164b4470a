import { describe, expect, it } from 'vitest';
import { isRefusal, mapDelivery } from '../../lambdas/domain/webhooks/map-delivery.ts';
import { compileMapping } from '../../lambdas/domain/webhooks/mapping.ts';
import { MappingError } from '../../lambdas/domain/webhooks/mapping-mistakes.ts';
import { readPayload } from '../../lambdas/domain/webhooks/payload.ts';

const RULE = { when: 'order.paid', type: 'shop.order', subject: '/shop' };
const withRule = (change: object) => ({ event: '/type', rules: [{ ...RULE, ...change }] });
const withSubject = (subject: unknown) => withRule({ subject });

/** Places and problems of a mapping with mistakes. */
function mistakesIn(json: unknown): readonly string[] {
  try {
    compileMapping(json);
    return [];
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    return error.mistakes.map(({ place, problem }) => `${place} ${problem}`);
  }
}

function map(json: unknown, body: string, headers: Readonly<Record<string, string>> = {}) {
  const mapping = compileMapping(json);
  const payload = readPayload(Buffer.from(body), headers['content-type'], mapping.jsonField);
  return mapDelivery(mapping, { provider: 'shop', headers, payload, deliveryId: 'd-1' });
}

function fieldsOf(json: unknown, body: string, headers?: Readonly<Record<string, string>>): string {
  const mapped = map(json, body, headers);
  if (isRefusal(mapped)) throw new Error(mapped.detail);
  return JSON.stringify(Object.fromEntries(mapped.fields));
}

describe('P3: a mapping with a mistake is refused when it is added, with place, value and what is allowed', () => {
  it.each<[what: string, json: unknown, ...mistakes: RegExp[]]>([
    ['is no object', [], /^ must be an object with event, id/],
    ['is null', null, /^ must be an object with .*, not null$/],
    ['has no event', { rules: [RULE] }, /^\/event is missing: it must be a JSON Pointer/],
    [
      'has a member too many',
      { ...withRule({}), evnet: 1 },
      /^\/evnet is not known here: allowed are event, id/,
    ],
    ['has an event that is a number', { event: 5 }, /^\/event must be .*, not 5$/],
    [
      'has rules that are no list',
      { event: '/a', rules: {} },
      /^\/rules must be a list of 1 to 100 rules, not an object/,
    ],
    [
      'has too many rules',
      { event: '/a', rules: Array(101).fill(RULE) },
      /^\/rules must be a list of 1 to 100/,
    ],
    [
      'has a rule that is none',
      { event: '/a', rules: [5] },
      /^\/rules\/0 must be a rule with when, .*, not 5$/,
    ],
    [
      'has a jsonField that is no name',
      { event: '/a', jsonField: 'a b' },
      /^\/jsonField must be .*, not "a b"$/,
    ],
    [
      'has a fallback that is none',
      { event: '/a', fallback: 'x' },
      /^\/fallback must be a fallback with .*, not "x"$/,
    ],
    [
      'has a fallback with "when"',
      { event: '/a', fallback: { when: '*' } },
      /^\/fallback\/when is not known here/,
    ],
  ])('one that %s', (_, json, ...mistakes) => {
    expect(mistakesIn(json)).toEqual(mistakes.map((mistake) => expect.stringMatching(mistake)));
  });

  it.each<[what: string, rule: object, mistake: RegExp]>([
    ['no when', { when: undefined }, /^\/rules\/0\/when is missing/],
    ['an empty list of events', { when: [] }, /^\/rules\/0\/when must be a list of 1 to 50 event names/],
    [
      'an event name that is none',
      { when: ['a', ''] },
      /^\/rules\/0\/when\/1 must be an event name .*, not ""$/,
    ],
    ['too many stars', { when: '*a*b*' }, /^\/rules\/0\/when has 3 stars; at most 2/],
    ['an unknown condition', { when: { evnt: 'a' } }, /^\/rules\/0\/when\/evnt is not known here/],
    [
      'a condition that is no place',
      { when: { match: 7 } },
      /^\/rules\/0\/when\/match must be a JSON Pointer .*, not 7$/,
    ],
    ['no type', { type: undefined }, /^\/rules\/0\/type is missing/],
    [
      'a type with a space',
      { type: 'shop order' },
      /^\/rules\/0\/type must be an event type: .*, not "shop order"$/,
    ],
    ['a type that the sender would choose', { type: '<event>' }, /^\/rules\/0\/type must be an event type/],
    [
      'a type that is too long',
      { type: 'a'.repeat(129) },
      /^\/rules\/0\/type has 129 characters; at most 128/,
    ],
    ["one of Weir's own types", { type: 'weir.void' }, /^\/rules\/0\/type must not begin with "weir\."/],
    [
      'data that is a list',
      { data: ['/a'] },
      /^\/rules\/0\/data must be an object of names and values, not an array$/,
    ],
    ['data by a bad name', { data: { 'a-b': '/a' } }, /^\/rules\/0\/data\/a-b must have another name/],
    ["data in the payload's place", { data: { payload: '/a' } }, /^\/rules\/0\/data\/payload is taken/],
    [
      'more data than an event should have',
      { data: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`f${i}`, '/a'])) },
      /^\/rules\/0\/data has 33 members; at most 32/,
    ],
  ])('a rule with %s', (_, rule, mistake) => {
    expect(mistakesIn(withRule(rule))).toEqual([expect.stringMatching(mistake)]);
  });

  it.each<[what: string, value: unknown, mistake: RegExp]>([
    ['no value', undefined, /^\/rules\/0\/subject is missing/],
    ['an empty text', '', /subject must be a JSON Pointer/],
    ['a pointer with a bad escape', '/a~2', /"\/a~2" is no JSON Pointer/],
    ['a pointer without end', `/${'a'.repeat(512)}`, /is a pointer of more than 512 characters/],
    ['an unknown object', { vlaue: '/a' }, /subject must be .*, not an object$/],
    ['an empty list', [], /subject must be a list of 1 to 8 values.*, not an array$/],
    ['too long a list', Array(9).fill('/a'), /subject must be a list of 1 to 8 values/],
    ['a list in a list', [['/a']], /subject\/0 must be/],
    ['a mistake in a list', ['/a', 'b['], /subject\/1 is no JMESPath/],
    ['a header that is none', { header: 'a b' }, /subject\/header must be a header's name, not "a b"$/],
    [
      'a header and more',
      { header: 'a', prefix: 'b' },
      /subject\/prefix is not known here: allowed are header$/,
    ],
    ['a constant that is an object', { const: {} }, /subject\/const must be a text .*, not an object$/],
    ['a constant that is empty', { const: '' }, /subject\/const must be a text/],
    ['a constant that is half a character', { const: '\ud800' }, /subject\/const must be a text/],
    ['a shape in a shape', { value: { value: '/a' } }, /subject\/value must be/],
    [
      'an unknown kind',
      { value: '/a', as: 'number' },
      /subject\/as must be "text" or "decimal", not "number"$/,
    ],
    [
      '"negate" without meaning it',
      { value: '/a', negate: false },
      /subject\/negate must be true, or left out, not false$/,
    ],
    [
      'a negated text',
      { value: '/a', negate: true, as: 'text' },
      /subject\/as must be "decimal", or left out/,
    ],
    ['a prefix that is none', { value: '/a', prefix: '' }, /subject\/prefix must be a text of 1 to 64/],
    ['a prefixed number', { value: '/a', prefix: 'a', as: 'decimal' }, /subject\/prefix makes a text/],
  ])('a value with %s', (_, value, mistake) => {
    expect(mistakesIn(withSubject(value))).toEqual([expect.stringMatching(mistake)]);
  });

  it.each<[what: string, time: unknown, mistake: RegExp]>([
    [
      'in a header',
      { header: 'x-time' },
      /time\/header must be in the payload: a header tells of the attempt/,
    ],
    [
      'in a header among others',
      { value: ['/a', { header: 'x' }] },
      /time\/value\/1\/header must be in the payload/,
    ],
    [
      'in a format of its own',
      { value: '/a', format: 'unix' },
      /time\/format must be one of "rfc3339", .*, not "unix"$/,
    ],
    [
      'that may be late',
      { value: '/a', orReceipt: false },
      /time\/orReceipt must be true, or left out, not false$/,
    ],
    ['with a shape', { value: '/a', prefix: 'a' }, /time\/prefix is not known here/],
  ])('a time %s', (_, time, mistake) => {
    expect(mistakesIn(withRule({ time }))).toEqual([expect.stringMatching(mistake)]);
  });

  it('tells all mistakes at once, in one message', () => {
    const json = {
      event: 1,
      rules: [{ when: 1, type: 'a b', subject: 'a[', time: 'b[', data: { c: 'd[' } }],
    };
    expect(mistakesIn(json)).toHaveLength(6);
    expect(() => compileMapping(json)).toThrow(/^mapping\/event must .*\nmapping\/rules\/0\/when must/);
  });
});

describe('JMESPath', () => {
  it.each([
    'a.b[0].c',
    'items[*].price | [0]',
    "items[?kind=='fee'].amount | [0]",
    "join('/', [owner, name])",
    'max_by(items, &amount).amount',
    "contains(tags, 'paid')",
    'to_string(id)',
    '"quoted name".a',
    'length(items)',
    'a || b && !c',
    '@',
  ])('takes %s', (expression) => {
    expect(mistakesIn(withSubject(expression))).toEqual([]);
  });

  it.each([
    ['a[', /is no JMESPath: .*unexpected end/],
    ['a b', /is no JMESPath: .*unexpected token "b"/],
    ["'open", /is no JMESPath/],
    ['"\\x"', /is no JMESPath/],
    ['`{`', /is no JMESPath/],
    [`a${'.a'.repeat(256)}`, /has 513 characters; an expression has at most 512/],
    ['nope(a)', /calls nope\(\), which is no function of JMESPath \(allowed are contains, /],
    ['length()', /gives length\(\) 0 arguments; it takes 1/],
    ['length(a, b)', /gives length\(\) 2 arguments; it takes 1/],
    ['sum(items[*].amount)', /calls sum\(\), which computes in floating point, so an amount could change/],
    ['to_number(a)', /calls to_number\(\), which computes in floating point/],
    ['sort(a)', /calls sort\(\), which would change the payload/],
    ['reverse(a)', /calls reverse\(\), which would change the payload/],
    ['not_null(a, b)', /calls not_null\(\), which takes 0 for nothing; use a list/],
    ['merge(a, b)', /calls merge\(\)/],
  ])('refuses %s', (expression, mistake) => {
    expect(mistakesIn(withSubject(expression))).toEqual([expect.stringMatching(mistake)]);
  });

  it.each([
    ['[@,@][] | [@,@][]', /has more than one multi-select/],
    ['{a: @} | [@]', /has more than one multi-select/],
    [`[${Array(17).fill('a').join()}]`, /selects 17 members at once; at most 16/],
    ['to_string(to_string(@))', /has more than one to_string/],
    ["join(',', a) || join(',', b)", /has more than one join/],
    ['join(to_string(@), keys(@))', /must give join\(\) a text in single quotes of at most 16 characters/],
    [`join('${'-'.repeat(17)}', a)`, /must give join\(\) a text/],
    ['contains(a, b)', /must write out, in single quotes, what contains\(\) looks for/],
    ['starts_with(a, b.c)', /must write out, in single quotes, what starts_with\(\) looks for/],
  ])('refuses what could grow beyond bounds: %s', (expression, mistake) => {
    expect(mistakesIn(withSubject(expression))).toEqual([expect.stringMatching(mistake)]);
  });

  it.each(['constructor', 'a.__proto__', '"toString"', 'valueOf.length'])(
    'refuses names that every object answers to: %s',
    (expression) => {
      expect(mistakesIn(withSubject(expression))).toEqual([
        expect.stringMatching(/use a JSON Pointer such as/),
      ]);
    },
  );

  it('reads such names by pointers, and only as sent', () => {
    const json = {
      event: '/type',
      rules: [{ ...RULE, when: '*', data: { a: '/constructor', b: '/__proto__/x', c: '/toString' } }],
    };
    expect(fieldsOf(json, '{"shop":"s","constructor":"mine","__proto__":{"x":1}}')).toBe(
      '{"a":"mine","b":1}',
    );
  });

  it('leaves the payload as it was', () => {
    const json = withRule({ subject: 'sort_by(items, &n)[0].id' });
    const payload = readPayload(
      Buffer.from('{"type":"order.paid","items":[{"n":2,"id":"b"},{"n":1,"id":"a"}]}'),
      undefined,
    );
    const before = JSON.stringify(payload);
    const mapped = mapDelivery(compileMapping(json), {
      provider: 'shop',
      headers: {},
      payload,
      deliveryId: 'd',
    });
    expect(mapped).toMatchObject({ subject: 'a' });
    expect(JSON.stringify(payload)).toBe(before);
  });
});

describe('rules', () => {
  const json = {
    event: ['/type', { header: 'x-event' }],
    rules: [
      { when: { event: 'order.*', match: 'order.test' }, type: 'shop.test', subject: '/shop' },
      { when: ['order.paid', 'order.captured'], type: 'shop.order', subject: '/shop' },
      { when: 'order.*.item', type: '<provider>.item.<event>', subject: '/shop' },
    ],
    fallback: { subject: ['/shop', { const: 'nobody' }] },
  };

  it.each([
    ['the first that fits', '{"type":"order.paid","shop":"s","order":{"test":true}}', 'shop.test', 's', 0],
    [
      'the next where a condition is not met',
      '{"type":"order.paid","shop":"s","order":{"test":false}}',
      'shop.order',
      's',
      1,
    ],
    ['any of several', '{"type":"order.captured","shop":"s"}', 'shop.order', 's', 1],
    ['a pattern', '{"type":"order.new.item","shop":"s"}', 'shop.item.order.new.item', 's', 2],
    ['none: the fallback', '{"type":"customer.new","shop":"s"}', 'shop.customer.new', 's', undefined],
    ['none, without a subject', '{"type":"customer.new"}', 'shop.customer.new', 'nobody', undefined],
    ['none, as it has no name', '{"shop":"s"}', 'shop.unknown', 's', undefined],
  ])('take %s', (_, body, type, subject, rule) => {
    expect(map(json, body)).toMatchObject({ type, subject, ...(rule !== undefined && { rule }) });
    expect('rule' in map(json, body)).toBe(rule !== undefined);
  });

  it('P3: keep what no rule is for under a type that a contract can have, whatever the event is called', () => {
    const names = ['orders/create', 'Push Hook', 'ünïcode', '../..', 'a\u0000b', 'x'.repeat(128)];
    for (const event of names) {
      const mapped = map({ event: '/type' }, JSON.stringify({ type: event }));
      expect(mapped).toMatchObject({ subject: 'shop', type: expect.stringMatching(/^shop\.[\w.-]{1,123}$/) });
    }
    expect(map({ event: '/type' }, JSON.stringify({ type: 'x'.repeat(129) }))).toMatchObject({
      type: 'shop.unknown',
    });
  });

  it('P3: refuse, and so keep with its reason, what a rule is for and does not fit', () => {
    expect(map(json, '{"type":"order.paid"}')).toEqual({
      code: 'mapping-failed',
      pointer: '/subject',
      place: 'rules/1/subject',
      detail:
        "the mapping's rules/1/subject does not fit: the delivery has no subject where the mapping looks for it",
    });
  });

  it.each([
    [
      'an object',
      withSubject('/shop'),
      '{"type":"order.paid","shop":{"id":1}}',
      /it finds an object; only texts/,
    ],
    ['a list', withSubject('shop[*]'), '{"type":"order.paid","shop":[1]}', /it finds a list; only texts/],
    ['a boolean', withSubject('/shop'), '{"type":"order.paid","shop":true}', /it finds a boolean/],
    [
      'a long text',
      withSubject('/shop'),
      `{"type":"order.paid","shop":"${'s'.repeat(513)}"}`,
      /it finds 513 characters; at most 512/,
    ],
    [
      'nothing to search',
      withSubject("contains(shop, 'a')"),
      '{"type":"order.paid"}',
      /Invalid argument type for function contains\(\)/,
    ],
  ])('refuse %s as a subject', (_, mapping, body, detail) => {
    expect(map(mapping, body)).toMatchObject({
      code: 'mapping-failed',
      pointer: '/subject',
      detail: expect.stringMatching(detail),
    });
  });

  it.each([
    ['over-long', `"${'s'.repeat(129)}"`],
    ['with a control character', '"a\\u0007"'],
  ])('refuse a subject that is %s as ingress would', (_, shop) => {
    expect(map(withSubject('/shop'), `{"type":"order.paid","shop":${shop}}`)).toMatchObject({
      code: 'invalid-cloudevent',
      pointer: '/subject',
    });
  });

  it('say of a condition that fails which it is', () => {
    const conditional = withRule({ when: { match: "starts_with(name, 'a')" } });
    expect(map(conditional, '{"name":5}')).toMatchObject({
      code: 'mapping-failed',
      pointer: '/type',
      place: 'rules/0/when',
    });
  });

  it('never repeat what was sent in a refusal', () => {
    for (const body of [
      '{"type":"order.paid","shop":["secret"]}',
      '{"type":"order.paid","shop":{"a":"secret"}}',
    ]) {
      expect(JSON.stringify(map(withSubject("starts_with(shop, 'a')"), body))).not.toContain('secret');
    }
  });
});

describe('values', () => {
  const data = (fields: object) => withRule({ when: '*', subject: { const: 's' }, data: fields });

  it('are the first that is there; null and empty texts are not there, 0 and false are', () => {
    const json = data({ a: ['/n', '/e', '/z', '/one'], b: ['/none', '/f'], c: '/none', d: '/e' });
    expect(fieldsOf(json, '{"n":null,"e":"","z":0,"f":false,"one":1}')).toBe('{"a":0,"b":false}');
  });

  it('come from headers in any case, from constants, with prefixes', () => {
    const json = data({
      a: { header: 'X-Shop' },
      b: { const: 7 },
      c: { value: '/id', prefix: 'order:' },
      d: { value: '/none', prefix: 'x' },
    });
    expect(fieldsOf(json, '{"id":42}', { 'x-shop': 'mine' })).toBe('{"a":"mine","b":7,"c":"order:42"}');
    expect(compileMapping(json).headers).toEqual(['content-type', 'x-shop']);
  });

  it('P2: keep every digit, through pointers and expressions, as numbers, decimals and texts', () => {
    const json = data({
      a: '/n',
      b: 'n',
      c: { value: 'n', as: 'decimal' },
      d: { value: '/n', as: 'text' },
      e: { value: 'n', negate: true },
      f: { value: '/n', negate: true, as: 'decimal' },
    });
    for (const n of ['9007199254740993', '0.1000000000000000055', '12345678901234567.89']) {
      expect(fieldsOf(json, `{"n":${n}}`)).toBe(
        `{"a":${n},"b":${n},"c":"${n}","d":"${n}","e":-${n},"f":"-${n}"}`,
      );
    }
  });

  it.each([
    ['1e3', '1000'],
    ['1.25E+2', '125'],
    ['12.5e-3', '0.0125'],
    ['-0.5', '-0.5'],
    ['"12.50"', '12.50'],
  ])('as decimals are in plain notation: %s', (sent, decimal) => {
    expect(fieldsOf(data({ a: { value: '/n', as: 'decimal' } }), `{"n":${sent}}`)).toBe(`{"a":"${decimal}"}`);
  });

  it.each([
    ['"1,250"', /is a text, where a decimal number is wanted/],
    ['true', /is a boolean, where a decimal number is wanted/],
    ['1e-300', /is too small or too large/],
  ])('as decimals are refused: %s', (sent, detail) => {
    const refusal = map(data({ a: { value: '/n', as: 'decimal' } }), `{"n":${sent}}`);
    expect(refusal).toMatchObject({
      code: 'mapping-failed',
      pointer: '/data/a',
      place: 'rules/0/data/a',
      detail: expect.stringMatching(detail),
    });
  });

  it.each([
    ['500', '-500'],
    ['-500', '500'],
    ['0', '0'],
    ['-0', '0'],
    ['"0.00"', '"0.00"'],
    ['"7.5"', '"-7.5"'],
    ['"-7.5"', '"7.5"'],
  ])('change their sign: %s', (sent, negated) => {
    expect(fieldsOf(data({ a: { value: '/n', negate: true } }), `{"n":${sent}}`)).toBe(`{"a":${negated}}`);
  });
});

describe('times', () => {
  const timed = (time: unknown) => withRule({ when: '*', subject: { const: 's' }, time });
  const at = (format: string) => timed({ value: '/t', format });

  it.each([
    ['RFC 3339 in canonical form', timed('/t'), '"2026-11-21T09:05:00.500+02:00"', '2026-11-21T07:05:00.5Z'],
    ['seconds', at('unix-seconds'), '1763708700', '2025-11-21T07:05:00Z'],
    ['seconds with decimals', at('unix-seconds'), '1355517523.000005', '2012-12-14T20:38:43.000005Z'],
    ['seconds in a text', at('unix-seconds'), '"1355517523.000005"', '2012-12-14T20:38:43.000005Z'],
    [
      'seconds to nine decimals',
      at('unix-seconds'),
      '1763708700.123456789',
      '2025-11-21T07:05:00.123456789Z',
    ],
    ['milliseconds', at('unix-ms'), '1763708700250', '2025-11-21T07:05:00.25Z'],
    ['milliseconds of the first second', at('unix-ms'), '7', '1970-01-01T00:00:00.007Z'],
  ])('are read as %s', (_, json, sent, time) => {
    expect(map(json, `{"t":${sent}}`)).toMatchObject({ time });
  });

  it.each([
    ['a date alone', timed('/t'), '"2026-11-21"', 'time-invalid'],
    ['a number where RFC 3339 is said', timed('/t'), '1763708700', 'time-invalid'],
    ['milliseconds where seconds are said', at('unix-seconds'), '1763708700250', 'time-invalid'],
    ['before 1970', at('unix-seconds'), '-1', 'time-invalid'],
    ['not a time at all', at('unix-ms'), '"soon"', 'time-invalid'],
    ['a boolean', at('unix-ms'), 'true', 'time-invalid'],
    ['an exponent out of hand', at('unix-ms'), '1e400', 'number-out-of-range'],
    ['not there', timed('/t'), 'null', 'time-missing'],
  ])('P3: are refused where they are %s', (_, json, sent, code) => {
    expect(map(json, `{"t":${sent}}`)).toMatchObject({ code, detail: expect.any(String) });
  });

  it('are left to the first receipt only where the mapping says so, or names none', () => {
    expect(map(timed({ value: '/t', orReceipt: true }), '{}')).not.toHaveProperty('time');
    expect(map(timed({ value: '/t', orReceipt: true }), '{"t":"soon"}')).toMatchObject({
      code: 'time-invalid',
    });
    expect(map(timed(undefined), '{}')).not.toHaveProperty('time');
  });
});
