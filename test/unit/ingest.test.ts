import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { EventsEnvelope, QuarantineEnvelope } from '../../lambdas/domain/envelope.ts';
import { overflowFingerprint } from '../../lambdas/domain/fingerprint.ts';
import { BATCHED, eventOf, KEY, NOW, STRUCTURED, startIngest } from '../support/ingest.ts';
import { keyOf } from '../support/memory-credentials.ts';

describe('an accepted event', () => {
  it('P1, P6: is in the log under the tenant of its key, with its provenance', async () => {
    const ingest = startIngest();
    const event = eventOf({ tenant: 'evil' });
    const answer = await ingest.one(event);
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual({
      accepted: 1,
      quarantined: 0,
      refused: 0,
      receipt: answer.headers['x-weir-receipt'],
      results: [],
    });
    const [envelope] = ingest.log.envelopes();
    expect(envelope).toMatchObject({
      v: 1,
      tenant: 'acme',
      producer: 'agent',
      at: new Date(NOW).toISOString(),
      receipt: answer.json.receipt,
      trace: answer.headers.traceparent,
      events: [{ schema: 1, event }],
    });
  });

  it('takes the schema version that dataschema names, else the current one', async () => {
    for (const name of ['2', 'v2', 'v2.schema.json', 'v2.json', '2?x=3/4', 'V2#/a/1']) {
      const ingest = startIngest();
      const event = eventOf({
        dataschema: `https://example.com/s/${name}`,
        data: { value: 1, region: 'eu' },
      });
      expect((await ingest.one(event)).status).toBe(202);
      expect((ingest.log.envelopes()[0] as EventsEnvelope).events[0]!.schema).toBe(2);
    }
  });

  it('shares a record with those of its subject, in their order, and with no other subject', async () => {
    const ingest = startIngest();
    const events = ['a', 'b', 'a', 'a', 'b'].map((subject, i) => eventOf({ subject, id: `e${i}` }));
    await ingest.batch(events);
    const ids = ingest.log.envelopes().map((e) => (e as EventsEnvelope).events.map(({ event }) => event.id));
    expect(ids).toEqual([
      ['e0', 'e2', 'e3'],
      ['e1', 'e4'],
    ]);
    expect(new Set(ingest.log.records.map(({ partitionKey }) => partitionKey)).size).toBe(2);
  });

  it('takes gzip, and an empty batch', async () => {
    const ingest = startIngest();
    const body = gzipSync(JSON.stringify([eventOf()]));
    expect((await ingest.send(BATCHED, body, { 'Content-Encoding': 'gzip' })).json.accepted).toBe(1);
    expect(await ingest.batch([])).toMatchObject({ status: 202, json: { accepted: 0, results: [] } });
  });
});

