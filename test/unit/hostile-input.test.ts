import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { EventsEnvelope, QuarantineEnvelope } from '../../lambdas/domain/envelope.ts';
import {
  type AnswerBody,
  type ApiAnswer,
  BATCHED,
  eventOf,
  KEY,
  STRUCTURED,
  startIngest,
} from '../support/ingest.ts';
import { keyOf } from '../support/memory-credentials.ts';

/** JSON text of a batch: sound events around whatever text is to be tried. */
const around = (text: string) =>
  `[${JSON.stringify(eventOf({ id: 'before' }))},${text},${JSON.stringify(eventOf({ id: 'after' }))}]`;
/** A sound event's text with its data's text given. */
const withData = (data: string) => JSON.stringify({ ...eventOf(), data: '?' }).replace('"?"', data);
const idsIn = (ingest: ReturnType<typeof startIngest>) =>
  ingest.log.envelopes().flatMap((e) => ('events' in e ? e.events.map(({ event }) => event.id) : []));
const quarantineIn = (ingest: ReturnType<typeof startIngest>) =>
  ingest.log.envelopes().flatMap((e) => ('quarantine' in e ? [e.quarantine] : []));
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** No message of the engine, of a library or of a file of ours may show. */
function expectNoLeak({ text }: ApiAnswer): void {
  expect(text).not.toMatch(
    /Unexpected|SyntaxError|RangeError|TypeError|Maximum call|at position|node:|\.ts\b|undefined/,
  );
}

function expectNeighbours(ingest: ReturnType<typeof startIngest>, json: AnswerBody): void {
  expect(json.accepted).toBe(2);
  expect(idsIn(ingest)).toEqual(['before', 'after']);
}

