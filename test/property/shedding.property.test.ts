import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Control, type Held, LEVELS } from '../../lambdas/domain/control/control.ts';
import type { Draft } from '../../lambdas/domain/envelope.ts';
import { type ApiAnswer, eventOf, STRUCTURED, startIngest } from '../support/ingest.ts';
import { keyOf } from '../support/memory-credentials.ts';

type Priority = 'critical' | 'standard' | 'bulk';
interface Sent {
  /** Of what may be counted; undefined of what may not. */
  readonly priority: Priority | undefined;
  readonly item: unknown;
}
type Steering = Pick<Control, 'level' | 'held'>;

const TYPES = { critical: 'test.critical', standard: 'test.reading', bulk: 'test.bulk' } as const;
const SHED = ['shed', 'over-budget'];

const good = fc
  .record({
    priority: fc.constantFrom<Priority>('critical', 'standard', 'bulk'),
    subject: fc.constantFrom('a', 'b', 'c'),
    data: fc.record({ value: fc.integer() }),
  })
  .map(({ priority, ...more }): Sent => ({ priority, item: eventOf({ type: TYPES[priority], ...more }) }));
const bad = fc.constantFrom(
  ...[
    null,
    eventOf({ id: '' }),
    eventOf({ type: 'no.such' }),
    eventOf({ type: 'test.bulk', data: {} }),
    eventOf({ type: 'test.bulk', time: '2020-01-01T00:00:00Z' }),
    eventOf({ type: 'test.bulk', data: { value: 1, note: JSON.parse('['.repeat(80) + ']'.repeat(80)) } }),
  ].map((item): Sent => ({ priority: undefined, item })),
);
const batch = fc.array(fc.oneof({ weight: 3, arbitrary: good }, bad), { maxLength: 30 });

const how = fc.oneof(
  fc.constantFrom<Held['how']>({ kind: 'over-budget', share: 1 }),
  fc
    .double({ min: 0, max: 1, minExcluded: true, noNaN: true })
    .map((share) => ({ kind: 'over-budget', share }) as const),
);
const heldOf = (how: Held['how'], producer = 'agent', tenant = 'acme'): Held => ({
  ...{ tenant, producer, how },
  ...{ since: '2026-11-21T07:00:00.000Z', reason: 'test', by: 'guard' },
});
/** The sender is tenant `acme`, producer `agent`. Others are held too, which is nothing to it. */
const others = fc.subarray([
  heldOf({ kind: 'suspended' }, 'agent2'),
  heldOf({ kind: 'over-budget', share: 1 }, 'agent', 'acme2'),
  heldOf({ kind: 'suspended' }, 'acme', 'agent'),
]);
const steering = fc.record({
  level: fc.constantFrom(...LEVELS),
  held: fc
    .tuple(others, fc.option(how, { nil: undefined }))
    .map(([held, own]) => (own ? [...held, heldOf(own)] : held)),
});
/** What is drawn, over and over. */
const draws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1 });

function drawing(values: readonly number[]): () => number {
  let at = 0;
  return () => values[at++ % values.length]!;
}

/** Sends a batch under what is in force; says what of it the registry of fingerprints was asked for too. */
async function sendUnder(
  steering: Partial<Steering>,
  batch: readonly Sent[],
  values: readonly number[],
  refused: readonly boolean[] = [],
) {
  const ingest = startIngest({ fraction: drawing(values) });
  ingest.control.set(steering);
  ingest.log.refuse = (_, index) => refused[index] ?? false;
  const prints: string[] = [];
  const admit = ingest.fingerprints.admit.bind(ingest.fingerprints);
  ingest.fingerprints.admit = (tenant, producer, print) => {
    prints.push(print);
    return admit(tenant, producer, print);
  };
  const answer = await ingest.batch(batch.map(({ item }) => item));
  return { ...ingest, answer, prints, shed: shedIn(answer) };
}

