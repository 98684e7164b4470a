import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEvent } from '../../lambdas/domain/check-event.ts';
import type { EventsEnvelope } from '../../lambdas/domain/envelope.ts';
import { BATCHED, eventOf, startIngest } from '../support/ingest.ts';

/*
 * The CloudEvents SDK as an oracle. What is known to differ, and why:
 * - it percent-encodes no header and decodes none, so through binary mode only printable ASCII without "%" goes unchanged;
 * - it takes an absent id or time by making one up, as Weir does not: a retry must repeat both;
 * - it wants no subject, and knows no limits of length;
 * - it takes null attributes for wrong ones, where the JSON format has them count as absent;
 * - it wants a dataschema to be absolute; Weir takes a reference such as `/v1/contracts/test.reading/1` too;
 * - it leaves control characters to the receiver.
 */

const printable = (maxLength: number) =>
  fc.stringMatching(new RegExp(`^[A-Za-z0-9_./ :-]{1,${maxLength}}$`)).filter((text) => text.trim() === text);
const event = fc
  .record({
    id: printable(40),
    source: fc.webPath().map((path) => path.replaceAll('%', '') || '/'),
    subject: printable(40),
    time: fc.date({
      min: new Date('2026-10-20T00:00:00Z'),
      max: new Date('2026-11-21T07:30:00Z'),
      noInvalidDate: true,
    }),
    dataschema: fc.constantFrom(undefined, 'https://example.com/test.reading/v1'),
    data: fc.record({
      value: fc.integer(),
      region: fc.string({ unit: 'grapheme', maxLength: 20 }),
      note: fc.jsonValue(),
    }),
    extensions: fc.dictionary(fc.stringMatching(/^x[a-z0-9]{1,10}$/), printable(20), { maxKeys: 3 }),
  })
  .map(({ time, extensions, dataschema, ...rest }) => {
    const more = dataschema === undefined ? {} : { dataschema };
    return {
      type: 'test.reading',
      time: time.toISOString(),
      datacontenttype: 'application/json',
      ...rest,
      ...more,
      ...extensions,
    };
  });

const isUnicode = (value: unknown) => !JSON.stringify(value).includes('\\ud');
const loggedBy = (ingest: ReturnType<typeof startIngest>) =>
  ingest.log.envelopes().flatMap((envelope) => (envelope as EventsEnvelope).events.map(({ event }) => event));
const asRead = (event: CloudEvent<unknown>) => JSON.parse(JSON.stringify(event));

describe("what the SDK sends is read as the SDK's own receiver reads it", () => {
  it.each(['binary', 'structured'] as const)('in %s mode', async (mode) => {
    await fc.assert(
      fc.asyncProperty(event.filter(isUnicode), async (fields) => {
        const message = HTTP[mode](new CloudEvent(fields));
        const ingest = startIngest();
        const answer = await ingest.call({
          headers: message.headers as Record<string, string>,
          body: message.body as string,
        });
        expect(answer.status, answer.text).toBe(202);
        const [read] = loggedBy(ingest);
        expect(read).toEqual(asRead(HTTP.toEvent(message) as CloudEvent<unknown>));
      }),
    );
  });

  it('in batched mode', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event.filter(isUnicode), { minLength: 1, maxLength: 5 }), async (batch) => {
        const body = `[${batch.map((fields) => HTTP.structured(new CloudEvent(fields)).body).join()}]`;
        const ingest = startIngest();
        expect((await ingest.send(BATCHED, body)).json.accepted).toBe(batch.length);
        const expected = HTTP.toEvent({
          headers: { 'content-type': BATCHED },
          body,
        }) as CloudEvent<unknown>[];
        expect(loggedBy(ingest)).toHaveLength(expected.length);
        for (const each of expected.map(asRead)) expect(loggedBy(ingest)).toContainEqual(each);
      }),
    );
  });

  it('with bytes for data', async () => {
    const fields = { ...eventOf({ data: undefined }), datacontenttype: 'application/octet-stream' };
    const bytes = Uint8Array.from([0, 255, 128, 10]);
    const sent = new CloudEvent({ ...fields, data: bytes });
    for (const message of [HTTP.binary(sent), HTTP.structured(sent)]) {
      const ingest = startIngest();
      const answer = await ingest.call({
        headers: message.headers as Record<string, string>,
        body: Buffer.from(message.body as Uint8Array),
      });
      expect(answer.json.results[0]).toMatchObject({ code: 'contract-violation', pointer: '/data' });
      const [kept] = ingest.log.drafts.flatMap((draft) =>
        'quarantine' in draft ? [draft.quarantine.input] : [],
      );
      expect(kept).toMatchObject({ data_base64: Buffer.from(bytes).toString('base64'), id: 'e1' });
      expect(kept).not.toHaveProperty('data');
    }
  });
});

describe('what the SDK refuses is refused', () => {
  const check = (plain: unknown) => checkEvent({ plain, exact: plain, surrogates: true });
  const isTaken = (plain: unknown) => 'event' in check(plain);
  const sdkTakes = (plain: unknown) => {
    try {
      return new CloudEvent(plain as never, true).validate() && true;
    } catch {
      return false;
    }
  };

  const anything = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      '1.0',
      '',
      'a b',
      '/s',
      'https://[',
      'application/json',
      'AAAA',
      '%zz',
      'é',
      'urn:a:b',
      '2026-11-21T07:00:00Z',
    ),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant({}),
    fc.constant([]),
  );
  const name = fc.constantFrom(
    'specversion',
    'id',
    'source',
    'type',
    'subject',
    'time',
    'dataschema',
    'datacontenttype',
    'data_base64',
    'ext',
    'Ext',
    'ext-1',
  );

  it('with one attribute changed to anything', () => {
    fc.assert(
      fc.property(name, anything, (name, value) => {
        const { data, ...rest } = eventOf();
        const plain = { ...rest, ...(name === 'data_base64' ? {} : { data }), [name]: value };
        const differs = name === 'time' || (name === 'dataschema' && typeof value === 'string');
        if (!differs && isTaken(plain)) expect([name, value, sdkTakes(plain)]).toEqual([name, value, true]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['no id, which the SDK makes up', { id: undefined }],
    ['no subject', { subject: undefined }],
    ['an over-long source', { source: `/${'s'.repeat(256)}` }],
    ['a control character', { subject: 'a\u0000b' }],
    ['half a surrogate pair', { ext: '\udc00' }],
    ['data twice', { data_base64: 'AAAA' }],
    ['base64 without its padding', { data: undefined, data_base64: 'AAA' }],
  ])('and besides: %s', (_, more) => {
    const plain = JSON.parse(JSON.stringify(eventOf(more)));
    expect([isTaken(plain), sdkTakes(plain)]).toEqual([false, true]);
  });

  it.each([
    ['a null extension, which counts as absent', { ext: null }],
    ['a null subject is none, but a null dataschema is', { dataschema: null }],
  ])('but not %s', (_, more) => {
    expect(isTaken(eventOf(more))).toBe(true);
  });
});
