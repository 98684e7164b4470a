import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Milliseconds that a connection and a whole request may take. A service that hangs must not hold the function. */
const CONNECT_MS = 1_000;
const REQUEST_MS = 3_000;

function http(): NodeHttpHandler {
  const agent = { keepAlive: true, maxSockets: 50 };
  return new NodeHttpHandler({
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  });
}

/** Make each client once per cold start, at module scope: a connection is worth more than the request on it. */
export function dynamoClient(): DynamoDBClient {
  return new DynamoDBClient({ requestHandler: http(), maxAttempts: 3 });
}

/** HTTP/1.1, as this client's HTTP/2 costs more to open; and without retries of its own, as `kinesis-log` has better. */
export function kinesisClient(): KinesisClient {
  return new KinesisClient({ requestHandler: http(), maxAttempts: 1 });
}

export function sqsClient(): SQSClient {
  return new SQSClient({ requestHandler: http(), maxAttempts: 3 });
}

/** Path style on a local endpoint, where a bucket has no host name of its own. */
export function s3Client(): S3Client {
  return new S3Client({
    requestHandler: http(),
    maxAttempts: 3,
    forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined,
  });
}