describe('an item that can not be counted', () => {
  const refusals: [name: string, event: unknown, status: number, code: string, pointer?: string][] = [
    ['is no object', 5, 422, 'invalid-cloudevent', ''],
    ['is an array', [eventOf()], 422, 'invalid-cloudevent', ''],
    ['is of CloudEvents 0.3', eventOf({ specversion: '0.3' }), 422, 'invalid-cloudevent', '/specversion'],
    ['has no id', eventOf({ id: undefined }), 422, 'invalid-cloudevent', '/id'],
    ['has a null id', eventOf({ id: null }), 422, 'invalid-cloudevent', '/id'],
    ['has an over-long id', eventOf({ id: 'x'.repeat(129) }), 422, 'invalid-cloudevent', '/id'],
    ['has no subject', eventOf({ subject: '' }), 422, 'invalid-cloudevent', '/subject'],
    [
      'has an over-long subject',
      eventOf({ subject: 'é'.repeat(129) }),
      422,
      'invalid-cloudevent',
      '/subject',
    ],
    ['has a number for a source', eventOf({ source: 7 }), 422, 'invalid-cloudevent', '/source'],
    ['has no URI-reference for a source', eventOf({ source: 'a b' }), 422, 'invalid-cloudevent', '/source'],
    ['has a control character', eventOf({ subject: 'a\u0007' }), 422, 'invalid-cloudevent', '/subject'],
    ['has an attribute in capitals', eventOf({ fooBar: 'x' }), 422, 'invalid-cloudevent', '/fooBar'],
    ['has an object for an extension', eventOf({ ext: {} }), 422, 'invalid-cloudevent', '/ext'],
    ['has a fraction for an extension', eventOf({ ext: 1.5 }), 422, 'invalid-cloudevent', '/ext'],
    ['has data twice', eventOf({ data_base64: 'AAAA' }), 422, 'invalid-cloudevent', '/data_base64'],
    [
      'has broken base64',
      eventOf({ data: undefined, data_base64: '!' }),
      422,
      'invalid-cloudevent',
      '/data_base64',
    ],
    ['is of an unknown type', eventOf({ type: 'test.unknown' }), 422, 'unknown-type', '/type'],
    ["is of Weir's own type", eventOf({ type: 'weir.void' }), 403, 'type-not-granted', '/type'],
    [
      'is of an unknown schema version',
      eventOf({ dataschema: 'https://e/v9' }),
      422,
      'unknown-schema-version',
      '/dataschema',
    ],
    ['lacks a property', eventOf({ data: {} }), 422, 'contract-violation', '/data/value'],
    ['lacks data', eventOf({ data: undefined }), 422, 'contract-violation', '/data'],
    ['has text for a number', eventOf({ data: { value: '1' } }), 422, 'contract-violation', '/data/value'],
    [
      'has a property too many',
      eventOf({ type: 'test.strict', data: { value: 1, 'a/b': 2 } }),
      422,
      'contract-violation',
      '/data/a~1b',
    ],
    ['has no time', eventOf({ time: undefined }), 422, 'time-missing', '/time'],
    ['has a time without a zone', eventOf({ time: '2026-11-21T07:15:00' }), 422, 'time-invalid', '/time'],
    ['is too late', eventOf({ time: '2026-10-17T07:29:59.999Z' }), 422, 'too-late', '/time'],
    ['is too early', eventOf({ time: '2026-11-21T07:35:00.001Z' }), 422, 'too-early', '/time'],
    [
      'counts an unsafe integer',
      eventOf({ data: { value: 2 ** 53 } }),
      422,
      'number-out-of-range',
      '/data/value',
    ],
    [
      'names an over-long group',
      eventOf({ data: { value: 1, region: 'r'.repeat(129) } }),
      422,
      'group-too-long',
      '/data/region',
    ],
  ];

  it.each(refusals)('that %s is quarantined as it was sent', async (_, event, status, code, pointer) => {
    const ingest = startIngest();
    const answer = await ingest.batch([eventOf({ id: 'before' }), event, eventOf({ id: 'after' })]);
    expect(answer.status).toBe(207);
    expect(answer.json).toMatchObject({ accepted: 2, quarantined: 1, refused: 0 });
    const [result] = answer.json.results;
    expect(result).toMatchObject({ index: 1, status, code, ...(pointer !== undefined && { pointer }) });
    const kept = ingest.log.envelopes().find((envelope) => 'quarantine' in envelope) as QuarantineEnvelope;
    expect(kept.quarantine).toMatchObject({
      code,
      origin: `${answer.json.receipt}/1`,
      detail: result!.detail,
    });
    expect(kept.quarantine.input).toEqual(JSON.parse(JSON.stringify(event)));
  });

  it('is at the edge of the time bounds still accepted', async () => {
    const { batch } = startIngest();
    const times = ['2026-10-17T07:30:00Z', '2026-11-21T07:35:00Z', '2026-11-21T08:35:00+01:00'];
    expect((await batch(times.map((time) => eventOf({ time })))).json.accepted).toBe(3);
  });

  it('of a type not granted is a 403, and kept', async () => {
    const ingest = startIngest();
    ingest.credentials.put(keyOf('g'), { types: ['test.reading', 'other.*'] });
    const call = { headers: { 'x-api-key': keyOf('g'), 'content-type': STRUCTURED } };
    const answer = await ingest.call({ ...call, body: JSON.stringify(eventOf({ type: 'test.other' })) });
    expect(answer.status).toBe(403);
    expect(answer.json).toMatchObject({ quarantined: 1, results: [{ code: 'type-not-granted' }] });
    expect((await ingest.call({ ...call, body: JSON.stringify(eventOf()) })).status).toBe(202);
  });

  it('before the first revision is said to be so', async () => {
    const ingest = startIngest();
    ingest.clock.ms = Date.parse('2026-01-10T00:00:00Z');
    const answer = await ingest.one(eventOf({ time: '2025-12-31T23:59:59Z' }));
    expect(answer.json.results[0]).toMatchObject({ status: 422, code: 'no-revision' });
  });

  it('shares its fingerprint with the same cause at another index', async () => {
    const ingest = startIngest();
    const broken = (at: number) =>
      eventOf({
        data: { value: 1, readings: Array.from({ length: 4 }, (_, i) => ({ at: i === at ? 'x' : 1 })) },
      });
    await ingest.batch([broken(0), broken(3), eventOf({ data: {} })]);
    const prints = ingest.log.envelopes().map((e) => (e as QuarantineEnvelope).quarantine.fingerprint);
    expect(prints[0]).toBe(prints[1]);
    expect(prints[2]).not.toBe(prints[0]);
  });

  it('P3: is kept under the overflow line where the registry is down', async () => {
    const ingest = startIngest();
    ingest.fingerprints.down = true;
    const answer = await ingest.batch([eventOf({ data: {} }), eventOf({ id: '' })]);
    expect(answer.json.quarantined).toBe(2);
    const prints = ingest.log.envelopes().map((e) => (e as QuarantineEnvelope).quarantine.fingerprint);
    expect(prints).toEqual(Array(2).fill(overflowFingerprint('acme', 'agent')));
  });

  it('P3: is kept under the overflow line where the registry takes longer than the request can wait', async () => {
    const ingest = startIngest();
    const admit = ingest.fingerprints.admit.bind(ingest.fingerprints);
    let calls = 0;
    ingest.fingerprints.admit = (...cause) => {
      calls += 1;
      if (calls < 3) return admit(...cause);
      ingest.wake();
      return new Promise<never>(() => {});
    };
    const broken = ['a', 'b', 'c', 'd'].map((type) => eventOf({ type }));
    expect((await ingest.batch(broken)).json.quarantined).toBe(4);
    const prints = ingest.log.envelopes().map((e) => (e as QuarantineEnvelope).quarantine.fingerprint);
    const overflow = overflowFingerprint('acme', 'agent');
    expect(prints.map((print) => print === overflow)).toEqual([false, false, true, true]);
    expect(calls).toBe(3);
  });

  it('of more than 512 KiB is refused, and its neighbours are taken', async () => {
    const ingest = startIngest();
    const large = eventOf({ id: 'large', data: { value: 1, note: 'x'.repeat(512 * 1024) } });
    const answer = await ingest.batch([eventOf(), large]);
    expect(answer.json).toMatchObject({ accepted: 1, quarantined: 0, refused: 1 });
    expect(answer.json.results[0]).toMatchObject({
      index: 1,
      id: 'large',
      status: 413,
      code: 'event-too-large',
    });
  });
});

