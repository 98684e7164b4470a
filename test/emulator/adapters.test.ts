import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
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
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listTenant } from '../../cli/platform/tenant-items.ts';
import { DynamoManifest } from '../../lambdas/adapters/dynamo-manifest.ts';
import { DynamoProgress } from '../../lambdas/adapters/dynamo-progress.ts';
import { DynamoSamples, samplesKey } from '../../lambdas/adapters/dynamo-samples.ts';
import { DynamoState } from '../../lambdas/adapters/dynamo-state.ts';
import { DynamoTenants } from '../../lambdas/adapters/dynamo-tenants.ts';
import { DynamoTouched } from '../../lambdas/adapters/dynamo-touched.ts';
import { KinesisShards } from '../../lambdas/adapters/kinesis-shards.ts';
import { S3Archive } from '../../lambdas/adapters/s3-archive.ts';
import { S3RunFiles } from '../../lambdas/adapters/s3-run-files.ts';
import type { QuarantineSample } from '../../lambdas/domain/state-store.ts';
import { describeArchiveReaderContract } from '../contract/archive-reader.ts';
import { describeArchiveStoreContract } from '../contract/archive-store.ts';
import { describeManifestStoreContract } from '../contract/manifest-store.ts';
import { describeProgressContract } from '../contract/progress.ts';
import { describeRunFilesContract } from '../contract/run-files.ts';
import { describeSamplesContract } from '../contract/samples.ts';
import { describeStateStoreContract } from '../contract/state-store.ts';
import { describeTenantsContract } from '../contract/tenants.ts';
import { describeTouchedIndexContract } from '../contract/touched-index.ts';
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
      AttributeDefinitions: ['pk', 'sk', 'touched'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'touched',
          KeySchema: [
            { AttributeName: 'touched', KeyType: 'HASH' },
            { AttributeName: 'pk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
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

describeManifestStoreContract('DynamoDB', () => {
  const manifest = new DynamoManifest(dynamo, name);
  return { store: manifest, reader: manifest };
});

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

describeArchiveReaderContract('S3', () => ({
  reader: new S3Archive(s3, name),
  put: async (Key, Body, StorageClass = 'STANDARD') => {
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: name, Key, Body, StorageClass }));
    return VersionId!;
  },
  removeVersion: async (Key, VersionId) => {
    await s3.send(new DeleteObjectCommand({ Bucket: name, Key, VersionId }));
  },
  // LocalStack restores at once.
  finishRestoring: async () => {},
}));

describeRunFilesContract('S3', () => new S3RunFiles(s3, name));

describeTenantsContract('DynamoDB', () => ({
  tenants: new DynamoTenants(dynamo, name),
  add: (tenant) => listTenant({ client: dynamo, table: name }, tenant),
}));

describeTouchedIndexContract('DynamoDB', () => ({
  index: new DynamoTouched(dynamo, name),
  put: async (Item) => {
    await dynamo.send(
      new PutItemCommand({ TableName: name, Item: Item as unknown as Record<string, AttributeValue> }),
    );
  },
}));

describeProgressContract('DynamoDB', () => new DynamoProgress(dynamo, name, 'contract'));

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