describe('a body that can not be read', () => {
  const bodies: [name: string, body: string | Buffer, code: string][] = [
    ['is empty', '', 'invalid-json'],
    ['is cut short', JSON.stringify([eventOf()]).slice(0, -4), 'invalid-json'],
    ['is two documents', '[][]', 'invalid-json'],
    ['holds NaN', around(withData('{"value":NaN}')), 'invalid-json'],
    ['holds Infinity', around(withData('{"value":-Infinity}')), 'invalid-json'],
    ['holds a hexadecimal number', around(withData('{"value":0x10}')), 'invalid-json'],
    ['holds a number with a leading zero', around(withData('{"value":012}')), 'invalid-json'],
    ['holds a trailing comma', '[1,]', 'invalid-json'],
    ['holds a raw control character', '["\u0001"]', 'invalid-json'],
    ['is UTF-16', Buffer.from(JSON.stringify([eventOf()]), 'utf16le'), 'invalid-json'],
    ['is Latin-1', Buffer.from(JSON.stringify([eventOf({ subject: 'é' })]), 'latin1'), 'invalid-utf8'],
    ['holds a surrogate in UTF-8', Buffer.from([0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d]), 'invalid-utf8'],
    ['holds an overlong slash', Buffer.from([0x5b, 0x22, 0xc0, 0xaf, 0x22, 0x5d]), 'invalid-utf8'],
    ['is an object', '{}', 'not-a-batch'],
    ['is a string', '"[]"', 'not-a-batch'],
    ['is null', 'null', 'not-a-batch'],
  ];
  it.each(bodies)('that %s is a 400', async (_, body, code) => {
    const ingest = startIngest();
    const answer = await ingest.send(BATCHED, body);
    expect([answer.status, answer.json.code]).toEqual([400, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(ingest.log.records).toEqual([]);
    expectNoLeak(answer);
  });

  it('for its content type is a 415', async () => {
    const types = [
      'application/json',
      'application/cloudevents+xml',
      'application/cloudevents',
      'text/plain',
      '',
      ';;;',
    ];
    for (const type of types) {
      const answer = await startIngest().send(type, '[]');
      expect([type, answer.status, answer.json.code]).toEqual([type, 415, 'unknown-media-type']);
    }
  });

  it('for its charset is a 415, and UTF-8 may be named in any way', async () => {
    for (const charset of ['utf-16', 'iso-8859-1', '"latin1"', 'utf-8-bom']) {
      const answer = await startIngest().send(`${BATCHED}; charset=${charset}`, '[]');
      expect([charset, answer.status, answer.json.code]).toEqual([charset, 415, 'unknown-charset']);
    }
    for (const charset of ['utf-8', 'UTF-8', '"Utf-8"']) {
      expect((await startIngest().send(`${BATCHED.toUpperCase()} ; Charset = ${charset}`, '[]')).status).toBe(
        202,
      );
    }
  });

  it('may begin with a byte order mark', async () => {
    expect((await startIngest().send(BATCHED, `\ufeff${JSON.stringify([eventOf()])}`)).json.accepted).toBe(1);
  });
});

describe('gzip', () => {
  const whole = gzipSync(JSON.stringify([eventOf()]));
  const send = (body: Buffer, encoding: string | string[] = 'gzip') =>
    startIngest().send(BATCHED, body, { 'content-encoding': encoding });

  it.each([
    ['cut short', whole.subarray(0, whole.length - 5)],
    ['with zeros behind it', Buffer.concat([whole, Buffer.alloc(9)])],
    ['with garbage behind it', Buffer.concat([whole, Buffer.from('garbage')])],
    ['that is none', Buffer.from(JSON.stringify([eventOf()]))],
    ['of nothing at all', Buffer.alloc(0)],
    ['with a wrong checksum', Buffer.concat([whole.subarray(0, -8), Buffer.alloc(4), whole.subarray(-4)])],
  ])('%s is a 400', async (_, body) => {
    const answer = await send(body);
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid-gzip']);
    expectNoLeak(answer);
  });

  it('that inflates beyond 4 MiB is a 413, however little of it there is', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024), { level: 9 });
    const answer = await send(bomb);
    expect([answer.status, answer.json.code]).toEqual([413, 'body-too-large']);
    const members = Buffer.concat(Array.from({ length: 9 }, () => gzipSync(Buffer.alloc(512 * 1024, ' '))));
    expect((await send(members)).status).toBe(413);
  });

  it('is inflated once, and nothing else is', async () => {
    expect((await send(gzipSync(whole))).json.code).toBe('invalid-utf8');
    for (const encoding of ['deflate', 'br', 'gzip, gzip', 'gzip\r\nx: y']) {
      expect((await send(whole, encoding)).json.code).toBe('unknown-encoding');
    }
    expect((await send(whole, ['gzip', 'identity'])).json.code).toBe('duplicate-header');
    expect((await send(whole, 'GZIP')).status).toBe(202);
  });

  it('of 4 MiB and not a byte more is taken on the wire and inflated', async () => {
    const body = (bytes: number) => Buffer.concat([Buffer.from('[]'), Buffer.alloc(bytes - 2, ' ')]);
    const limit = 4 * 1024 * 1024;
    expect((await startIngest().send(BATCHED, body(limit))).status).toBe(202);
    expect((await startIngest().send(BATCHED, body(limit + 1))).status).toBe(413);
    expect((await send(gzipSync(body(limit)))).status).toBe(202);
    expect((await send(gzipSync(body(limit + 1)))).status).toBe(413);
  });
});

