import { contracts } from '../../build/contracts/validating.mjs';
import { DynamoActivity } from '../adapters/dynamo-activity.ts';
import { DynamoControl } from '../adapters/dynamo-control.ts';
import { DynamoCredentials } from '../adapters/dynamo-credentials.ts';
import { DynamoFingerprints } from '../adapters/dynamo-fingerprints.ts';
import { DynamoProbeKeys } from '../adapters/dynamo-probe-keys.ts';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { createAuthenticate } from '../platform/authenticate.ts';
import { CachedControl } from '../platform/cached-control.ts';
import { CachedCredentials } from '../platform/cached-credentials.ts';
import { dynamoClient, dynamoOnce, kinesisClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { reportRefusal } from '../platform/report-refusal.ts';
import { serve } from '../platform/serve.ts';
import { systemClock, systemRandom, systemSleep } from '../platform/system.ts';
import type { IngestEnv } from './env.ts';
import { RecordActivity } from './record-activity.ts';
import { reportTally } from './report-tally.ts';
import { createTakeEvents } from './take-events.ts';

const env = readEnv<IngestEnv>(['STREAM_NAME', 'CONTROL_TABLE', 'BUILD']);
const ports = { clock: systemClock, random: systemRandom, sleep: systemSleep };
const dynamo = dynamoClient();

const takeEvents = createTakeEvents({
  ...ports,
  contracts,
  authenticate: createAuthenticate({
    ...ports,
    credentials: new CachedCredentials(new DynamoCredentials(dynamo, env.CONTROL_TABLE), systemClock),
    probe: new CachedCredentials(new DynamoProbeKeys(dynamo, env.CONTROL_TABLE), systemClock),
  }),
  control: new CachedControl({
    ...ports,
    store: new DynamoControl(dynamo, env.CONTROL_TABLE),
    report: (error) => {
      count({ controlFailures: 1 });
      logger.error('control not read; going by what was last known', error as Error);
    },
  }),
  activity: new RecordActivity({
    ...ports,
    activity: new DynamoActivity(dynamoOnce(dynamo), env.CONTROL_TABLE),
    report: () => count({ activityFailures: 1 }),
  }),
  log: new KinesisLog({
    ...ports,
    client: kinesisClient(),
    streamName: env.STREAM_NAME,
    build: env.BUILD,
    report: reportRefusal,
  }),
  fingerprints: new DynamoFingerprints(dynamo, env.CONTROL_TABLE),
  report: reportTally,
});

export const handler = serve(
  {
    '/v1/events': { POST: takeEvents },
    '/health': {
      GET: async () => ({ status: 200, body: JSON.stringify({ status: 'ok', build: env.BUILD }) }),
    },
  },
  systemRandom,
);