describe('when the log fails', () => {
  it('P1: says 503 of what was not acknowledged, with when to come back, and 202 of the rest', async () => {
    const ingest = startIngest();
    ingest.log.refuse = (draft) => 'events' in draft && draft.events[0]!.event.subject === 'b';
    const answer = await ingest.batch([eventOf({ subject: 'a' }), eventOf({ subject: 'b' })]);
    expect(answer.status).toBe(207);
    expect(answer.json).toMatchObject({ accepted: 1, refused: 1 });
    expect(answer.json.results[0]).toMatchObject({
      index: 1,
      status: 503,
      code: 'not-logged',
      retryAfter: 3,
    });
    expect(answer.headers['retry-after']).toBe('3');
  });

  it('P3: does not say that it keeps what it could not keep', async () => {
    const ingest = startIngest();
    ingest.log.refuse = () => true;
    const answer = await ingest.one(eventOf({ data: {} }));
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ quarantined: 0, refused: 1 });
  });
});

describe('a credential', () => {
  const call = (key: string | readonly string[] | undefined) => ({
    headers: { 'content-type': STRUCTURED, 'x-api-key': key as string },
    body: JSON.stringify(eventOf()),
  });

  it('that is unknown, malformed, revoked or expired is refused in the same words', async () => {
    const ingest = startIngest();
    ingest.credentials.put(keyOf('r'), { status: 'revoked' });
    ingest.credentials.put(keyOf('x'), { expiresMs: NOW });
    const keys = [keyOf('u'), 'wk_short', `${KEY}x`, '', keyOf('r'), keyOf('x')];
    const answers = await Promise.all(keys.map((key) => ingest.call(call(key))));
    expect(new Set(answers.map(({ json: { detail, code } }) => code + detail)).size).toBe(1);
    expect(answers.every(({ status }) => status === 401)).toBe(true);
    expect(answers[0]!.headers['content-type']).toBe('application/problem+json');
    expect(ingest.log.records).toEqual([]);
  });

  it('without the scope may not send', async () => {
    const ingest = startIngest();
    ingest.credentials.put(keyOf('s'), { scopes: ['usage:read'] });
    expect(await ingest.call(call(keyOf('s')))).toMatchObject({
      status: 403,
      json: { code: 'scope-missing' },
    });
  });

  it('sent twice is refused', async () => {
    const ingest = startIngest();
    expect(await ingest.call(call([KEY, keyOf('u')]))).toMatchObject({
      status: 400,
      json: { code: 'duplicate-header' },
    });
  });

  it('that can not be checked is a 503, not a 401', async () => {
    const ingest = startIngest();
    ingest.credentials.down = true;
    const answer = await ingest.call(call(KEY));
    expect(answer).toMatchObject({ status: 503, json: { code: 'credentials-unavailable' } });
    expect(answer.headers['retry-after']).toBe('3');
    expect(answer.text).not.toContain('control table');
  });

  it('F10: rotates without a gap: two keys of a producer are live at once', async () => {
    const ingest = startIngest();
    ingest.credentials.put(keyOf('n'));
    expect((await ingest.call(call(KEY))).status).toBe(202);
    expect((await ingest.call(call(keyOf('n')))).status).toBe(202);
  });

  it('is asked for once a minute, and its absence every five seconds', async () => {
    const ingest = startIngest();
    const times: [after: number, key: string, asked: number][] = [
      [0, KEY, 1],
      [59_999, KEY, 1],
      [1, KEY, 2],
      [0, keyOf('u'), 3],
      [4_999, keyOf('u'), 3],
      [1, keyOf('u'), 4],
    ];
    for (const [after, key, asked] of times) {
      ingest.clock.ms += after;
      await ingest.call(call(key));
      expect(ingest.credentials.asked).toBe(asked);
    }
  });

  it('that was revoked is refused a minute later, even while the control table is down', async () => {
    const ingest = startIngest();
    expect((await ingest.call(call(KEY))).status).toBe(202);
    ingest.credentials.down = true;
    ingest.clock.ms += 60_000;
    expect((await ingest.call(call(KEY))).status).toBe(503);
  });
});

