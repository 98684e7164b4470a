import Big from 'big.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { eventSet } from '../support/arbitrary-events.ts';
import { foldModel, type ModelBucket } from '../support/model.ts';
import { World } from '../support/projector.ts';
import { eventsRecord, TENANT } from '../support/records.ts';
import { startUsage } from '../support/usage.ts';

/** What the whole range must hold: the model's fold of all events as if they lay in one window. */
function modelOf(subject: string, events: readonly CloudEvent[]): ModelBucket | undefined {
  const own = events.filter((event) => event.subject === subject);
  const oneWindow = foldModel(
    TENANT,
    own.map((event) => ({ ...event, time: event.time!.replace('T08:', 'T07:') })),
  ).get(`${subject} 2026-11-21T07`);
  // `latest` looks at the whole time, so it is taken from the windows' own.
  const newest = [...foldModel(TENANT, own).values()].sort((a, b) => (later(a, b) ? -1 : 1))[0]?.newest;
  return oneWindow && { ...oneWindow, newest: newest! };
}

const later = (a: ModelBucket, b: ModelBucket) =>
  a.newest.time === b.newest.time ? a.newest.identity > b.newest.identity : a.newest.time > b.newest.time;

it('P2: what usage says of a range is the fold of the events in it, for every aggregate, over windows and pages', async () => {
  await fc.assert(
    fc.asyncProperty(eventSet(150), async (events) => {
      const world = new World();
      await world.deliver([eventsRecord(events)]);
      for (const subject of new Set(events.map((event) => event.subject))) {
        const query = { subject, type: 'test.every', from: '2026-11-21', to: '2026-11-22' };
        const { json } = await startUsage(world.table).ask(query);
        const said = new Map(json.rows.map(({ meter, group, value }) => [`${meter} ${group}`, value]));
        const model = modelOf(subject, events)!;
        const expected = new Map<string, string>([
          ['events all', String(model.n)],
          ...[...model.totals].map(([group, total]): [string, string] => [`total ${group}`, total.toFixed()]),
          ['least all', model.least.toFixed()],
          ['most all', model.most.toFixed()],
          ['newest all', model.newest.value.toFixed()],
          ['users all', String(model.users.size)],
        ]);
        expect(said).toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
});

it('hours add up to the whole for what adds up', async () => {
  await fc.assert(
    fc.asyncProperty(eventSet(60), async (events) => {
      const world = new World();
      await world.deliver([eventsRecord(events)]);
      const query = {
        subject: 'alice',
        type: 'test.every',
        from: '2026-11-21',
        to: '2026-11-22',
        meter: 'total',
      };
      const { ask } = startUsage(world.table);
      const sum = (rows: readonly { value: string }[]) =>
        rows.reduce((all, { value }) => all.plus(value), new Big(0));
      const hours = await ask({ ...query, by: 'hour' });
      expect(sum(hours.json.rows).toFixed()).toBe(sum((await ask(query)).json.rows).toFixed());
    }),
    { numRuns: 40 },
  );
});
