import fc from 'fast-check';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { anEvent } from './arbitrary-events.ts';
import type { RecoveryWorld } from './recovery-world.ts';

/** One thing that a sender, or a replay, does. */
export type Act =
  | { readonly act: 'send'; readonly events: readonly CloudEvent[] }
  /** An event that was sent before, as it was, or with another value: a reused id. */
  | { readonly act: 'repeat'; readonly of: number; readonly value?: number }
  | { readonly act: 'replay'; readonly of: number };

const grouped = fc
  .record({ region: fc.constantFrom('eu', 'us', 'ap'), value: fc.integer({ min: 1, max: 9 }) })
  .map((data) => ({
    ...{ specversion: '1.0' as const, id: '', type: 'test.groups', source: '/meters/1' },
    ...{ subject: 'grouped', time: '2026-11-21T07:00:00Z', data },
  }));

/** Acts over few buckets: one with many events, some of whose groups are too many. Ids are fresh within a list. */
export function acts(maxLength: number, prefix: string): fc.Arbitrary<readonly Act[]> {
  const anAct = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        act: fc.constant('send' as const),
        events: fc.array(fc.oneof({ weight: 7, arbitrary: anEvent }, grouped), {
          minLength: 1,
          maxLength: 4,
        }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('repeat' as const), of: fc.nat(99) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        act: fc.constant('repeat' as const),
        of: fc.nat(99),
        value: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('replay' as const), of: fc.nat(99) }) },
  );
  return fc.array(anAct, { minLength: 1, maxLength, size: 'max' }).map((all) => {
    let id = 0;
    return all.map((act) =>
      act.act === 'send'
        ? { ...act, events: act.events.map((event) => ({ ...event, id: `${prefix}-${id++}` })) }
        : act,
    );
  });
}

/** Does it. `sent` remembers the events of all acts. */
export async function perform(world: RecoveryWorld, act: Act, sent: CloudEvent[]): Promise<void> {
  if (act.act === 'send') {
    sent.push(...act.events);
    await world.send(act.events);
  } else if (act.act === 'repeat' && sent.length > 0) {
    const event = sent[act.of % sent.length]!;
    const data = { ...(event.data as object), ...(act.value !== undefined && { value: act.value }) };
    await world.send([{ ...event, data }]);
  } else if (act.act === 'replay') {
    await world.replay(act.of % Math.max(1, world.projector.log.records.length));
  }
}

/** Has the acts done, counted and archived in pieces of any size. */
export async function history(
  world: RecoveryWorld,
  all: readonly Act[],
  sizes: readonly number[],
): Promise<CloudEvent[]> {
  const sent: CloudEvent[] = [];
  for (const [index, act] of all.entries()) {
    await perform(world, act, sent);
    const size = sizes[index % Math.max(1, sizes.length)] ?? 1;
    if (index % size === 0) await world.project(size + 1);
    if (index % (size + 1) === 0) await world.archive();
  }
  return sent;
}

/**
 * Lets the acts be done, counted and archived while others work: called around each of their calls, one roll of the dice
 * at a time.
 */
export function flowing(world: RecoveryWorld, all: readonly Act[], sent: CloudEvent[], roll: () => number) {
  const left = [...all];
  return async () => {
    const rolled = roll();
    const act = rolled <= 2 ? left.shift() : undefined;
    if (act) await perform(world, act, sent);
    if (rolled === 3) await world.project(2);
    if (rolled === 4) await world.project();
    if (rolled === 5) await world.archive(3);
  };
}
