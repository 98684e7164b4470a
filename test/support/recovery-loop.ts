import { archiveBatch } from '../../lambdas/archive/archive-batch.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { ValidatingContract, Validator } from '../../lambdas/domain/contract.ts';
import type { LogEntry } from '../../lambdas/domain/log.ts';
import { decodeEnvelope, type LogRecord } from '../../lambdas/domain/log-record.ts';
import { partitionKeyOf } from '../../lambdas/domain/partition-key.ts';
import type { ReplayRequest, RunRequest } from '../../lambdas/domain/recovery/request.ts';
import { type Batch, type MissingEvents, type Plan, runFiles } from '../../lambdas/domain/recovery/run.ts';
import { type RepairPorts, repairMessage } from '../../lambdas/repair/repair-message.ts';
import { type ResendOutput, type ResendPorts, resendBatch } from '../../lambdas/resend/resend-batch.ts';
import { testContracts } from './contracts.ts';
import { MemoryArchiveReader } from './memory-archive-reader.ts';
import { MemoryArchive, MemoryManifest, MemoryManifestReader, MemoryShards } from './memory-consumers.ts';
import { MemoryMover, MemoryRedriven, MemoryRepairDead, MemoryRepairNotes } from './memory-resend.ts';
import { MemoryRunFiles } from './memory-run-files.ts';
import { MemoryAudit, MemoryRuns } from './memory-runs.ts';
import { MemoryQueue } from './memory-webhooks.ts';
import { World } from './projector.ts';
import { SHARD, TENANT } from './records.ts';
import { validatingContracts } from './validating-contracts.ts';

const anything = Object.assign(() => true, { errors: null }) as unknown as Validator;
const every = {
  ...testContracts.get('test.every')!,
  versions: new Map([[1, anything]]),
} as ValidatingContract;
export const loopContracts = new Map([...validatingContracts, [every.type, every]]);

export const START = Date.parse('2026-11-21T09:00:00.000Z');
const FIRST = 10n ** 55n;

/** What is asked of a replay, unless a test says otherwise. */
export const replayOf = (more: Partial<ReplayRequest> = {}): ReplayRequest => ({
  ...{ verb: 'replay', requestId: 'r1', operator: 'ops', reason: 'a test', dryRun: false },
  ...{ rate: 100, maxLagSeconds: 30 },
  ...more,
});

/**
 * The log with its two consumers and the way back, in one process: one shard, whose records are archived and projected
 * when a test says so, or as time passes.
 */
export class RecoveryLoop {
  readonly world = new World(loopContracts);
  readonly manifest = new MemoryManifest();
  readonly objects = new Map<string, Uint8Array>();
  readonly shards = new MemoryShards([{ shardId: SHARD, parents: [], open: true, startingHashKey: '0' }]);
  readonly runs = new MemoryRuns();
  readonly files = new MemoryRunFiles();
  readonly queue = new MemoryQueue();
  readonly mover = new MemoryMover();
  readonly redriven = new MemoryRedriven();
  readonly notes = new MemoryRepairNotes();
  readonly dead = new MemoryRepairDead();
  readonly audit = new MemoryAudit();
  now = START;
  /** Called whenever somebody waits: by default both consumers keep up. */
  meanwhile: () => Promise<void> | void = () => this.drain();
  /** What the projector is brought of the log; the rest it has given up. */
  gaveUp: (record: LogRecord) => boolean = () => false;
  #archived = 0;
  #projected = 0;
  #draining: Promise<void> = Promise.resolve();
  readonly #arrivals: number[] = [];

  /** The log as its readers see it. */
  records(): LogRecord[] {
    return this.world.log.records.map(({ text }, index) => {
      this.#arrivals[index] ??= this.now;
      return {
        shardId: SHARD,
        sequence: String(FIRST + BigInt(index)),
        arrivedMs: this.#arrivals[index],
        data: Buffer.from(text),
      };
    });
  }

  /** Publishes events as ingest does: each by itself, or those of one subject together. */
  async live(events: readonly CloudEvent[], together = false): Promise<void> {
    const base = { tenant: TENANT, producer: 'meter', at: new Date(this.now).toISOString(), receipt: 'r-1' };
    const groups = together ? [events] : events.map((event) => [event]);
    const entries = groups.map(
      (group): LogEntry => ({
        draft: { ...base, events: group.map((event) => ({ schema: 1, event })) },
        partitionKey: partitionKeyOf(TENANT, group[0]!.subject),
      }),
    );
    await this.world.log.publish(entries, 0);
    this.records();
  }

  async mark(): Promise<void> {
    const mark = new Date(this.now).toISOString();
    await this.world.log.publish([{ draft: { mark, at: mark }, partitionKey: 'mark' }], 0);
    this.records();
  }

