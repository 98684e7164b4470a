import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { CloudWatchMetrics } from '../../lambdas/adapters/cloudwatch-metrics.ts';
import { DynamoRuns } from '../../lambdas/adapters/dynamo-runs.ts';
import { S3Anchors } from '../../lambdas/adapters/s3-anchors.ts';
import { CloudWatchAlarms } from '../platform/alarms.ts';
import { deploymentName } from '../platform/deployment.ts';
import type { StackOutputs } from '../platform/stack-outputs.ts';
import type { AwsSettings } from '../platform/target.ts';
import { ProducerStore } from '../producers/producer-store.ts';

/** Everything that the checks ask. A client costs nothing until it is asked. */
export function connectDoctor(aws: AwsSettings, outputs: StackOutputs) {
  const name = deploymentName(outputs);
  const dynamo = new DynamoDBClient(aws);
  const cloudWatch = new CloudWatchClient(aws);
  const s3 = new S3Client({ ...aws, forcePathStyle: aws.endpoint !== undefined });
  const producers = new ProducerStore(dynamo, outputs.controlTable);
  return {
    ...{ name, outputs, dynamo, s3, cloudWatch, now: Date.now() },
    // HTTP/1.1: this client's HTTP/2 default fails on LocalStack.
    kinesis: new KinesisClient({ ...aws, requestHandler: new NodeHttpHandler() }),
    api: new APIGatewayClient(aws),
    formation: new CloudFormationClient(aws),
    kms: new KMSClient(aws),
    lambda: new LambdaClient(aws),
    logs: new CloudWatchLogsClient(aws),
    sns: new SNSClient(aws),
    sqs: new SQSClient(aws),
    metrics: new CloudWatchMetrics(cloudWatch),
    alarms: new CloudWatchAlarms(cloudWatch, name),
    anchors: new S3Anchors(s3, outputs.auditBucket),
    runs: new DynamoRuns(dynamo, outputs.controlTable),
    producers: () => producers.list(undefined),
  };
}

export type Connected = ReturnType<typeof connectDoctor>;
