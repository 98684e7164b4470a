import { contracts } from '../../build/contracts/counting.mjs';
import { DynamoCredentials } from '../adapters/dynamo-credentials.ts';
import { DynamoProbeKeys } from '../adapters/dynamo-probe-keys.ts';
import { DynamoUsage } from '../adapters/dynamo-usage.ts';
import { KinesisShards } from '../adapters/kinesis-shards.ts';
import { ShardProgress } from '../adapters/shard-progress.ts';
import { metersOf } from '../domain/count-events.ts';
import { createAuthenticate } from '../platform/authenticate.ts';
import { CachedCredentials } from '../platform/cached-credentials.ts';
import { dynamoClient, kinesisClient, sqsClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { serve } from '../platform/serve.ts';
import { systemClock, systemRandom } from '../platform/system.ts';
import { createAnswerUsage } from './answer-usage.ts';
import type { UsageEnv } from './env.ts';

const env = readEnv<UsageEnv>([
  'STATE_TABLE',
  'CONTROL_TABLE',
  'STREAM_NAME',
  'REPAIR_QUEUE_URL',
  'REPAIR_DEAD_QUEUE_URL',
]);
const ports = { clock: systemClock, random: systemRandom };
const dynamo = dynamoClient();

const answerUsage = createAnswerUsage({
  ...ports,
  contracts,
  authenticate: createAuthenticate({
    ...ports,
    credentials: new CachedCredentials(new DynamoCredentials(dynamo, env.CONTROL_TABLE), systemClock),
    probe: new CachedCredentials(new DynamoProbeKeys(dynamo, env.CONTROL_TABLE), systemClock),
  }),
  usage: new DynamoUsage(dynamo, env.STATE_TABLE, metersOf(contracts)),
  progress: new ShardProgress({
    dynamo,
    controlTable: env.CONTROL_TABLE,
    sqs: sqsClient(),
    repairQueueUrls: [env.REPAIR_QUEUE_URL, env.REPAIR_DEAD_QUEUE_URL],
    shards: new KinesisShards(kinesisClient(3), env.STREAM_NAME),
  }),
});

export const handler = serve({ '/v1/usage': { GET: answerUsage } }, systemRandom);
