import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PretendBucket } from './pretend-bucket.ts';
import { SHARD } from './pretend-log.ts';
import { serveBucket } from './serve-bucket.ts';

/** Kinesis, SQS and S3 on a port of this machine, as far as the functions call them: they take everything, and S3 keeps it. */
export interface PretendServices {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** The operations' names, as the protocols send them, and their answers. */
const ANSWERS: Readonly<Record<string, (input: Record<string, unknown>) => unknown>> = {
  'Kinesis_20131202.PutRecords': ({ Records }) => ({
    FailedRecordCount: 0,
    Records: (Records as unknown[]).map((_, index) => ({
      ShardId: SHARD,
      SequenceNumber: String(index + 1),
    })),
  }),
  'Kinesis_20131202.ListShards': () => ({
    Shards: [
      {
        ShardId: SHARD,
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: '340282366920938463463374607431768211455' },
        SequenceNumberRange: { StartingSequenceNumber: '1' },
      },
    ],
  }),
  'AmazonSQS.GetQueueAttributes': () => ({
    Attributes: { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' },
  }),
};

/** @param bucket what S3 holds */
export async function startPretendServices(bucket = new PretendBucket()): Promise<PretendServices> {
  const server = createServer(async (request, response) => {
    const body = await readAll(request);
    const target = request.headers['x-amz-target'];
    if (target === undefined) {
      serveBucket(bucket, request, body, response);
      return;
    }
    const answer = ANSWERS[String(target)];
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if (answer) response.end(JSON.stringify(answer(JSON.parse(body.toString()))));
    else response.writeHead(400).end(JSON.stringify({ __type: 'UnknownOperationException' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
