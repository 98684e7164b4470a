import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  KinesisClient,
  SplitShardCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import {
  CreateBucketCommand,
  GetObjectCommand,
  NoSuchKey,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoManifest, manifestKey } from '../../lambdas/adapters/dynamo-manifest.ts';
import { DynamoProgress, progressKey } from '../../lambdas/adapters/dynamo-progress.ts';
import { DynamoSamples, samplesKey } from '../../lambdas/adapters/dynamo-samples.ts';
import { DynamoState } from '../../lambdas/adapters/dynamo-state.ts';
import { KinesisShards } from '../../lambdas/adapters/kinesis-shards.ts';
import { S3Archive } from '../../lambdas/adapters/s3-archive.ts';
import type { Few, ManifestEntry } from '../../lambdas/domain/manifest.ts';
import type { QuarantineSample } from '../../lambdas/domain/state-store.ts';
import { describeArchiveStoreContract } from '../contract/archive-store.ts';
import { describeManifestStoreContract } from '../contract/manifest-store.ts';
import { describeProgressContract } from '../contract/progress.ts';
import { describeSamplesContract } from '../contract/samples.ts';
import { describeStateStoreContract } from '../contract/state-store.ts';
import { testContracts } from '../support/contracts.ts';
import { emulator, eventually } from '../support/localstack.ts';

// The contracts that hold the fakes (test/unit/fakes.test.ts), on the real adapters, with tables of this file's own.

const { endpoint, region, credentials } = await emulator();
const client = { endpoint, region, credentials, requestHandler: new NodeHttpHandler() };
const dynamo = new DynamoDBClient(client);
const kinesis = new KinesisClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });
const name = `adapters-${randomUUID()}`;

beforeAll(async () => {
  await dynamo.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 60, minDelay: 1 }, { TableName: name });
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }),
  );
});
afterAll(async () => {
  await dynamo.send(new DeleteTableCommand({ TableName: name }));
});

async function itemAt(pk: string, sk: string): Promise<Record<string, AttributeValue> | undefined> {
  const { Item } = await dynamo.send(
    new GetItemCommand({ TableName: name, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
  );
  return Item;
}

describeStateStoreContract('DynamoDB', () => new DynamoState(dynamo, name, testContracts));

const listOf = (value: AttributeValue | undefined) => value!.L!.map(({ S }) => S!);
const fewOf = (value: AttributeValue | undefined): Few => (value!.S === 'many' ? 'many' : listOf(value));
const rangeOf = (value: AttributeValue | undefined) => {
  const [from, to] = listOf(value);
  return { from: from!, to: to! };
};

/** An entry as `DynamoManifest` writes it; recovery will read them. */
function readEntry(shardId: string, item: Record<string, AttributeValue>): ManifestEntry {
  const texts = ['key', 'first', 'last', 'sha256', 'versionId', 'chain'].map((attribute) => [
    attribute,
    item[attribute]!.S,
  ]);
  const numbers = ['records', 'events', 'bytes'].map((attribute) => [attribute, Number(item[attribute]!.N)]);
  return {
    ...Object.fromEntries([...texts, ...numbers]),
    ...{ shardId, arrived: rangeOf(item.arrived) },
    ...{ tenants: fewOf(item.tenants), types: fewOf(item.types), fingerprints: fewOf(item.fingerprints) },
    ...(item.times && { times: rangeOf(item.times) }),
    ...(item.mark && { mark: item.mark.S }),
  };
}

describeManifestStoreContract('DynamoDB', () => ({
  store: new DynamoManifest(dynamo, name),
  entries: async (shardId) => {
    const { Items } = await dynamo.send(
      new QueryCommand({
        TableName: name,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :objects)',
        ExpressionAttributeValues: { ':pk': { S: manifestKey(shardId) }, ':objects': { S: 'O#' } },
        ConsistentRead: true,
      }),
    );
    return Items!.map((item) => readEntry(shardId, item));
  },
}));

describeArchiveStoreContract('S3', () => ({
  store: new S3Archive(s3, name),
  read: async (key) => {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: name, Key: key }));
      return Buffer.from(await Body!.transformToByteArray());
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  },
}));

describeProgressContract('DynamoDB', () => ({
  progress: new DynamoProgress(dynamo, name, 'contract'),
  read: async (shardId) => {
    const item = await itemAt(progressKey('contract'), shardId);
    return item && { mark: item.mark!.S!, sequence: item.seq!.S! };
  },
}));

describeSamplesContract('DynamoDB', () => ({
  samples: new DynamoSamples(dynamo, name),
  find: async (tenant, fingerprint) => {
    const item = await itemAt(samplesKey(tenant), fingerprint);
    if (!item) return undefined;
    const { pk: _pk, sk: _sk, ...rest } = item;
    const plain = Object.entries(rest).map(([key, { S, N }]) => [key, N === undefined ? S : Number(N)]);
    return { ...Object.fromEntries(plain), fingerprint } as QuarantineSample;
  },
}));

describe('shards: Kinesis', () => {
  it('are listed with their parents, and closed ones as closed', async () => {
    await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }));
    await waitUntilStreamExists({ client: kinesis, maxWaitTime: 60, minDelay: 1 }, { StreamName: name });
    const shards = new KinesisShards(kinesis, name);
    const [parent] = await shards.list();
    expect(parent).toMatchObject({ parents: [], open: true, startingHashKey: '0' });
    const middle = String(2n ** 127n);
    await kinesis.send(
      new SplitShardCommand({ StreamName: name, ShardToSplit: parent!.shardId, NewStartingHashKey: middle }),
    );
    const split = await eventually('the split', async () => {
      const listed = await shards.list();
      return listed.length === 3 ? listed : undefined;
    });
    expect(split[0]).toEqual({ ...parent, open: false });
    expect(split.slice(1)).toMatchObject([
      { parents: [parent!.shardId], open: true, startingHashKey: '0' },
      { parents: [parent!.shardId], open: true, startingHashKey: middle },
    ]);
    await waitUntilStreamExists({ client: kinesis, maxWaitTime: 60, minDelay: 1 }, { StreamName: name });
    await kinesis.send(new DeleteStreamCommand({ StreamName: name }));
  });
});
