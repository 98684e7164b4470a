import { randomUUID } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { encodeEndpoint } from '../../cli/webhooks/webhook.ts';
import { DynamoEndpoints } from '../../lambdas/adapters/dynamo-endpoints.ts';
import { PowertoolsDeliveries } from '../../lambdas/adapters/powertools-deliveries.ts';
import { S3Bodies } from '../../lambdas/adapters/s3-bodies.ts';
import { SqsDeadLetters } from '../../lambdas/adapters/sqs-dead-letters.ts';
import { describeDeliveriesContract } from '../contract/deliveries.ts';
import {
  describeBodyStoreContract,
  describeDeadLettersContract,
  describeEndpointStoreContract,
  describeSecretStoreContract,
} from '../contract/webhook-stores.ts';
import { deployed } from '../support/deployed.ts';
import { aws } from '../support/pipeline.ts';
import { deployedPorts } from '../support/webhooks.ts';

const { DeliveriesTable, ControlTable, ArchiveBucket } = deployed();

describeDeliveriesContract('Powertools on DynamoDB', () => {
  const deliveries = new PowertoolsDeliveries(aws.dynamo, DeliveriesTable);
  deliveries.registerLambdaContext({ getRemainingTimeInMillis: () => 30_000 } as Context);
  return deliveries;
});

describeEndpointStoreContract('DynamoDB', async (given) => {
  for (const endpoint of given) {
    const Item = encodeEndpoint(endpoint, '2026-11-21T07:30:00.000Z');
    await aws.dynamo.send(new PutItemCommand({ TableName: ControlTable, Item }));
  }
  return new DynamoEndpoints(aws.dynamo, ControlTable);
});

describeSecretStoreContract('Secrets Manager', async (secretId, secrets) => {
  const store = deployedPorts().secrets;
  await store.create(secretId, 'of a test', []);
  await store.replace(secretId, secrets);
  return store;
});

describeBodyStoreContract('S3', () => new S3Bodies(aws.s3, ArchiveBucket));

describeDeadLettersContract('SQS', async (texts) => {
  const { QueueUrl } = await aws.sqs.send(
    new CreateQueueCommand({ QueueName: `dead-${randomUUID().slice(0, 8)}` }),
  );
  for (const MessageBody of texts) await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  return new SqsDeadLetters(aws.sqs, QueueUrl!);
});
