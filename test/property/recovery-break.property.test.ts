import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { archiveBatch } from '../../lambdas/archive/archive-batch.ts';
import { concludeRun } from '../../lambdas/conclude/conclude-run.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import type { Shard } from '../../lambdas/domain/manifest.ts';
import { partitionKeyOf } from '../../lambdas/domain/partition-key.ts';
import { readRequest } from '../../lambdas/domain/recovery/read-request.ts';
import type { RunRequest } from '../../lambdas/domain/recovery/request.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';
import { foldPartition } from '../../lambdas/fold/fold-partition.ts';
import { planRun } from '../../lambdas/plan/plan-run.ts';
import { commandRun, startRun } from '../../lambdas/recover/recover-run.ts';
import { resendBatch } from '../../lambdas/resend/resend-batch.ts';
import { scanBatch } from '../../lambdas/scan/scan-batch.ts';
import { recoveryDefinition } from '../../lib/constructs/recovery-definition.ts';
import { MemoryArchiveReader } from '../support/memory-archive-reader.ts';
import { MemoryBuckets } from '../support/memory-buckets.ts';
import {
  MemoryArchive,
  MemoryManifest,
  MemoryManifestReader,
  MemoryTenants,
} from '../support/memory-consumers.ts';
import { MemoryMover, MemoryRedriven } from '../support/memory-resend.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';
import { MemoryAnchors, MemoryAudit, MemoryExecutions, MemoryRuns } from '../support/memory-runs.ts';
import { MemoryTouched } from '../support/memory-touched.ts';
import { MemoryQueue } from '../support/memory-webhooks.ts';
import { World } from '../support/projector.ts';
import { TENANT } from '../support/records.ts';
import { loopContracts } from '../support/recovery-loop.ts';
import { meaningOf } from '../support/recovery-world.ts';
import { killed, runStateMachine } from '../support/run-state-machine.ts';

const FIRST = 10n ** 55n;
const shardName = (number: number) => `shardId-${String(number).padStart(12, '0')}`;

/** A sharded log with its consumers, and every room of recovery, driven by the state machine as it is deployed. */
class Weir {
  readonly world = new World(loopContracts);
  readonly manifest = new MemoryManifest();
  readonly objects = new Map<string, Uint8Array>();
  readonly runs = new MemoryRuns();
  readonly files = new MemoryRunFiles();
  readonly audit = new MemoryAudit();
  readonly executions = new MemoryExecutions();
  readonly tenants = new MemoryTenants();
  readonly buckets = new MemoryBuckets(loopContracts, this.world.table, () => this.around());
  shards: Shard[] = [0, 1].map((number) => this.#opened(number, []));
  now = Date.parse('2026-11-21T09:00:00.000Z');
  /** What happens around each call of a bucket store, and while somebody waits. */
  around: () => Promise<void> | void = () => {};
  meanwhile: () => Promise<void> | void = () => this.drain();
  readonly #records: LogRecord[] = [];
  readonly #archived = new Map<string, number>();
  readonly #projected = new Map<string, number>();
  #random = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor() {
    this.tenants.names.push(TENANT);
  }

