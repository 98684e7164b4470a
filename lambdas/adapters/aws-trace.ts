import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Contracts } from '../domain/contract.ts';
import type { Clock, Sleep } from '../domain/ports.ts';
import type { TracePorts } from '../domain/trace/ports.ts';
import { readIntact } from '../platform/open-object.ts';
import { DynamoBuckets } from './dynamo-buckets.ts';
import { DynamoManifest } from './dynamo-manifest.ts';
import { DynamoProgress } from './dynamo-progress.ts';
import { KinesisShards } from './kinesis-shards.ts';
import { KinesisTail } from './kinesis-tail.ts';
import { S3Archive } from './s3-archive.ts';
import { ShardProgress } from './shard-progress.ts';

/** Where a deployment keeps what a trace looks at. */
export interface TraceAt {
  readonly dynamo: Pick<DynamoDBClient, 'send'>;
  readonly s3: Pick<S3Client, 'send'>;
  readonly kinesis: Pick<KinesisClient, 'send'>;
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly stateTable: string;
  readonly controlTable: string;
  readonly archiveBucket: string;
  readonly stream: string;
  /** Where what the projector gave up waits: for `repair`, and for an operator. */
  readonly repairQueueUrls: readonly string[];
  readonly contracts: Contracts;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** What a trace looks at, of a deployment. */
export function awsTrace({ dynamo, s3, kinesis, sqs, contracts, clock, sleep, ...at }: TraceAt): TracePorts {
  const archive = new S3Archive(s3, at.archiveBucket);
  const shards = new KinesisShards(kinesis, at.stream);
  const { controlTable, repairQueueUrls } = at;
  return {
    contracts,
    manifest: new DynamoManifest(dynamo, at.controlTable),
    readObject: (object) => readIntact(archive, object),
    shards,
    tail: new KinesisTail(kinesis, at.stream, sleep),
    passes: new DynamoProgress(dynamo, controlTable, 'project'),
    repairs: new ShardProgress({ dynamo, controlTable, shards, sqs, repairQueueUrls }),
    buckets: new DynamoBuckets(dynamo, at.stateTable, contracts),
    now: () => clock.now(),
  };
}
