import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { EventsEnvelope } from '../../lambdas/domain/envelope.ts';
import type { RebuildRequest } from '../../lambdas/domain/recovery/request.ts';
import type { Fate, Trace } from '../../lambdas/domain/trace/trace.ts';
import { type Act, acts, perform } from '../support/arbitrary-traffic.ts';
import { SHARD, TENANT } from '../support/records.ts';
import { RecoveryWorld } from '../support/recovery-world.ts';
import { traceIn } from '../support/trace-world.ts';

/** What goes on beside the traffic. */
type Step =
  | Act
  | { readonly act: 'project'; readonly count: number }
  | { readonly act: 'lose'; readonly count: number }
  | { readonly act: 'archive'; readonly count: number }
  | { readonly act: 'mark' }
  | { readonly act: 'door'; readonly id: string };

const beside: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ act: fc.constant('project' as const), count: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('lose' as const), count: fc.constant(1) }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('archive' as const), count: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ act: 'mark' as const }) },
  { weight: 1, arbitrary: fc.nat(30).map((n) => ({ act: 'door' as const, id: `e-${n}` })) },
);

/** Traffic with the consumers' steps mixed in. */
const history = fc
  .tuple(acts(40, 'e'), fc.array(beside, { maxLength: 60, size: 'max' }), fc.infiniteStream(fc.boolean()))
  .map(([traffic, others, dice]) => {
    const mixed: Step[] = [];
    const left = [[...traffic], [...others]] as [Step[], Step[]];
    while (left[0].length + left[1].length > 0) {
      const next = (dice.next().value ? left[0] : left[1]).shift();
      if (next) mixed.push(next);
    }
    return mixed;
  });

/** A world that remembers which records were given to the projector, and how far it has passed a mark. */
class Traced {
  readonly world = new RecoveryWorld();
  readonly sent: CloudEvent[] = [];
  /** Indexes of records that the projector has had. */
  readonly projected = new Set<number>();
  /** All records before it are called projected. */
  passed = 0;
  #next = 0;
  #marks = 0;
  #doors = 0;

  get records() {
    return this.world.projector.log.records;
  }

  async do(step: Step): Promise<void> {
    if (step.act === 'project') return this.#project(step.count);
    if (step.act === 'lose') return this.#lose(step.count);
    if (step.act === 'archive') return this.world.archive(step.count);
    if (step.act === 'mark') return this.#mark();
    if (step.act === 'door') return this.#door(step.id);
    return perform(this.world, step, this.sent);
  }

