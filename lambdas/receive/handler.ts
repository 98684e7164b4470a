import { DynamoEndpoints } from '../adapters/dynamo-endpoints.ts';
import { S3Bodies } from '../adapters/s3-bodies.ts';
import { SecretsManagerSecrets } from '../adapters/secrets-manager.ts';
import { SqsDeliveries } from '../adapters/sqs-deliveries.ts';
import { dynamoClient, s3Client, secretsClient, sqsClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { serve } from '../platform/serve.ts';
import { systemClock, systemRandom } from '../platform/system.ts';
import type { ReceiveEnv } from './env.ts';
import { KnownEndpoints } from './find-endpoint.ts';
import { createReceiveDelivery } from './receive-delivery.ts';
import { reportOutcome } from './report-outcome.ts';

const env = readEnv<ReceiveEnv>(['CONTROL_TABLE', 'WEBHOOK_QUEUE_URL', 'BODY_BUCKET']);

const receive = createReceiveDelivery({
  clock: systemClock,
  random: systemRandom,
  known: new KnownEndpoints(
    new DynamoEndpoints(dynamoClient(), env.CONTROL_TABLE),
    new SecretsManagerSecrets(secretsClient()),
    systemClock,
  ),
  queue: new SqsDeliveries(sqsClient(), env.WEBHOOK_QUEUE_URL),
  bodies: new S3Bodies(s3Client(), env.BODY_BUCKET),
  report: reportOutcome,
});

export const handler = serve({ '/v1/webhooks/{endpoint}': { POST: receive } }, systemRandom);
