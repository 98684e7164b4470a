import { archiveBatch } from '../../lambdas/archive/archive-batch.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { Contracts } from '../../lambdas/domain/contract.ts';
import type { Item } from '../../lambdas/domain/head-item.ts';
import { TOUCHED_SLOTS, touchedKey } from '../../lambdas/domain/keys.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import type { Difference } from '../../lambdas/domain/recovery/difference.ts';
import { replayEntries } from '../../lambdas/domain/recovery/replay-envelope.ts';
import type { RunRequest } from '../../lambdas/domain/recovery/request.ts';
import {
  type MissingEvents,
  type ObjectRef,
  type Plan,
  type Run,
  runFiles,
  type StageResult,
} from '../../lambdas/domain/recovery/run.ts';
import { readDifferences } from '../../lambdas/fold/differences-file.ts';
import { foldPartition } from '../../lambdas/fold/fold-partition.ts';
import { openObject } from '../../lambdas/platform/open-object.ts';
import { putMarks } from '../../lambdas/platform/put-marks.ts';
import { scanBatch } from '../../lambdas/scan/scan-batch.ts';
import { testContracts } from './contracts.ts';
import { MemoryArchiveReader } from './memory-archive-reader.ts';
import { MemoryBuckets } from './memory-buckets.ts';
import { MemoryArchive, MemoryManifest, MemoryManifestReader, MemoryShards } from './memory-consumers.ts';
import { MemoryRunFiles } from './memory-run-files.ts';
import { MemoryRuns } from './memory-runs.ts';
import type { Around } from './memory-state.ts';
import { MemoryTouched } from './memory-touched.ts';
import { World } from './projector.ts';
import { plainValue } from './read-state.ts';
import { SHARD, TENANT } from './records.ts';

const shard = { shardId: SHARD, parents: [], open: true, startingHashKey: '0' };
const START_MS = Date.parse('2026-11-21T10:00:00Z');
const FIRST_SEQUENCE = 10n ** 55n;

/** What a run came to. */
export interface Ran {
  readonly results: readonly StageResult[];
  readonly differences: readonly Difference[];
  /** Kinds of findings, each once, in order. */
  readonly kinds: readonly string[];
}

/**
 * One log in memory with its projector, archive and state, and recovery's stages over all of them. Traffic goes on while a
 * run does: `during` is called around each call that a fold makes.
 */
export class RecoveryWorld {
  readonly projector: World;
  readonly archived = new MemoryArchive();
  readonly manifest = new MemoryManifest();
  readonly reader = new MemoryManifestReader(this.manifest);
  readonly objects = new MemoryArchiveReader(this.archived.objects);
  readonly files = new MemoryRunFiles();
  readonly runs = new MemoryRuns();
  /** Called around each call to a port of the fold. */
  during: Around = () => {};
  /** What happens between the known point and the plan. */
  beforePlan = async () => {};
  /** What happens while the fold waits for the archive. */
  meanwhile = async () => this.archive();
  /** The clock of the run's functions: it goes on by a second with each look. */
  now = START_MS;
  readonly #contracts: Contracts;
  #projected = 0;
  #archivedTo = 0;
  #random = 0;

  constructor(contracts: Contracts = testContracts) {
    this.#contracts = contracts;
    this.projector = new World(contracts);
  }

  get table() {
    return this.projector.table;
  }

  /** Sends events as one envelope. */
  async send(events: readonly CloudEvent[]): Promise<void> {
    const at = '2026-11-21T09:00:00.000Z';
    const draft = {
      ...{ tenant: TENANT, producer: 'meter', at, receipt: 'r-1' },
      events: events.map((event) => ({ schema: 1, event })),
    };
    await this.projector.log.publish([{ draft, partitionKey: 'any' }], 0);
  }

  /** Sends a record of the log again, as a replay does. */
  async replay(index: number): Promise<void> {
    const record = this.records(index, index + 1)[0];
    if (!record) return;
    const text = record.data.toString();
    const arrived = new Date(record.arrivedMs).toISOString();
    const archived = { ...record, arrived, envelope: JSON.parse(text), text };
    await this.projector.log.publish(replayEntries(archived, 'replay', 'all'), 0);
  }