  async #project(count: number): Promise<void> {
    const end = Math.min(this.#next + count, this.records.length);
    await this.world.project(count);
    for (; this.#next < end; this.#next++) {
      this.projected.add(this.#next);
      if ('mark' in JSON.parse(this.records[this.#next]!.text)) this.passed = this.#next + 1;
    }
  }

  #lose(count: number): void {
    const end = Math.min(this.#next + count, this.records.length);
    this.world.neverProject(count);
    this.#next = end;
  }

  async #mark(): Promise<void> {
    const at = new Date(Date.UTC(2026, 10, 21, 9, 0, ++this.#marks)).toISOString();
    await this.world.projector.log.publish([{ draft: { at, mark: at }, partitionKey: 'mark' }], 0);
  }

  /** Something under this id that ingest would not have. */
  async #door(id: string): Promise<void> {
    const quarantine = {
      ...{ code: 'contract-violation' as const, fingerprint: 'f0', detail: 'must be a number' },
      ...{ origin: `r/${++this.#doors}`, type: 'test.every', input: { id, source: '/meters/1', data: {} } },
    };
    const draft = {
      tenant: TENANT,
      producer: 'meter',
      at: '2026-11-21T09:00:00.000Z',
      receipt: 'r',
      quarantine,
    };
    await this.world.projector.log.publish([{ draft, partitionKey: 'q' }], 0);
  }

  /** Says of every sending what must have become of it, in the plainest way: by counting in the order of the log. */
  fates(): Map<string, Fate[]> {
    const held = new Map<string, string>();
    const groups = new Map<string, Set<string>>();
    const refused = new Set<number>();
    const each: { index: number; event: CloudEvent }[] = [];
    const doors: { index: number; name: string }[] = [];
    for (const [index, { text }] of this.records.entries()) {
      const envelope = JSON.parse(text);
      if (envelope.quarantine?.origin.startsWith('r/')) {
        const { id, source } = envelope.quarantine.input;
        doors.push({ index, name: nameOf({ id, source } as CloudEvent) });
      }
      for (const { event } of (envelope as EventsEnvelope).events ?? []) {
        each.push({ index, event });
        if (!this.projected.has(index)) continue;
        const name = nameOf(event);
        if (held.has(name)) continue;
        if (takesGroup(groups, event)) held.set(name, contentOf(event));
        else refused.add(each.length - 1);
      }
    }
    const known = new Set<string>();
    const fates = new Map<string, { index: number; fate: Fate }[]>();
    const note = (name: string, index: number, fate: Fate) =>
      fates.set(name, [...(fates.get(name) ?? []), { index, fate }]);
    for (const [at, { index, event }] of each.entries()) {
      const name = nameOf(event);
      const kept = held.get(name);
      if (kept !== undefined && kept === contentOf(event)) {
        note(name, index, known.has(name) ? 'duplicate' : 'counted');
        known.add(name);
      } else if (kept !== undefined) note(name, index, 'conflict');
      else if (refused.has(at)) note(name, index, 'refused');
      else note(name, index, index < this.passed ? 'missing' : 'waiting');
    }
    for (const { index, name } of doors) note(name, index, 'quarantined');
    return new Map(
      [...fates].map(([name, all]) => [name, all.sort((a, b) => a.index - b.index).map(({ fate }) => fate)]),
    );
  }
}

const nameOf = ({ source, id }: CloudEvent) => `${source} ${id}`;
const contentOf = ({ time, data }: CloudEvent) => JSON.stringify([time, data]);

function takesGroup(groups: Map<string, Set<string>>, { type, data }: CloudEvent): boolean {
  if (type !== 'test.groups') return true;
  const known = groups.get(type) ?? new Set();
  groups.set(type, known);
  const { region } = data as { region: string };
  if (known.size === 2 && !known.has(region)) return false;
  known.add(region);
  return true;
}

/** Every event that was sent, and what a trace says of each of its sendings. */
async function expectTruth(traced: Traced): Promise<void> {
  for (const [name, fates] of traced.fates()) {
    const [source, id] = name.split(' ') as [string, string];
    const { ways, looked } = await traceIn(traced.world, id, { source });
    expect(looked.whole).toBe(true);
    expect([name, ways.flatMap((way) => way.sendings.map(({ fate }) => fate))]).toEqual([name, fates]);
    for (const way of ways) await expectPlaces(traced.world, way);
  }
}

/** What it says of places is there: the line in the object, the id in head or page, the head's epoch. */
async function expectPlaces(world: RecoveryWorld, way: Trace['ways'][number]): Promise<void> {
  for (const { shardId, sequence, object } of way.sendings) {
    expect(shardId).toBe(SHARD);
    const entry = world.manifest.entries.find(
      ({ first, last }) => BigInt(first) <= BigInt(sequence) && BigInt(sequence) <= BigInt(last),
    );
    expect(object?.key).toBe(entry?.key);
  }
  const isCounted = way.sendings.some(({ fate }) => fate === 'counted');
  expect(way.buckets.some(({ held }) => held !== undefined)).toBe(isCounted || way.outcome === 'conflict');
  for (const { key, head, held } of way.buckets) {
    const item = world.table.read(
      `${key.tenant}#${key.subject.replace(/[%#|]/g, escapeOf)} B#${key.type}#${key.window}`,
    );
    expect(head?.epoch).toBe(item && Number((item.epoch as { N: string }).N));
    if (held?.in === 'page') expect(held.page).toContain(`#${head!.epoch}#`);
  }
}

const escapeOf = (character: string) => ({ '%': '%25', '#': '%23', '|': '%7C' })[character]!;

const ask: RebuildRequest = {
  ...{ verb: 'rebuild', requestId: 'rebuild', operator: 'tests', reason: 'property' },
  ...{ dryRun: false, rate: 1000, maxLagSeconds: 60 },
};

describe('a trace says truly what became of an event', () => {
  it('at any moment: counted, duplicate, in conflict, refused, in quarantine, on its way, or lost', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const traced = new Traced();
        for (const step of steps) await traced.do(step);
        await expectTruth(traced);
      }),
      { numRuns: 40 },
    );
  });

  it('after everything was written anew, under another epoch', async () => {
    await fc.assert(
      fc.asyncProperty(acts(60, 'e'), async (all) => {
        const traced = new Traced();
        for (const act of all) {
          await traced.do(act);
          await traced.do({ act: 'project', count: 9 });
        }
        await traced.do({ act: 'project', count: 999 });
        await traced.do({ act: 'project', count: 999 });
        const before = traced.fates();
        await traced.world.run(ask);
        for (const [name, fates] of before) {
          const [source, id] = name.split(' ') as [string, string];
          const { ways } = await traceIn(traced.world, id, { source });
          expect(ways.flatMap((way) => way.sendings.map(({ fate }) => fate))).toEqual(fates);
          for (const way of ways) await expectPlaces(traced.world, way);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('finds nothing of what was never sent, or was shed', async () => {
    await fc.assert(
      fc.asyncProperty(acts(20, 'e'), fc.string({ minLength: 1, maxLength: 40 }), async (all, id) => {
        const traced = new Traced();
        for (const act of all) await traced.do(act);
        fc.pre(traced.sent.every((event) => event.id !== id));
        const { ways, looked } = await traceIn(traced.world, id);
        expect([ways, looked.whole]).toEqual([[], true]);
      }),
      { numRuns: 30 },
    );
  });

  it('whatever the id is made of', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
        fc.boolean(),
        async (id, archive) => {
          const world = new RecoveryWorld();
          const event = { specversion: '1.0', source: '/m', type: 'test.sum', subject: 'a' } as const;
          await world.send([
            { ...event, id: `${id}x`, time: '2026-11-21T07:00:00Z', data: { value: 1 } },
            { ...event, id, time: '2026-11-21T07:00:00Z', data: { value: 1 } },
          ]);
          await world.project();
          if (archive) await world.archive();
          const { ways } = await traceIn(world, id);
          expect(ways.map(({ outcome, sendings }) => [outcome, sendings.map(({ index }) => index)])).toEqual([
            ['counted', [1]],
          ]);
        },
      ),
    );
  });
});