describe('deep nesting', () => {
  it.each([65, 1_000, 50_000])('of %i levels is refused, and its neighbours are taken', async (levels) => {
    const ingest = startIngest();
    const answer = await ingest.send(BATCHED, around(withData(`{"value":1,"note":${nested(levels)}}`)));
    expectNeighbours(ingest, answer.json);
    expect(answer.json).toMatchObject({
      refused: 1,
      results: [{ index: 1, status: 422, code: 'nested-too-deep' }],
    });
    expectNoLeak(answer);
  });

  it('is refused at once where numbers want the second reading, and the others still get it', async () => {
    const ingest = startIngest();
    const precise = withData('{"value":1.5,"note":12345678901234567890}');
    const deep = withData(`{"value":1,"note":${nested(50_000)},"n":12345678901234567890}`);
    const answer = await ingest.send(BATCHED, `[${deep},${precise}]`);
    expect(answer.json).toMatchObject({ accepted: 1, refused: 1 });
    expect(ingest.log.records[0]!.text).toContain('"note":12345678901234567890');
  });

  it('of an item, of objects and of a structured event is refused too', async () => {
    const objects = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    for (const body of [`[${nested(20_000)}]`, `[${objects}]`]) {
      const answer = await startIngest().send(BATCHED, body);
      expect([answer.status, answer.json.refused + answer.json.quarantined]).toEqual([422, 1]);
    }
    const answer = await startIngest().send(STRUCTURED, withData(`{"value":1,"note":${objects}}`));
    expect(answer.json.results[0]!.code).toBe('nested-too-deep');
  });

  it('of 60 levels is taken', async () => {
    const answer = await startIngest().send(STRUCTURED, withData(`{"value":1,"note":${nested(60)}}`));
    expect(answer.status).toBe(202);
  });
});

describe('text that is none', () => {
  it.each([
    ['a value', withData('{"value":1,"note":"\\ud800"}'), '/data/note'],
    ['a value, second half first', withData('{"value":1,"note":"\\uDE00\\ud83d"}'), '/data/note'],
    ['a key', withData('{"value":1,"\\udfff":1}'), '/data/\ufffd'],
    ['an attribute', JSON.stringify(eventOf({ subject: '?' })).replace('"?"', '"a\\ud800"'), '/subject'],
    ['an array', withData('{"value":1,"note":[1,{"x":["\\uDC00"]}]}'), '/data/note/1/x/0'],
  ])('lone surrogates in %s are quarantined as they were sent', async (_, text, pointer) => {
    const ingest = startIngest();
    const answer = await ingest.send(BATCHED, around(text));
    expectNeighbours(ingest, answer.json);
    expect(answer.json.results[0]).toMatchObject({ index: 1, status: 422, code: 'lone-surrogate', pointer });
    expect(quarantineIn(ingest)[0]!.input).toEqual(JSON.parse(text));
  });

  it('whole pairs, escaped or not, are text', async () => {
    const ingest = startIngest();
    expect((await ingest.send(STRUCTURED, withData('{"value":1,"note":"\\ud83d\\ude00 😀"}'))).status).toBe(
      202,
    );
    expect((ingest.log.envelopes()[0] as EventsEnvelope).events[0]!.event.data).toMatchObject({
      note: '😀 😀',
    });
  });
});

