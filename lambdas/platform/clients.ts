import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Longest that a connection may take to open, in ms. */
const CONNECT_MS = 1_000;

/**
 * How services are called: one that hangs must not hold the function until its end.
 * @param requestMs longest wait for an answer to begin, and longest silence after that while its body comes, both in ms.
 * Bodies are read whole and at once here: one that is read slowly would be taken for silent.
 */
export function http(requestMs: number): NodeHttpHandler {
  const agent = { keepAlive: true, maxSockets: 50 };
  return new NodeHttpHandler({
    connectionTimeout: CONNECT_MS,
    requestTimeout: requestMs,
    socketTimeout: requestMs,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  });
}

/** Make each client once per cold start, at module scope: a connection is worth more than the request on it. */
export function dynamoClient(): DynamoDBClient {
  return new DynamoDBClient({ requestHandler: http(3_000), maxAttempts: 3 });
}

/** A client over the connections of another, for calls that must not be made twice. */
export function dynamoOnce({ config }: DynamoDBClient): DynamoDBClient {
  return new DynamoDBClient({ requestHandler: config.requestHandler, maxAttempts: 1 });
}

/**
 * HTTP/1.1, as this client's HTTP/2 costs more to open.
 * @param maxAttempts one for `kinesis-log`, which tries again by itself, and better
 */
export function kinesisClient(maxAttempts = 1): KinesisClient {
  return new KinesisClient({ requestHandler: http(5_000), maxAttempts });
}

export function sqsClient(): SQSClient {
  return new SQSClient({ requestHandler: http(3_000), maxAttempts: 3 });
}

export function secretsClient(): SecretsManagerClient {
  return new SecretsManagerClient({ requestHandler: http(3_000), maxAttempts: 3 });
}

export function cloudWatchClient(): CloudWatchClient {
  return new CloudWatchClient({ requestHandler: http(5_000), maxAttempts: 3 });
}

export function stepFunctionsClient(): SFNClient {
  return new SFNClient({ requestHandler: http(5_000), maxAttempts: 3 });
}

/** Path style on a local endpoint, where a bucket has no host name of its own. */
export function s3Client(): S3Client {
  return new S3Client({
    requestHandler: http(10_000),
    maxAttempts: 3,
    forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined,
  });
}