/** Indices of what the sender is told was shed. */
const shedIn = ({ json }: ApiAnswer) =>
  new Set((json.results ?? []).filter(({ code }) => SHED.includes(code)).map(({ index }) => index));

const itemsOf = (draft: Draft): unknown[] => {
  if ('events' in draft) return draft.events.map(({ event }) => event);
  return 'quarantine' in draft ? [draft.quarantine.input] : [];
};
const asText = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).sort();

it('P3: what is shed leaves no trace, and everything else fares as if nothing were steered', async () => {
  await fc.assert(
    fc.asyncProperty(batch, steering, draws, async (batch, steering, values) => {
      const steered = await sendUnder(steering, batch, values);
      const free = await sendUnder({}, batch, values);
      const { shed } = steered;
      const notShed = (results: ApiAnswer['json']['results']) =>
        results.filter(({ index }) => !shed.has(index));
      expect(notShed(steered.answer.json.results)).toEqual(notShed(free.answer.json.results));
      expect(steered.prints).toEqual(free.prints);
      const refused = new Set(free.answer.json.results.map(({ index }) => index));
      for (const index of shed) expect(refused.has(index)).toBe(false);
      const gone = asText(batch.flatMap(({ item }, index) => (shed.has(index) ? [item] : [])));
      const left = asText(steered.log.drafts.flatMap(itemsOf));
      expect([...left, ...gone].sort()).toEqual(asText(free.log.drafts.flatMap(itemsOf)));
    }),
  );
});

it('F5: critical events are accepted whatever the level and the budget', async () => {
  await fc.assert(
    fc.asyncProperty(batch, steering, draws, async (batch, steering, values) => {
      const { answer } = await sendUnder(steering, batch, values);
      const named = new Set(answer.json.results.map(({ index }) => index));
      for (const [index, { priority }] of batch.entries())
        if (priority === 'critical') expect(named.has(index)).toBe(false);
    }),
  );
});

it('F5: a level sheds its priorities whole, and of nobody who is not held anything beyond', async () => {
  await fc.assert(
    fc.asyncProperty(batch, steering, draws, async (batch, { level, held }, values) => {
      const { shed } = await sendUnder({ level, held }, batch, values);
      const own = held.find(({ tenant, producer }) => tenant === 'acme' && producer === 'agent');
      for (const [index, { priority }] of batch.entries()) {
        const whole =
          (own?.how.kind === 'over-budget' && own.how.share === 1) ||
          (priority === 'bulk' ? level !== 'none' : level === 'standard');
        if (priority === undefined || priority === 'critical') expect(shed.has(index)).toBe(false);
        else if (whole) expect(shed.has(index)).toBe(true);
        else if (!own && level !== 'half-standard') expect(shed.has(index)).toBe(false);
      }
    }),
  );
});

it('P3: each shed event is named once, with when to send it again, and the answer adds up', async () => {
  await fc.assert(
    fc.asyncProperty(batch, steering, draws, async (batch, steering, values) => {
      const { answer, shed, tallies, activity } = await sendUnder(steering, batch, values);
      const { accepted, quarantined, refused, results } = answer.json;
      expect(new Set(results.map(({ index }) => index)).size).toBe(results.length);
      for (const { code, status, retryAfter } of results) {
        if (!SHED.includes(code)) continue;
        expect(status).toBe(code === 'shed' ? 503 : 429);
        expect(Number.isInteger(retryAfter) && retryAfter! >= 5 && retryAfter! <= 30).toBe(true);
      }
      expect([accepted + quarantined + refused, accepted]).toEqual([
        batch.length,
        batch.length - results.length,
      ]);
      const statuses = new Set([...results.map(({ status }) => status), ...(accepted > 0 ? [202] : [])]);
      expect(answer.status).toBe(statuses.size > 1 ? 207 : ([...statuses][0] ?? 202));
      const waits = results.flatMap(({ retryAfter = [] }) => retryAfter);
      expect(answer.headers['retry-after']).toBe(waits.length > 0 ? String(Math.max(...waits)) : undefined);
      expect(tallies[0]).toEqual({
        ...{ accepted, quarantined, refused: refused - shed.size, shed: shed.size },
        requestsShed: answer.status === 503 ? 1 : 0,
      });
      expect(activity.added).toMatchObject([{ offered: batch.length, shed: shed.size }]);
    }),
  );
});

