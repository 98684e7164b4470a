import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { StackOutputs } from '../../platform/stack-outputs.ts';

/** What the checklist asks. A test gives it clients that answer from a table. */
export interface Estate {
  /** The deployment's. */
  readonly name: string;
  readonly outputs: StackOutputs;
  readonly now: number;
  readonly api: Pick<APIGatewayClient, 'send'>;
  readonly formation: Pick<CloudFormationClient, 'send'>;
  readonly dynamo: Pick<DynamoDBClient, 'send'>;
  readonly kinesis: Pick<KinesisClient, 'send'>;
  readonly kms: Pick<KMSClient, 'send'>;
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly logs: Pick<CloudWatchLogsClient, 'send'>;
  readonly s3: Pick<S3Client, 'send'>;
  readonly sns: Pick<SNSClient, 'send'>;
}
