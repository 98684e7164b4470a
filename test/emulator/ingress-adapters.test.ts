import { hash, randomUUID } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-kinesis';
import { encodeCredential } from '../../cli/producers/producer.ts';
import { DynamoCredentials } from '../../lambdas/adapters/dynamo-credentials.ts';
import { DynamoFingerprints } from '../../lambdas/adapters/dynamo-fingerprints.ts';
import { DynamoState } from '../../lambdas/adapters/dynamo-state.ts';
import { DynamoUsage } from '../../lambdas/adapters/dynamo-usage.ts';
import { KinesisLog } from '../../lambdas/adapters/kinesis-log.ts';
import { KinesisShards } from '../../lambdas/adapters/kinesis-shards.ts';
import { metersOf } from '../../lambdas/domain/count-events.ts';
import { systemClock, systemRandom, systemSleep } from '../../lambdas/platform/system.ts';
import { describeCredentialStoreContract } from '../contract/credential-store.ts';
import { describeFingerprintRegistryContract } from '../contract/fingerprint-registry.ts';
import { describeLogWriterContract } from '../contract/log-writer.ts';
import { describeUsageReaderContract } from '../contract/usage-reader.ts';
import { testContracts } from '../support/contracts.ts';
import { deployed } from '../support/deployed.ts';
import { aws } from '../support/pipeline.ts';

const { ControlTable, StateTable, Stream } = deployed();

describeCredentialStoreContract('DynamoDB, as the CLI writes it', async (given) => {
  for (const [key, { tenant, producer, types, scopes, status, expiresMs }] of given) {
    const keyHash = hash('sha256', key);
    const expires = expiresMs === undefined ? {} : { expires: new Date(expiresMs).toISOString() };
    const made = {
      keyId: keyHash.slice(0, 12),
      hash: keyHash,
      apiKeyId: 'none',
      status,
      created: '',
      ...expires,
    };
    const Item = encodeCredential({ tenant, producer, types, scopes }, made);
    await aws.dynamo.send(new PutItemCommand({ TableName: ControlTable, Item }));
  }
  return new DynamoCredentials(aws.dynamo, ControlTable);
});

const run = randomUUID();
describeFingerprintRegistryContract('DynamoDB', () => new DynamoFingerprints(aws.dynamo, ControlTable), run);

describeLogWriterContract('Kinesis', async () => {
  const log = new KinesisLog({
    client: aws.kinesis,
    streamName: Stream,
    build: 'contract',
    clock: systemClock,
    random: systemRandom,
    sleep: systemSleep,
  });
  const since = new Date(Date.now() - 1_000);
  return { log, texts: () => readStream(since) };
});

/** What came since a moment, shard after shard: the stream holds what other tests wrote too. */
async function readStream(since: Date): Promise<string[]> {
  const texts: string[] = [];
  for (const { shardId } of await new KinesisShards(aws.kinesis, Stream).list()) {
    const start = {
      StreamName: Stream,
      ShardId: shardId,
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp: since,
    } as const;
    let next = (await aws.kinesis.send(new GetShardIteratorCommand(start))).ShardIterator;
    for (let behind = 1; next !== undefined && behind > 0; ) {
      const answer = await aws.kinesis.send(new GetRecordsCommand({ ShardIterator: next }));
      texts.push(...(answer.Records ?? []).map(({ Data }) => Buffer.from(Data!).toString('utf8')));
      behind = answer.MillisBehindLatest ?? 0;
      next = answer.NextShardIterator;
    }
  }
  return texts;
}

describeUsageReaderContract(
  'DynamoDB',
  async () => ({
    reader: new DynamoUsage(aws.dynamo, StateTable, metersOf(testContracts)),
    state: new DynamoState(aws.dynamo, StateTable, testContracts),
  }),
  `contract-${run}`,
);
