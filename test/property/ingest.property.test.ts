import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Draft } from '../../lambdas/domain/envelope.ts';
import { type ApiAnswer, eventOf, startIngest } from '../support/ingest.ts';

type Fate = 'accepted' | 'quarantined' | 'refused';
interface Sent {
  readonly fate: Fate;
  readonly item: unknown;
}

const sent = (fate: Fate, ...items: readonly unknown[]) =>
  fc.constantFrom(...items.map((item) => ({ fate, item })));
const good = fc
  .record({ subject: fc.constantFrom('a', 'b', 'c'), data: fc.record({ value: fc.integer() }) })
  .map((more): Sent => ({ fate: 'accepted', item: eventOf(more) }));
const bad = sent(
  'quarantined',
  null,
  7,
  'text',
  [],
  {},
  eventOf({ id: '' }),
  eventOf({ subject: 'x'.repeat(129) }),
  eventOf({ type: 'no.such' }),
  eventOf({ type: 'weir.quarantine' }),
  eventOf({ data: {} }),
  eventOf({ data: { value: 2 ** 60 } }),
  eventOf({ time: 'yesterday' }),
  eventOf({ time: '2020-01-01T00:00:00Z' }),
  eventOf({ subject: 'a\ud800' }),
);
const unkeepable = sent(
  'refused',
  eventOf({ data: { value: 1, note: 'x'.repeat(600_000) } }),
  eventOf({ data: { value: 1, note: JSON.parse('['.repeat(80) + ']'.repeat(80)) } }),
);
const batch = fc.array(fc.oneof({ weight: 6, arbitrary: good }, { weight: 5, arbitrary: bad }, unkeepable), {
  maxLength: 30,
});
/** Which drafts the log refuses, by their place among those of the request. */
const refusals = fc.array(fc.boolean(), { maxLength: 30 });

const itemsOf = (draft: Draft): unknown[] => {
  if ('events' in draft) return draft.events.map(({ event }) => event);
  return 'quarantine' in draft ? [draft.quarantine.input] : [];
};
const asText = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).sort();

/** The fate of each item as its sender reads it from the answer. */
function fatesOf({ json }: ApiAnswer, count: number): Fate[] {
  const fates: Fate[] = Array.from({ length: count }, () => 'accepted');
  for (const { index, status, code } of json.results) {
    const lost = status === 503 || code === 'event-too-large' || code === 'nested-too-deep';
    fates[index] = lost ? 'refused' : 'quarantined';
  }
  return fates;
}

it('P3: every item is accepted, quarantined or refused, as it deserves, and the log has the first two', async () => {
  await fc.assert(
    fc.asyncProperty(batch, async (batch) => {
      const ingest = startIngest();
      const answer = await ingest.batch(batch.map(({ item }) => item));
      expect(fatesOf(answer, batch.length)).toEqual(batch.map(({ fate }) => fate));
      const count = (fate: Fate) => batch.filter((each) => each.fate === fate).length;
      const { accepted, quarantined, refused } = answer.json;
      expect([accepted, quarantined, refused]).toEqual([
        count('accepted'),
        count('quarantined'),
        count('refused'),
      ]);
      const logged = ingest.log.drafts.flatMap(itemsOf);
      const kept = batch.filter(({ fate }) => fate !== 'refused').map(({ item }) => item);
      expect(asText(logged)).toEqual(asText(kept));
    }),
  );
});

it('P1: whatever the log refuses, nothing is called accepted or kept that it has not acknowledged', async () => {
  await fc.assert(
    fc.asyncProperty(batch, refusals, async (batch, refused) => {
      const ingest = startIngest();
      ingest.log.refuse = (_, index) => refused[index] ?? false;
      const answer = await ingest.batch(batch.map(({ item }) => item));
      const fates = fatesOf(answer, batch.length);
      const said = batch.filter((_, index) => fates[index] !== 'refused').map(({ item }) => item);
      expect(asText(ingest.log.drafts.flatMap(itemsOf))).toEqual(asText(said));
      expect(answer.json.accepted + answer.json.quarantined + answer.json.refused).toBe(batch.length);
      const statuses = new Set([
        ...answer.json.results.map(({ status }) => status),
        ...(answer.json.accepted ? [202] : []),
      ]);
      expect(answer.status).toBe(statuses.size > 1 ? 207 : ([...statuses][0] ?? 202));
    }),
  );
});

it('P3: any JSON at all is answered for, item by item, and kept as it was read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue({ maxDepth: 6 }), { maxLength: 8 }), async (items) => {
      const ingest = startIngest();
      const answer = await ingest.batch(items);
      expect(answer.json.quarantined).toBe(items.length);
      expect(asText(ingest.log.drafts.flatMap(itemsOf))).toEqual(asText(items));
    }),
  );
});

it('a body of any bytes in any mode is answered, and never by an internal error', async () => {
  const type = fc.constantFrom(
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'application/json',
    'text/plain',
    'application/octet-stream',
  );
  const body = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }), fc.json());
  const headers = fc.dictionary(
    fc.constantFrom(
      'ce-id',
      'ce-specversion',
      'ce-type',
      'ce-time',
      'ce-x',
      'ce-',
      'ce-A',
      'content-encoding',
    ),
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('gzip', '1.0', '%ff', '"a\\"', 'test.reading')),
  );
  await fc.assert(
    fc.asyncProperty(type, body, headers, async (type, body, headers) => {
      const answer = await startIngest().send(type, Buffer.from(body as string), headers);
      expect([202, 207, 400, 403, 413, 415, 422]).toContain(answer.status);
      expect(JSON.parse(answer.text)).toBeTypeOf('object');
    }),
    { numRuns: 500 },
  );
});