describe('every answer', () => {
  it('carries the receipt, and continues the trace', async () => {
    const ingest = startIngest();
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await ingest.send(STRUCTURED, '{', { traceparent: trace });
    expect(answer.headers['x-weir-receipt']).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.headers.traceparent).toMatch(
      /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
    );
  });

  it.each([
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
    'nonsense\r\nset-cookie: a=b',
  ])('begins a new trace where %s was sent', async (traceparent) => {
    const answer = await startIngest().send(STRUCTURED, '{', { traceparent });
    expect(answer.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(answer.headers.traceparent).not.toContain('0af7651916cd43dd');
  });

  it('P3: has a receipt of its own, whatever request id the sender chose: two quarantined inputs are never one', async () => {
    const ingest = startIngest();
    const body = JSON.stringify(eventOf({ data: {} }));
    const headers = { 'content-type': STRUCTURED };
    for (let i = 0; i < 2; i++) {
      const answer = await ingest.call({ requestId: 'chosen', body, headers });
      expect(answer.headers['x-weir-receipt']).toMatch(/^[0-9a-f]{32}$/);
    }
    const kept = ingest.log.envelopes().map((envelope) => (envelope as QuarantineEnvelope).quarantine.origin);
    expect(new Set(kept).size).toBe(2);
  });

  it('names the methods of a route, and knows what it does not have', async () => {
    const ingest = startIngest();
    const wrong = await ingest.call({ method: 'DELETE' });
    expect([wrong.status, wrong.headers.allow, wrong.json.code]).toEqual([405, 'POST', 'wrong-method']);
    for (const route of ['/v1/nothing', '/__proto__', '/constructor']) {
      expect(await ingest.call({ route })).toMatchObject({ status: 404, json: { code: 'unknown-route' } });
    }
  });

  it('to what fails inside says no more than that it failed', async () => {
    const log = { publish: () => Promise.reject(new Error('secret: arn:aws:kinesis')) };
    const answer = await startIngest({ log }).one(eventOf());
    expect([answer.status, answer.json.code]).toEqual([500, 'internal-error']);
    expect(answer.text).not.toContain('arn');
  });
});