it('P1: whatever is shed and whatever the log refuses, what is called accepted is in the log, and nothing else', async () => {
  const refusals = fc.array(fc.boolean(), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(batch, steering, draws, refusals, async (batch, steering, values, refusals) => {
      const { answer, log, tallies } = await sendUnder(steering, batch, values, refusals);
      const lost = new Set(
        answer.json.results
          .filter(({ status, code }) => [429, 503].includes(status) || code === 'nested-too-deep')
          .map(({ index }) => index),
      );
      const said = batch.flatMap(({ item }, index) => (lost.has(index) ? [] : [item]));
      expect(asText(log.drafts.flatMap(itemsOf))).toEqual(asText(said));
      const logged = log.drafts.flatMap((draft) => ('events' in draft ? draft.events : [])).length;
      expect(answer.json.accepted).toBe(logged);
      // A failure of ours is never excused by what was shed beside it.
      const failed = answer.json.results.some(({ code }) => code === 'not-logged');
      if (failed) expect(tallies[0]!.requestsShed).toBe(0);
    }),
  );
});

it('F5: where a part is shed, each event has its chance each time that it is sent', async () => {
  const part = fc.oneof(
    fc.constant<Steering>({ level: 'half-standard', held: [] }),
    fc.constantFrom(0.25, 0.5, 0.75).map(
      (share): Steering => ({
        level: 'none',
        held: [heldOf({ kind: 'over-budget', share })],
      }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(part, fc.integer({ min: 1, max: 2 ** 31 - 2 }), async (steering, seed) => {
      const how = steering.held[0]?.how;
      const share = how?.kind === 'over-budget' ? how.share : 0.5;
      // Lehmer's generator, as MINSTD has it: what is drawn has nothing to do with the events.
      let state = seed;
      const ingest = startIngest({
        fraction: () => {
          state = (state * 48_271) % 2_147_483_647;
          return state / 2_147_483_647;
        },
      });
      ingest.control.set(steering);
      const events = Array.from({ length: 1_000 }, (_, index) => eventOf({ id: `e${index}` }));
      const first = shedIn(await ingest.batch(events));
      const again = shedIn(await ingest.batch(events));
      const both = [...first].filter((index) => again.has(index)).length;
      // Six standard deviations of what is drawn a thousand times.
      const near = (found: number, expected: number) =>
        Math.abs(found - 1_000 * expected) < 6 * Math.sqrt(1_000 * expected * (1 - expected));
      expect(near(first.size, share)).toBe(true);
      expect(near(both, share * share)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

it('a suspended producer is refused whole and unread, and others are not', async () => {
  await fc.assert(
    fc.asyncProperty(batch, steering, draws, async (batch, { level, held }, values) => {
      const suspended = [...held, heldOf({ kind: 'suspended' }), ...held];
      const sent = await sendUnder({ level, held: suspended }, batch, values);
      const { answer, log, prints, tallies } = sent;
      expect([answer.status, answer.json.code]).toEqual([429, 'suspended']);
      const wait = Number(answer.headers['retry-after']);
      expect(wait >= 60 && wait <= 120).toBe(true);
      expect([log.records, prints, tallies]).toEqual([[], [], []]);
      sent.credentials.put(keyOf('o'), { producer: 'other' });
      const headers = { 'x-api-key': keyOf('o'), 'content-type': STRUCTURED };
      const body = JSON.stringify(eventOf({ type: TYPES.critical }));
      expect((await sent.call({ headers, body })).status).toBe(202);
    }),
  );
});