  /** Archives what is not archived yet, in one object. */
  async archive(most = Number.POSITIVE_INFINITY): Promise<void> {
    const batch = this.records().slice(this.#archived, this.#archived + most);
    if (batch.length === 0) return;
    const archive = new MemoryArchive(() => {}, this.objects);
    await archiveBatch(batch, { archive, manifest: this.manifest, shards: this.shards });
    this.#archived += batch.length;
  }

  async project(most = Number.POSITIVE_INFINITY): Promise<void> {
    const batch = this.records().slice(this.#projected, this.#projected + most);
    this.#projected += batch.length;
    await this.world.deliver(batch.filter((record) => !this.gaveUp(record)));
    this.records();
  }

  /** Both consumers take all that there is, also what the projector itself has written meanwhile. */
  drain(): Promise<void> {
    // Who waits at the same time waits for the same.
    this.#draining = this.#draining.then(() => this.#drain());
    return this.#draining;
  }

  async #drain(): Promise<void> {
    for (let length = -1; length !== this.world.log.records.length; ) {
      length = this.world.log.records.length;
      await this.archive();
      await this.project();
    }
  }

  /** Begins a run with one batch of all archived objects, as `recover` and `plan` do. */
  async begin(request: RunRequest, missing?: MissingEvents): Promise<string> {
    const { requestId } = request;
    const startedAt = new Date(this.now).toISOString();
    await this.runs.add({ request, attempt: 1, status: 'running', startedAt });
    const summary = { objects: 0, records: 0, events: 0, bytes: 0, batches: 1, partitions: 0, minutes: 0 };
    const plan: Plan = { request, summary, knownAt: startedAt, archivedTo: {}, projectedTo: {} };
    const put = (name: string, value: unknown) =>
      this.files.put(requestId, name, Buffer.from(JSON.stringify(value)));
    await put(runFiles.plan, plan);
    const batch: Batch = { kind: 'objects', number: 0, objects: [...this.manifest.entries] };
    const name = missing ? runFiles.missing(0) : runFiles.batch(0);
    await put(name, missing ?? batch);
    return `runs/${requestId}/${name}`;
  }

  resendPorts(more: Partial<ResendPorts> = {}): ResendPorts {
    return {
      ...this.#common(),
      contracts: loopContracts,
      runs: this.runs,
      files: this.files,
      deliveries: this.queue,
      samples: this.redriven,
      letters: this.mover,
      concurrency: 40,
      ...more,
    };
  }

  repairPorts(more: Partial<RepairPorts> = {}): RepairPorts {
    return {
      ...this.#common(),
      notes: this.notes,
      deadLetters: this.dead,
      audit: this.audit,
      ...more,
    };
  }

  #common() {
    return {
      archive: new MemoryArchiveReader(this.objects),
      manifest: new MemoryManifestReader(this.manifest),
      log: this.world.log,
      shards: this.shards,
      passes: this.world.progress,
      clock: { now: () => this.now },
      random: { fraction: () => 0.5, hex: (bytes: number) => '0'.repeat(bytes * 2) },
      sleep: async (ms: number) => {
        this.records();
        this.now += ms;
        await this.meanwhile();
      },
    };
  }

  /** One invocation of `resend` that has so long. */
  resend(batch: string, ms = 840_000, ports = this.resendPorts()): Promise<ResendOutput> {
    const requestId = batch.split('/')[1]!;
    return resendBatch({ requestId, attempt: 1, batch }, ports, this.now + ms);
  }

  /** Runs a request to its end, as the state machine does. */
  async run(request: RunRequest, missing?: MissingEvents, ms?: number) {
    const batch = await this.begin(request, missing);
    while (!(await this.resend(batch, ms)).done);
    return this.result(request.requestId);
  }

  result(requestId: string) {
    const file = [...this.files.files].find(([name]) => name.startsWith(`${requestId}/resent/`));
    return file && JSON.parse(file[1].toString());
  }

  repair(messageId: string, body: string, ms = 100_000, ports = this.repairPorts()) {
    return repairMessage({ messageId, body }, ports, this.now + ms);
  }

  /** What went into the log from this record on, marks left out. */
  sentSince(length: number) {
    return this.records()
      .slice(length)
      .flatMap(({ data }) => decodeEnvelope(data) ?? [])
      .filter((envelope) => !('mark' in envelope));
  }
}

/** What the mapping sends for a range: AWS Lambda guide, "On-failure destinations" of Kinesis. */
export function pointer(
  records: readonly LogRecord[],
  condition = 'RetryAttemptsExhausted',
  atMs = START,
): string {
  const at = (record: LogRecord) => new Date(record.arrivedMs).toISOString();
  return JSON.stringify({
    requestContext: {
      requestId: 'c9b8fa9f-5a7f-4b5c-af9c-0c604cde93a5',
      functionArn: 'arn:aws:lambda:us-east-1:111122223333:function:weir-project',
      condition,
      approximateInvokeCount: 6,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: new Date(atMs).toISOString(),
    KinesisBatchInfo: {
      shardId: records[0]!.shardId,
      startSequenceNumber: records[0]!.sequence,
      endSequenceNumber: records.at(-1)!.sequence,
      approximateArrivalOfFirstRecord: at(records[0]!),
      approximateArrivalOfLastRecord: at(records.at(-1)!),
      batchSize: records.length,
      streamArn: 'arn:aws:kinesis:us-east-1:111122223333:stream/weir-log',
    },
  });
}
