import { contracts } from '../../build/contracts/validating.mjs';
import { DynamoCredentials } from '../adapters/dynamo-credentials.ts';
import { DynamoFingerprints } from '../adapters/dynamo-fingerprints.ts';
import { DynamoProbeKeys } from '../adapters/dynamo-probe-keys.ts';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { createAuthenticate } from '../platform/authenticate.ts';
import { CachedCredentials } from '../platform/cached-credentials.ts';
import { dynamoClient, kinesisClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { logger } from '../platform/logger.ts';
import { count } from '../platform/metrics.ts';
import { serve } from '../platform/serve.ts';
import { systemClock, systemRandom, systemSleep } from '../platform/system.ts';
import type { IngestEnv } from './env.ts';
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
  log: new KinesisLog({
    ...ports,
    client: kinesisClient(),
    streamName: env.STREAM_NAME,
    build: env.BUILD,
    report: (failure) => {
      count({ logRefusals: failure.records });
      logger.warn('the log refused records', { ...failure });
    },
  }),
  fingerprints: new DynamoFingerprints(dynamo, env.CONTROL_TABLE),
  report: (tally, codes) => {
    count({ ...tally });
    if (tally.quarantined + tally.refused > 0) logger.info('not all accepted', { ...tally, codes });
  },
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