  /** All that the log holds, or a part of it. */
  records(from = 0, to?: number): LogRecord[] {
    return this.projector.log.records.slice(from, to).map(({ text }, index) => ({
      shardId: SHARD,
      sequence: String(FIRST_SEQUENCE + BigInt(from + index)),
      arrivedMs: Date.parse('2026-11-21T09:00:00Z') + (from + index) * 1000,
      data: Buffer.from(text),
    }));
  }

  /** Has some more records counted, or all, one batch after the other. */
  project(most = Number.POSITIVE_INFINITY): Promise<void> {
    return this.#inTurn(async () => {
      const records = this.records(this.#projected, this.#projected + most);
      await this.projector.deliver(records);
      this.#projected += records.length;
    });
  }

  #last: Promise<unknown> = Promise.resolve();

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Has the projector pass over records without counting them: what a given-up range is. */
  skip(count: number): void {
    this.#projected = Math.min(this.#projected + count, this.projector.log.records.length);
  }

  archive(most = Number.POSITIVE_INFINITY): Promise<void> {
    return this.#inTurn(async () => {
      const records = this.records(this.#archivedTo, this.#archivedTo + most);
      if (records.length === 0) return;
      const shards = new MemoryShards([shard]);
      await archiveBatch(records, { archive: this.archived, manifest: this.manifest, shards });
      this.#archivedTo += records.length;
    });
  }

  /** Has the archive pass over records without keeping them, as it never should. */
  archiveNothing(count: number): void {
    this.#archivedTo += count;
  }

  /** Until nobody has anything left to do. */
  async drain(): Promise<void> {
    while (this.#projected < this.projector.log.records.length) await this.project();
    await this.archive();
  }

  #clock = { now: () => (this.now += 1000) };

  #ports(around: Around) {
    const watch = <T extends object>(port: T): T => watched(port, around);
    return {
      contracts: this.#contracts,
      files: watch(this.files),
      runs: this.runs,
      buckets: new MemoryBuckets(this.#contracts, this.table, around),
      manifest: this.reader,
      archive: watch(this.objects),
      shards: new MemoryShards([shard]),
      log: watch(this.projector.log),
      clock: this.#clock,
      random: {
        fraction: () => 0.5,
        hex: (bytes: number) => (++this.#random).toString(16).padStart(bytes * 2, 'f'),
      },
      sleep: async () => {
        await this.meanwhile();
      },
    };
  }

  /** Waits at a known point, and reads the archive for the run. */
  async prepare(request: RunRequest, partitions = 1): Promise<Plan> {
    const { requestId } = request;
    if (!this.runs.runs.has(requestId)) this.setStatus(request, 'running');
    await putMarks(
      this.#ports(() => {}),
      Number.POSITIVE_INFINITY,
    );
    await this.drain();
    await this.beforePlan();
    const plan: Plan = {
      request,
      summary: { objects: 0, records: 0, events: 0, bytes: 0, batches: 2, partitions, minutes: 1 },
      knownAt: new Date(this.now).toISOString(),
      archivedTo: { [SHARD]: this.manifest.heads.get(SHARD)!.last },
      projectedTo: { [SHARD]: this.projector.progress.passes.get(SHARD)!.sequence },
    };
    await this.#putJson(requestId, runFiles.plan, plan);
    const objects: readonly ObjectRef[] = this.manifest.entries;
    await this.#putJson(requestId, runFiles.batch(0), { kind: 'objects', number: 0, objects });
    const touched = Array.from({ length: TOUCHED_SLOTS }, (_, slot) => touchedKey(TENANT, '2026-11', slot));
    await this.#putJson(requestId, runFiles.batch(1), { kind: 'heads', number: 1, touched });
    for (const number of [0, 1]) {
      const batch = `runs/${requestId}/${runFiles.batch(number)}`;
      const ports = { ...this.#ports(() => {}), touched: new MemoryTouched(this.table) };
      await scanBatch({ requestId, attempt: 1, batch }, ports);
    }
    return plan;
  }

  /** Folds all partitions of a run that is prepared. */
  async fold({ requestId }: RunRequest, partitions = 1): Promise<Ran> {
    for (let partition = 0; partition < partitions; partition++) {
      const event = {
        requestId,
        attempt: 1,
        partition: `runs/${requestId}/${runFiles.partition(partition)}`,
      };
      await foldPartition(
        event,
        this.#ports((operation, moment) => this.during(operation, moment)),
        Number.POSITIVE_INFINITY,
      );
    }
    return this.ran(requestId, partitions);
  }

  async run(request: RunRequest, partitions = 1): Promise<Ran> {
    await this.prepare(request, partitions);
    return this.fold(request, partitions);
  }

  async ran(requestId: string, partitions: number): Promise<Ran> {
    const results: StageResult[] = [];
    const differences: Difference[] = [];
    for (let partition = 0; partition < partitions; partition++) {
      const bytes = await this.files.get(requestId, runFiles.folded(partition));
      results.push(JSON.parse(bytes!.toString()));
      differences.push(...(await readDifferences(this.files, requestId, runFiles.differences(partition))));
    }
    const kinds = new Set(results.flatMap(({ findings }) => findings.map(({ kind }) => kind)));
    return { results, differences, kinds: [...kinds].sort() };
  }

  /** Sends again what the run has listed as missing, and has it counted. */
  async resendMissing(requestId: string): Promise<void> {
    for (const name of await this.files.list(requestId, 'missing/')) {
      const { objects } = JSON.parse((await this.files.get(requestId, name))!.toString()) as MissingEvents;
      for (const { key, shardId, first, places } of objects) {
        const entry = await this.reader.entry(shardId, first);
        if (entry?.key !== key) throw new Error(`the manifest has no ${key} at ${first}`);
        const opened = await openObject(this.objects, entry);
        if ('damage' in opened) throw new Error(opened.damage.detail);
        for (const [sequence, index] of places) {
          const record = opened.records.find((each) => each.sequence === sequence)!;
          await this.projector.log.publish(replayEntries(record, requestId, [index]), 0);
        }
      }
    }
    await this.drain();
  }

  /** Of its first attempt, or of a later one. */
  setStatus(request: RunRequest, status: Run['status'], attempt = 1): void {
    const run: Run = { request, attempt, status, startedAt: '2026-11-21T10:00:00.000Z' };
    this.runs.runs.set(request.requestId, run);
  }

  async #putJson(requestId: string, name: string, value: unknown): Promise<void> {
    await this.files.put(requestId, name, Buffer.from(JSON.stringify(value)));
  }
}

/** The port, with `around` called before and after each of its methods. */
function watched<T extends object>(port: T, around: Around): T {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        await around(String(name), 'before');
        const result: unknown = await value.apply(target, args);
        await around(String(name), 'after');
        return result;
      };
    },
  });
}