  #opened(number: number, parents: string[]): Shard {
    return { shardId: shardName(number), parents, open: true, startingHashKey: String(number) };
  }

  /** Closes a shard and opens two; the third one never gets anything but marks. */
  split(at: number): void {
    this.records();
    const open = this.shards.filter((shard) => shard.open);
    const parent = open[at % open.length]!;
    const next = this.shards.length;
    this.shards = [
      ...this.shards.map((shard) => (shard === parent ? { ...shard, open: false } : shard)),
      this.#opened(next, [parent.shardId]),
      this.#opened(next + 1, [parent.shardId]),
    ];
  }

  /** Everything in the log, with the shard that took it. */
  records(): readonly LogRecord[] {
    const open = this.shards.filter((shard) => shard.open);
    for (let at = this.#records.length; at < this.world.log.records.length; at++) {
      const { text, partitionKey, explicitHashKey } = this.world.log.records[at]!;
      const hash = [...partitionKey].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7);
      const marked = open.find(({ startingHashKey }) => startingHashKey === explicitHashKey);
      const { shardId } = marked ?? open[hash % open.length]!;
      this.#records.push({
        shardId,
        sequence: String(FIRST + BigInt(at)),
        arrivedMs: this.now,
        data: Buffer.from(text),
      });
    }
    return this.#records;
  }

  async live(events: readonly CloudEvent[]): Promise<void> {
    this.now += 1;
    const base = { tenant: TENANT, producer: 'meter', at: new Date(this.now).toISOString(), receipt: 'r' };
    const entries = events.map((event) => ({
      draft: { ...base, events: [{ schema: 1, event }] },
      partitionKey: partitionKeyOf(TENANT, event.subject),
    }));
    await this.world.log.publish(entries, 0);
    this.records();
  }

  async #consume(at: Map<string, number>, most: number, take: (batch: LogRecord[]) => Promise<unknown>) {
    for (const { shardId, parents } of this.shards) {
      const of = (id: string) => this.records().filter((record) => record.shardId === id);
      if (parents.some((parent) => (at.get(parent) ?? 0) < of(parent).length)) continue;
      const from = at.get(shardId) ?? 0;
      const batch = of(shardId).slice(from, from + most);
      if (batch.length === 0) continue;
      await take(batch);
      at.set(shardId, from + batch.length);
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  archive(most = 1000): Promise<void> {
    const archive = new MemoryArchive(() => {}, this.objects);
    const ports = { archive, manifest: this.manifest, shards: { list: async () => this.shards } };
    return this.#inTurn(() => this.#consume(this.#archived, most, (batch) => archiveBatch(batch, ports)));
  }

  project(most = 1000): Promise<void> {
    return this.#inTurn(() => this.#consume(this.#projected, most, (batch) => this.world.deliver(batch)));
  }

  async drain(): Promise<void> {
    for (let length = -1; length !== this.records().length; ) {
      length = this.records().length;
      for (const _ of this.shards) await this.archive();
      for (const _ of this.shards) await this.project();
    }
  }

  #ports() {
    const shards = { list: async () => this.shards };
    return {
      ...{ contracts: loopContracts, runs: this.runs, files: this.files, audit: this.audit },
      ...{ executions: this.executions, tenants: this.tenants, anchors: new MemoryAnchors() },
      ...{
        archive: new MemoryArchiveReader(this.objects),
        manifest: new MemoryManifestReader(this.manifest, 2),
      },
      ...{ log: this.world.log, shards, passes: this.world.progress, projector: this.world.progress },
      ...{ repairs: { pendingRepairs: async () => 0 }, settings: { concurrency: 3, deepAfterDays: 365 } },
      ...{ concurrency: 3, deliveries: new MemoryQueue(), samples: new MemoryRedriven() },
      ...{
        letters: new MemoryMover(),
        touched: new MemoryTouched(this.world.table, 2),
        buckets: this.buckets,
      },
      // No two things happen at the same time: a mark's is later than all that was acknowledged before it.
      clock: { now: () => ++this.now },
      random: {
        fraction: () => 0.5,
        hex: (bytes: number) => (++this.#random).toString(16).padStart(bytes * 2, 'f'),
      },
      sleep: async (ms: number) => {
        this.records();
        this.now += ms;
        await this.meanwhile();
      },
    };
  }

  readonly rooms = {
    plan: (event: never) => planRun(event, this.#ports(), this.now + 600_000),
    scan: async (event: never) => ({ done: await scanBatch(event, this.#ports()) }),
    fold: async (event: never) => ({ done: await foldPartition(event, this.#ports(), this.now + 800_000) }),
    resend: (event: never) => resendBatch(event, this.#ports(), this.now + 800_000),
    conclude: (event: never) => concludeRun(event, this.#ports()),
  };

  /** Runs a request to its end, resuming it as long as it fails. Each death is the number of a call, and when it comes. */
  async run(asked: object, deaths: readonly Death[] = [], twice = false): Promise<Run> {
    const given = { operator: 'tests', reason: 'to break it', ...asked };
    const request = readRequest(given, this.now) as RunRequest;
    const { requestId } = request;
    await startRun(request, this.#ports());
    let calls = 0;
    const dying = (when: Death['when']) => () => {
      const call = when === 'before' ? ++calls : calls;
      if (deaths.some((death) => death.when === when && death.call === call)) throw killed();
    };
    for (let attempt = 1; ; attempt++) {
      const execution = {
        definition: recoveryDefinition(),
        input: { requestId, attempt },
        files: this.files,
        before: dying('before'),
        after: dying('after'),
        wait: async (seconds: number) => {
          this.now += seconds * 1000;
          await this.meanwhile();
        },
      };
      const rooms = twice ? doubled(this.rooms) : this.rooms;
      await runStateMachine({ ...execution, rooms });
      const run = this.runs.runs.get(requestId)!;
      if (run.status !== 'failed') return run;
      if (attempt > 5) throw new Error(`it fails for ever: ${run.error}`);
      const by = { requestId, operator: 'tests', reason: 'again' };
      await commandRun({ command: 'resume', ...by }, this.#ports());
    }
  }
}

interface Death {
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** As if Lambda had retried each worker while the first still runs. Of the two, one answers. */
function doubled(rooms: Weir['rooms']): Weir['rooms'] {
  const two =
    (room: (event: never) => Promise<unknown>) =>
    async (event: never): Promise<unknown> =>
      (await Promise.all([room(event), room(event)]))[1];
  return {
    ...rooms,
    scan: two(rooms.scan),
    resend: two(rooms.resend),
    fold: two(rooms.fold),
  } as Weir['rooms'];
}

const SUBJECTS = ['alice', 'a#b|c%d', '__proto__', 'constructor', 'x'.repeat(128), '\u{1f600}', '..', ' '];
const anEvent = fc.record({
  subject: fc.constantFrom(...SUBJECTS),
  source: fc.constantFrom('/m', '__proto__', '#|%'),
  time: fc.constantFrom('2026-11-21T07:10:00Z', '2026-11-21T07:10:00.000000001Z', '2026-11-21T08:59:59.999Z'),
  value: fc.constantFrom(1, 2.5, 0.000000001, 999_999_999),
  region: fc.constantFrom('eu', '#|%', '__proto__', 'constructor'),
  user: fc.constantFrom('u', '__proto__', ''),
});
const someEvents = (name: string) =>
  fc.array(anEvent, { minLength: 1, maxLength: 14, size: 'max' }).map((all) =>
    all.map(({ subject, source, time, ...data }, index) => ({
      ...{ specversion: '1.0' as const, id: `${name}-${index}`, type: 'test.every', subject, source, time },
      data: JSON.parse(`{"__proto__": {"value": 7}, ${JSON.stringify(data).slice(1)}`),
    })),
  );
const deaths = fc.array(
  fc.record({
    call: fc.integer({ min: 1, max: 25 }),
    when: fc.constantFrom('before' as const, 'after' as const),
  }),
  { maxLength: 5 },
);

const VERBS = [
  { verb: 'reconcile', repair: true },
  { verb: 'reconcile', repair: false },
  { verb: 'reconcile', identities: true },
  { verb: 'rebuild' },
  { verb: 'preview' },
  { verb: 'replay', from: '2026-01-01T00:00:00Z', rate: 3 },
  { verb: 'verify', certificate: true },
] as const;
const aVerb = fc.constantFrom(...VERBS);

/** What one projector would have made of the whole log, in its order. */
async function projected(weir: Weir) {
  const other = new World(loopContracts);
  await other.deliver([...weir.records()].map((record) => ({ ...record, shardId: shardName(0) })));
  return meaningOf(other.table);
}

const heads = (weir: Weir) => [...weir.world.table.versions.keys()].filter((name) => name.includes(' B#'));

/** Somebody deletes a bucket, or changes one by hand. */
function tamper(weir: Weir, [at, how]: readonly [number, number]): void {
  const all = heads(weir);
  const name = all[at % Math.max(1, all.length)];
  const item = name === undefined ? undefined : weir.world.table.read(name);
  if (!name || !item) return;
  if (how === 0) weir.world.table.versions.delete(name);
  if (how === 1) weir.world.table.write(name, { ...item, m: { M: {} } });
  if (how === 2) weir.world.table.write(name, { ...item, n: { N: '77' } });
  if (how === 3) weir.world.table.write(name, { ...item, ids: { B: Buffer.alloc(16, 7) } });
}

const tampering = fc.array(fc.tuple(fc.nat(20), fc.nat(3)), { maxLength: 4 });

describe('recovery, whole, through the deployed state machine', () => {
  it('P2, P4: repairs what was done by hand, wherever its rooms die, while the log is split and traffic flows', async () => {
    await fc.assert(
      fc.asyncProperty(
        ...([someEvents('old'), someEvents('new'), tampering, deaths, fc.infiniteStream(fc.nat(9))] as const),
        fc.boolean(),
        async (old, fresh, wrong, when, dice, twice) => {
          const weir = new Weir();
          await weir.live(old);
          await weir.drain();
          for (const each of wrong) tamper(weir, each);
          const left = fresh.map((event) => [event]);
          const flow = async () => {
            const roll = dice.next().value;
            if (roll === 0) await weir.live(left.shift() ?? []);
            if (roll === 1) await weir.archive(1);
            if (roll === 2) await weir.project(1);
            if (roll === 3 && weir.shards.length < 8) weir.split(roll + left.length);
          };
          weir.meanwhile = async () => {
            await flow();
            await weir.drain();
          };
          weir.around = flow;
          const run = await weir.run({ verb: 'reconcile', requestId: 'first', repair: true }, when, twice);
          expect(['done', 'differs']).toContain(run.status);
          weir.around = () => {};
          await weir.drain();
          expect(meaningOf(weir.world.table)).toEqual(await projected(weir));
          const again = await weir.run({ verb: 'reconcile', requestId: 'again' });
          expect(again.result?.findings).toEqual([]);
          const proof = await weir.run({ verb: 'verify', requestId: 'proof', certificate: true });
          expect(proof.result?.findings).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  }, 15_000);

  it('P8: runs of any two verbs beside each other change nothing that was right', async () => {
    await fc.assert(
      fc.asyncProperty(
        ...([someEvents('old'), aVerb, aVerb, deaths, fc.infiniteStream(fc.nat(9))] as const),
        async (old, one, other, when, dice) => {
          const weir = new Weir();
          await weir.live(old);
          await weir.drain();
          const before = meaningOf(weir.world.table);
          weir.around = async () => {
            const roll = dice.next().value;
            if (roll === 1) await weir.archive(1);
            if (roll === 2) await weir.project(1);
            if (roll === 3 && weir.shards.length < 8) weir.split(roll);
          };
          await Promise.all([
            weir.run({ requestId: 'one', ...one }, when),
            weir.run({ requestId: 'other', ...other }),
          ]);
          await weir.drain();
          expect(meaningOf(weir.world.table)).toEqual(before);
          for (const name of heads(weir)) expect(weir.world.table.read(name)!.epoch).toEqual({ N: '1' });
        },
      ),
      { numRuns: 40 },
    );
  }, 15_000);

  it('comes to the same, killed or not, as files and as a result', async () => {
    await fc.assert(
      fc.asyncProperty(someEvents('old'), aVerb, deaths, tampering, async (old, verb, when, wrong) => {
        const results: unknown[] = [];
        for (const dying of [[], when]) {
          const weir = new Weir();
          await weir.live(old);
          await weir.drain();
          for (const each of wrong) tamper(weir, each);
          const { status, result } = await weir.run({ requestId: 'run', ...verb }, dying);
          const {
            lagSeconds: _,
            marks: __,
            links: ___,
            objects: ____,
            records: _____,
            ...counts
          } = result!.counts as Record<string, number>;
          results.push({
            status,
            counts,
            kinds: result!.findings.map(({ kind, where }) => `${kind} ${where}`).sort(),
          });
          await weir.drain();
          results.push(meaningOfWhole(weir));
        }
        expect(results.slice(2)).toEqual(results.slice(0, 2));
      }),
      { numRuns: 40 },
    );
  }, 15_000);
});

/** What somebody does to the manifests, of which more than marks has been archived. */
const DAMAGES: readonly ((weir: Weir, at: number) => void)[] = [
  ({ manifest }, at) => manifest.entries.splice(at % manifest.entries.length, 1),
  ({ manifest }, at) => {
    const index = at % manifest.entries.length;
    manifest.entries[index] = { ...manifest.entries[index]!, records: 77 };
  },
  ({ manifest }, at) => manifest.shards.delete([...manifest.shards.keys()][at % manifest.shards.size]!),
];

describe('recovery of a damaged archive', () => {
  it('P3: takes nothing out of state that the manifests have lost, and says what they lack', async () => {
    await fc.assert(
      fc.asyncProperty(
        someEvents('old'),
        fc.constantFrom(...DAMAGES),
        fc.nat(30),
        fc.boolean(),
        async (old, damage, at, isSplit) => {
          const weir = new Weir();
          for (const event of old) {
            await weir.live([event]);
            await weir.drain();
          }
          if (isSplit) weir.split(at);
          await weir.live(old.map((event) => ({ ...event, id: `${event.id} later` })));
          await weir.drain();
          const before = meaningOf(weir.world.table);
          damage(weir, at);
          const { status, result } = await weir.run({ verb: 'reconcile', requestId: 'first', repair: true });
          expect(status).toBe('differs');
          const kinds = new Set(result!.findings.map(({ kind }) => kind));
          expect([...kinds].some((kind) => /^(chain|entry|manifest|head-differs)/.test(kind))).toBe(true);
          await expect(weir.run({ verb: 'rebuild', requestId: 'second' })).rejects.toThrow(/"verify"/);
          expect((await weir.run({ verb: 'preview', requestId: 'third' })).status).toBe('differs');
          await weir.drain();
          expect(meaningOf(weir.world.table)).toEqual(before);
        },
      ),
      { numRuns: 40 },
    );
  }, 15_000);
});

/** Where somebody has damaged a bucket and nobody has mended it, its chain may lead nowhere: then there is no meaning. */
function meaningOfWhole(weir: Weir): unknown {
  try {
    return meaningOf(weir.world.table);
  } catch {
    return 'damaged';
  }
}
