import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * How AWS answers: refusing in words that quote the whole request, as its validation does; with items that were there, as refused
 * conditions do; with things that nobody understands; or with what is no JSON at all.
 */
export type Mood = 'refuses' | 'returns items' | 'returns garbage' | 'is broken';
export const MOODS: readonly Mood[] = ['refuses', 'returns items', 'returns garbage', 'is broken'];

/** What is to be answered rightly whatever the mood, by service and operation. */
export type Answers = (call: {
  readonly action: string;
  readonly body: string;
  readonly path: string;
}) => object | undefined;

export interface HostileAws {
  readonly endpoint: string;
  mood: Mood;
  answers: Answers;
  /** Operations that were asked for, such as `DynamoDB_20120810.GetItem`, or `GET` of S3. */
  readonly calls: Set<string>;
  close(): Promise<void>;
}

/** An AWS of all services at one address that tells everything to everybody. `planted` is in whatever it gives back. */
export async function startHostileAws(planted: readonly string[]): Promise<HostileAws> {
  const calls = new Set<string>();
  const aws = { mood: 'refuses' as Mood, answers: (() => undefined) as Answers };
  const garbage = planted.join(' ');
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const target = String(request.headers['x-amz-target'] ?? '');
      const action =
        target || `${request.method} ${request.headers['user-agent']?.match(/api\/(\w+)/)?.[1] ?? ''}`;
      calls.add(action);
      const right = aws.answers({ action, body, path: request.url ?? '' });
      const reply = (status: number, value: unknown, type = 'application/x-amz-json-1.1') => {
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'aws-request-1' }).end(text);
      };
      if (right) return reply(200, right);
      const echo = `1 validation error detected: Value '${body} ${request.url} ${garbage}' at 'x' failed to satisfy constraint`;
      switch (aws.mood) {
        case 'refuses':
          return target
            ? reply(400, { __type: 'ValidationException', message: echo })
            : reply(
                400,
                `<Error><Code>InvalidArgument</Code><Message>${escaped(echo)}</Message></Error>`,
                'application/xml',
              );
        case 'returns items':
          return target
            ? reply(400, { __type: 'ConditionalCheckFailedException', message: echo, Item: itemOf(garbage) })
            : reply(
                412,
                `<Error><Code>PreconditionFailed</Code><Message>${escaped(echo)}</Message></Error>`,
                'application/xml',
              );
        case 'returns garbage':
          return reply(200, target ? garbageFor(target, garbage) : `{"${garbage}`);
        case 'is broken':
          return reply(200, target ? `{"${garbage}": ${garbage}` : garbage);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(aws, {
    endpoint: `http://127.0.0.1:${port}`,
    calls,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** An item in which every attribute that rooms read is there, and none is what it should be. */
function itemOf(garbage: string) {
  const broken = { S: `{"${garbage}` };
  const names = [
    ...['doc', 'request', 'plan', 'result', 'status', 'startedAt', 'first', 'last', 'key', 'sha256'],
    ...['chain', 'm', 'n', 'v', 'epoch', 'digest', 'ids', 'revision', 'mark', 'scheme', 'mapping', 'tenant'],
    ...[
      'producer',
      'name',
      'provider',
      'url',
      'secretId',
      'types',
      'scopes',
      'sequence',
      'data',
      'deliveryId',
      'time',
    ],
  ];
  // Under the key that was asked for.
  const key = { pk: { S: 'acme#somebody' }, sk: { S: 'B#network.transfer#2026-11-21T07' } };
  return { ...key, ...Object.fromEntries(names.map((name) => [name, broken])) };
}

function garbageFor(target: string, garbage: string): object {
  const item = itemOf(garbage);
  const text = `{"${garbage}`;
  return {
    ...{ Item: item, Items: [item], Attributes: item, Responses: { table: [item] } },
    ...(/Batch/.test(target) && { UnprocessedKeys: {} }),
    ...{
      Shards: [
        {
          ShardId: 'shardId-000000000000',
          HashKeyRange: { StartingHashKey: text, EndingHashKey: text },
          SequenceNumberRange: { StartingSequenceNumber: text },
        },
      ],
    },
    ...{ FailedRecordCount: 1, Records: [{ ErrorCode: 'InternalFailure', ErrorMessage: text }] },
    ...{
      SecretString: text,
      Messages: [{ MessageId: 'm1', ReceiptHandle: 'h', Body: text, Attributes: { SentTimestamp: '1' } }],
    },
    ...{ executionArn: text, startDate: 1, status: text, output: text, error: text, cause: text },
  };
}