describe('names with a meaning in JavaScript', () => {
  it('survive to the archive as keys like any other, and change nothing else', async () => {
    const ingest = startIngest();
    const data =
      '{"value":1,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}';
    const exact = data.replace('"value":1', '"value":1.00000000000000000001');
    const answer = await ingest.send(BATCHED, `[${withData(data)},${withData(exact)}]`);
    expect(answer.json.accepted).toBe(2);
    expect(ingest.log.records[0]!.text).toContain(`"data":${data}`);
    expect(ingest.log.records[0]!.text).toContain(`"data":${exact}`);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('do not stand in for attributes', async () => {
    const inherited = `{"__proto__":${JSON.stringify(eventOf())}}`;
    const ingest = startIngest();
    const answer = await ingest.send(BATCHED, around(inherited));
    expectNeighbours(ingest, answer.json);
    expect(answer.json.results[0]!.code).toBe('invalid-cloudevent');
    expect(ingest.log.records.map(({ text }) => text).join()).toContain(`"input":${inherited}`);
    const extension = await startIngest().send(
      STRUCTURED,
      JSON.stringify(eventOf()).replace('{', '{"__proto__":"x",'),
    );
    expect(extension.json.results[0]).toMatchObject({ code: 'invalid-cloudevent', pointer: '/__proto__' });
  });

  it('as types, schema versions and groups are none that there are', async () => {
    for (const type of ['__proto__', 'constructor', 'toString']) {
      expect((await startIngest().one(eventOf({ type }))).json.results[0]!.code).toBe('unknown-type');
    }
    const answer = await startIngest().one(eventOf({ dataschema: 'https://e/constructor' }));
    expect(answer.json.results[0]!.code).toBe('unknown-schema-version');
    expect((await startIngest().one(eventOf({ data: { value: 1, region: '__proto__' } }))).status).toBe(202);
  });

  it('as binary headers are attributes of bad names', async () => {
    const headers = { 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-__proto__': '{}' };
    const answer = await startIngest().call({ headers, body: '{}' });
    expect(answer.json.results[0]!.code).toBe('invalid-cloudevent');
  });
});

describe('duplicate keys', () => {
  it('count as JSON.parse reads them: the last', async () => {
    const ingest = startIngest();
    const text = withData('{"value":1,"value":2}').replace('{"specversion"', '{"id":"first","specversion"');
    expect((await ingest.send(STRUCTURED, text)).status).toBe(202);
    const { event } = (ingest.log.envelopes()[0] as EventsEnvelope).events[0]!;
    expect([event.id, event.data]).toEqual(['e1', { value: 2 }]);
  });
});

describe('numbers', () => {
  it.each(['1e400', '-1e400', '1e999999999', `1${'0'.repeat(400)}`])(
    '%s is beyond what a number holds: quarantined with its text',
    async (number) => {
      for (const data of [`{"value":${number}}`, `{"value":1,"note":[${number}]}`]) {
        const ingest = startIngest();
        const answer = await ingest.send(BATCHED, around(withData(data)));
        expectNeighbours(ingest, answer.json);
        expect(answer.json.results[0]).toMatchObject({ status: 422, code: 'number-out-of-range' });
        expect(ingest.log.records.map(({ text }) => text).join()).toContain(`"data":${data}`);
      }
    },
  );

  it.each([
    '9007199254740992',
    '9007199254740993',
    '-9007199254740993',
    '1e18',
    '123456789012345678901234567890',
  ])('metered, %s may not be what was sent: quarantined with its text', async (number) => {
    const ingest = startIngest();
    const answer = await ingest.send(STRUCTURED, withData(`{"value":${number}}`));
    expect(answer.json.results[0]).toMatchObject({ code: 'number-out-of-range', pointer: '/data/value' });
    expect(ingest.log.records[0]!.text).toContain(`"value":${number}`);
  });

  it.each([
    '9007199254740991',
    '0.1',
    '1.5e3',
    '1E2',
    '-0.00000000000001',
    '0.12345678901234567890123',
    '1e-400',
  ])('%s is taken, and archived as it was written', async (number) => {
    const ingest = startIngest();
    expect((await ingest.send(STRUCTURED, withData(`{"value":${number}}`))).status).toBe(202);
    expect(ingest.log.records[0]!.text).toContain(`"value":${number}}`);
  });

  it('not metered keep their text, whatever stands around them', async () => {
    const ingest = startIngest();
    const note = '{"note": [ 9007199254740993 ,"\\"],[:1e5", {"a":-1.0e+10,"b":[]}],"value":1}';
    const answer = await ingest.send(BATCHED, ` [ ${withData(note)} , ${withData('{"value":2}')} ] `);
    expect(answer.json.accepted).toBe(2);
    expect(ingest.log.records[0]!.text).toContain('[9007199254740993,"\\"],[:1e5",{"a":-1.0e+10,"b":[]}]');
  });
});

describe('headers', () => {
  it('of binary mode can not break out of where they belong', async () => {
    const ingest = startIngest();
    const headers = {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'a%0d%0aset-cookie: x=y',
      'ce-source': '/s',
      'ce-type': 'test.reading',
      'ce-subject': 's',
      'ce-time': '2026-11-21T07:15:00Z',
    };
    const answer = await ingest.call({ headers, body: '{"value":1}' });
    expect(answer.json.results[0]).toMatchObject({ code: 'invalid-cloudevent', pointer: '/id' });
    expect(answer.json.results[0]).not.toHaveProperty('id');
    for (const value of Object.values(answer.headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
  });

  it.each(['x-api-key', 'content-type', 'content-encoding', 'ce-id'])(
    'sent twice, as %s, are a 400',
    async (name) => {
      const headers = { 'content-type': 'application/json', 'ce-specversion': '1.0', [name]: ['a', 'b'] };
      const answer = await startIngest().call({ headers, body: '{}' });
      expect([answer.status, answer.json.code]).toEqual([400, 'duplicate-header']);
    },
  );

  it.each(['data', 'data_base64', 'datacontenttype'])(
    'can not stand in for the body: ce-%s',
    async (name) => {
      const headers = { 'content-type': 'application/json', 'ce-specversion': '1.0', [`ce-${name}`]: 'x' };
      const answer = await startIngest().call({ headers, body: '' });
      expect([answer.status, answer.json.code]).toEqual([400, 'reserved-header']);
    },
  );

  it('may be written in any case', async () => {
    const ingest = startIngest();
    ingest.credentials.put(keyOf('c'));
    const answer = await ingest.call({
      headers: { 'X-API-KEY': keyOf('c'), 'Content-TYPE': STRUCTURED, 'x-api-key': [] },
      body: JSON.stringify(eventOf()),
    });
    expect(answer.status).toBe(202);
  });
});

describe('answers', () => {
  it('repeat a bounded part of the input at most', async () => {
    const long = 'x'.repeat(100_000);
    const hostile = [
      eventOf({ id: long }),
      eventOf({ type: long }),
      eventOf({ type: `<script>${'y'.repeat(90)}` }),
      eventOf({ time: long.slice(0, 200) }),
      eventOf({ [long.toUpperCase()]: 1 }),
      eventOf({ type: 'test.strict', data: { value: 1, [long]: 1 } }),
      eventOf({ specversion: long }),
      eventOf({ data: { value: 1, [long]: { [long]: '\ud800' } } }),
    ];
    const answer = await startIngest().batch(hostile);
    expect(answer.json.quarantined).toBe(hostile.length);
    expect(answer.text.length).toBeLessThan(hostile.length * 700);
  });

  it('hold no key, and neither does the log', async () => {
    const ingest = startIngest();
    const answer = await ingest.batch([eventOf(), eventOf({ id: '' })]);
    const all = JSON.stringify([answer, ingest.log.records]);
    expect(all).not.toContain(KEY.slice(3));
  });

  it('of 1001 events in a batch refuse the whole, of 1000 none', async () => {
    const events = Array.from({ length: 1001 }, (_, i) => eventOf({ id: `e${i}` }));
    const answer = await startIngest().batch(events);
    expect([answer.status, answer.json.code]).toEqual([413, 'batch-too-large']);
    expect((await startIngest().batch(events.slice(1))).json.accepted).toBe(1000);
  });
});

it('P3: a batch of all that is bad keeps or refuses each of it', async () => {
  const ingest = startIngest();
  const texts = ['null', 'true', '7', '"x"', '[]', '{}', '1e400', '"\\ud800"', nested(100), withData('null')];
  const answer = await ingest.send(BATCHED, `[${texts.join()}]`);
  const { accepted, quarantined, refused } = answer.json;
  expect([accepted, quarantined, refused]).toEqual([0, 9, 1]);
  const kept = ingest.log.records.map(({ text }) => /"input":(.*)\}\}$/.exec(text)![1]);
  expect(kept).toEqual(['null', 'true', '7', '"x"', '[]', '{}', '1e400', '"\\ud800"', withData('null')]);
  expect((ingest.log.envelopes()[0] as QuarantineEnvelope).quarantine.origin).toBe(
    `${answer.json.receipt}/0`,
  );
});
