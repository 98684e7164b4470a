import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { SqsDeliveries } from '../../lambdas/adapters/sqs-deliveries.ts';
import type { Endpoint } from '../../lambdas/domain/webhooks/endpoint.ts';
import { readRequest, writeResponse } from '../../lambdas/platform/http.ts';
import { systemClock, systemRandom } from '../../lambdas/platform/system.ts';
import { KnownEndpoints } from '../../lambdas/receive/find-endpoint.ts';
import { createReceiveDelivery } from '../../lambdas/receive/receive-delivery.ts';
import { deliveryOf, endpointOf, MEMORY_SECRETS, SECRET, type SignedDelivery } from './deliveries.ts';

const PERCENTILES = [50, 95, 99] as const;
const BODY_BYTES = 2 * 1024;

/** Milliseconds from the event to the answer, by percentile, on this machine. */
export type Times = Readonly<Record<(typeof PERCENTILES)[number], number>>;

export interface Receiving {
  readonly deliveries: number;
  readonly receive: Times;
  /** One HMAC, one JSON.parse and one round trip to the same queue. */
  readonly floor: Times;
}

/** Times `receive` from API Gateway's event to its answer, one delivery after the other, in turns with its floor. */
export async function timeReceiving(deliveries: number, warmUp: number): Promise<Receiving> {
  const queue = await startQueue();
  try {
    const endpoint = endpointOf('github');
    const receive = startReceive(endpoint, queue.url);
    const taken: number[] = [];
    const least: number[] = [];
    for (let number = 0; number < warmUp + deliveries; number++) {
      const delivery = deliveryOf('github', number, BODY_BYTES, Date.now());
      const event = toEvent(endpoint, delivery);
      const real = await millisOf(() => receive(event));
      const floor = await millisOf(() => doTheLeast(delivery, queue.post));
      if (number < warmUp) continue;
      taken.push(real);
      least.push(floor);
    }
    return { deliveries, receive: timesOf(taken), floor: timesOf(least) };
  } finally {
    await queue.stop();
  }
}

/** `receive` as its handler composes it, with endpoint and secret remembered; log lines and metrics are not in it. */
function startReceive(endpoint: Endpoint, queueUrl: string) {
  const client = new SQSClient({
    ...{ endpoint: new URL(queueUrl).origin, region: 'us-east-1' },
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  const receive = createReceiveDelivery({
    ...{ clock: systemClock, random: systemRandom },
    known: new KnownEndpoints({ find: async () => endpoint }, MEMORY_SECRETS, systemClock),
    queue: new SqsDeliveries(client, queueUrl),
    bodies: {
      put: () => Promise.reject(new Error('no body of the bench is large')),
      get: () => Promise.reject(new Error('receive reads no bodies')),
    },
  });
  return async (event: APIGatewayProxyEvent): Promise<void> => {
    const request = readRequest(event, systemRandom);
    const { statusCode, body } = writeResponse(request, await receive(request, () => 25_000));
    if (statusCode !== 202) throw new Error(`the bench's delivery was not taken (${statusCode}): ${body}`);
  };
}

async function doTheLeast({ headers, body }: SignedDelivery, post: (text: string) => Promise<void>) {
  const expected = createHmac('sha256', SECRET).update(body).digest('hex');
  const given = headers['x-hub-signature-256']!.slice('sha256='.length);
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(given))) throw new Error('the bench signs wrongly');
  JSON.parse(body.toString());
  await post(JSON.stringify({ MessageBody: body.toString('base64') }));
}

function toEvent({ endpoint }: Endpoint, { headers, body }: SignedDelivery): APIGatewayProxyEvent {
  return {
    ...{ httpMethod: 'POST', resource: '/v1/webhooks/{endpoint}', path: `/v1/webhooks/${endpoint}` },
    ...{ pathParameters: { endpoint }, headers, body: body.toString('base64'), isBase64Encoded: true },
  } as unknown as APIGatewayProxyEvent;
}

/** A queue on a port of this machine that answers SendMessage as SQS does, and keeps nothing. */
async function startQueue() {
  const server = createServer(async (request, response) => {
    const { MessageBody } = JSON.parse(await textOf(request)) as { MessageBody: string };
    const answer = { MessageId: 'message', MD5OfMessageBody: hash('md5', MessageBody) };
    response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/000000000000/deliveries`;
  const agent = new Agent({ keepAlive: true });
  const post = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const sent = httpRequest(url, { method: 'POST', agent }, (response) =>
        textOf(response).then(() => resolve(), reject),
      );
      sent.on('error', reject).end(text);
    });
  const stop = () =>
    new Promise<void>((resolve) => {
      agent.destroy();
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url, post, stop };
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function millisOf(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/** The smallest time that so many of a hundred do not exceed. */
function timesOf(millis: readonly number[]): Times {
  const sorted = [...millis].sort((a, b) => a - b);
  const at = (percent: number) => sorted[Math.ceil((percent / 100) * sorted.length) - 1]!;
  return { 50: at(50), 95: at(95), 99: at(99) };
}