/** What counts of every bucket: not how often it was written, nor where its ids stand. Empty ones count as none. */
export function meaningOf(table: World['table']): Record<string, unknown> {
  const meaning: Record<string, unknown> = {};
  for (const [name, versions] of table.versions) {
    const at = name.lastIndexOf(' ');
    const [pk, sk] = [name.slice(0, at), name.slice(at + 1)];
    const head = plain(versions.at(-1)!);
    if (!sk.startsWith('B#') || head.n === '0') continue;
    const { n, m, digest, first, last, lt } = head;
    meaning[name] = { n, m, digest, first, last, lt, ...entriesOf(head, pk, table) };
  }
  return meaning;
}

/** Ids and values of head and pages, in order, with all their sixteen bytes. */
function entriesOf(head: Record<string, unknown>, pk: string, table: World['table']) {
  const ids: string[] = [];
  const values: Record<string, string[]> = {};
  for (let item: Record<string, unknown> | undefined = head; item; ) {
    ids.push(...cut(item.ids));
    for (const [meter, groups] of Object.entries((item.values ?? {}) as Record<string, object>)) {
      for (const [group, hashes] of Object.entries(groups)) {
        const name = `${meter} ${group}`;
        values[name] = [...(values[name] ?? []), ...cut(hashes)];
      }
    }
    const next = (item.tail ?? item.prev) as string | undefined;
    const page = next === undefined ? undefined : table.read(`${pk} ${next}`);
    if (next !== undefined && !page) throw new Error(`the chain names ${next}, which is not there`);
    item = page && plain(page);
  }
  for (const all of Object.values(values)) all.sort();
  return { ids: ids.sort(), values };
}

function cut(hex: unknown): string[] {
  return typeof hex === 'string' ? (hex.match(/.{32}/g) ?? []) : [];
}

function plain(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}
