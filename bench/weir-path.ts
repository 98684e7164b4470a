import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoCredentials } from '../lambdas/adapters/dynamo-credentials.ts';
import { DynamoManifest } from '../lambdas/adapters/dynamo-manifest.ts';
import { KinesisLog } from '../lambdas/adapters/kinesis-log.ts';
import { S3Archive } from '../lambdas/adapters/s3-archive.ts';
import { archiveBatch } from '../lambdas/archive/archive-batch.ts';
import type { LogRecord } from '../lambdas/domain/log-record.ts';
import { systemRandom, systemSleep } from '../lambdas/platform/system.ts';
import { PretendBucket } from './emulate/pretend-bucket.ts';
import { PretendLog, SHARD } from './emulate/pretend-log.ts';
import { CONTROL } from './tables.ts';
import { requestOf, startIngest, type TakeEvents } from './weir-ingest.ts';
import { type Project, startProjector } from './weir-projector.ts';
import type { Batch } from './workloads.ts';

/** What an invocation takes of the log: its payload holds records in base64. */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
const BASE64 = 4 / 3;

/** What was asked of AWS, DynamoDB aside: its meter knows that. */
export interface Asked {
  readonly requests: number;
  readonly requestBytes: number;
  /** Invocations of ingest, projector and archive. */
  readonly invocations: number;
  readonly log: Pick<PretendLog, 'calls' | 'records' | 'bytes' | 'putUnits'>;
  readonly objects: number;
  readonly objectBytes: number;
}

/**
 * The product's own code from the request to the archive, on one shard: each request is one invocation of ingest, and
 * its records are one batch of the projector; the archive takes as much as an invocation holds, as it does under load.
 */
export class WeirPath {
  readonly log: PretendLog;
  readonly bucket = new PretendBucket();
  readonly clock = { nowMs: 0, now: () => this.clock.nowMs };
  readonly #takeEvents: TakeEvents;
  readonly #project: Project;
  readonly #manifest: DynamoManifest;
  #unarchived: LogRecord[] = [];
  #unarchivedBytes = 0;
  #requests = 0;
  #requestBytes = 0;
  #invocations = 0;

  /** @param client the one whose calls are counted; its control table holds the bench's credential */
  constructor(client: DynamoDBClient) {
    const clock = this.clock;
    const log = new PretendLog(clock);
    this.log = log;
    const credentials = new DynamoCredentials(client, CONTROL.name);
    this.#takeEvents = startIngest({ client: log, clock, credentials });
    const quarantine = new KinesisLog({
      ...{ client: log, clock, random: systemRandom, sleep: systemSleep, streamName: 'log', build: 'bench' },
    });
    this.#project = startProjector(client, quarantine);
    this.#manifest = new DynamoManifest(client, CONTROL.name);
  }

  async send(batch: Batch): Promise<void> {
    this.clock.nowMs = batch.atMs;
    const request = requestOf(batch);
    this.#requests += 1;
    this.#requestBytes += request.body.length;
    this.#invocations += 1;
    await this.#takeEvents(request);
    await this.project();
  }

  /** Has the projector take what the log holds as one batch, and the archive as much as fills an invocation. */
  async project(): Promise<void> {
    const records = this.log.take();
    if (records.length === 0) return;
    this.#invocations += 1;
    const { failedFrom, errors, conflicts, refused } = await this.#project(records);
    if (failedFrom !== undefined) throw new Error('the projector failed', { cause: errors[0] });
    if (conflicts + refused > 0) throw new Error('the projector refused events of the bench');
    for (const record of records) {
      const bytes = record.data.length * BASE64;
      if (this.#unarchivedBytes + bytes > PAYLOAD_BYTES) await this.#archive();
      this.#unarchived.push(record);
      this.#unarchivedBytes += bytes;
    }
  }

  /** Archives the rest. */
  async finish(): Promise<Asked> {
    await this.#archive();
    return this.asked;
  }

  /** What has been asked so far. */
  get asked(): Asked {
    const { calls, records, bytes, putUnits } = this.log;
    return {
      ...{ requests: this.#requests, requestBytes: this.#requestBytes, invocations: this.#invocations },
      log: { calls, records, bytes, putUnits },
      objects: this.bucket.puts,
      objectBytes: this.bucket.bytesPut,
    };
  }

  async #archive(): Promise<void> {
    if (this.#unarchived.length === 0) return;
    this.#invocations += 1;
    await archiveBatch(this.#unarchived, {
      archive: new S3Archive(this.bucket, 'archive'),
      manifest: this.#manifest,
      shards: { list: async () => [{ shardId: SHARD, open: true, parents: [], startingHashKey: '0' }] },
    });
    this.#unarchived = [];
    this.#unarchivedBytes = 0;
  }
}
