import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { contracts } from '../../build/contracts/validating.mjs';
import { DynamoEndpoints } from '../../lambdas/adapters/dynamo-endpoints.ts';
import { KinesisLog } from '../../lambdas/adapters/kinesis-log.ts';
import { PowertoolsDeliveries } from '../../lambdas/adapters/powertools-deliveries.ts';
import { S3Bodies } from '../../lambdas/adapters/s3-bodies.ts';
import { SecretsManagerSecrets } from '../../lambdas/adapters/secrets-manager.ts';
import { SqsDeliveries } from '../../lambdas/adapters/sqs-deliveries.ts';
import type { Endpoint } from '../../lambdas/domain/webhooks/endpoint.ts';
import { type BatchPorts, normaliseBatch } from '../../lambdas/normalise/normalise-batch.ts';
import type { HttpRequest } from '../../lambdas/platform/http.ts';
import { Remembered } from '../../lambdas/platform/remembered.ts';
import type { Route } from '../../lambdas/platform/serve.ts';
import { systemRandom, systemSleep } from '../../lambdas/platform/system.ts';
import { KnownEndpoints } from '../../lambdas/receive/find-endpoint.ts';
import { createReceiveDelivery } from '../../lambdas/receive/receive-delivery.ts';
import type { Priced } from '../../lib/prices.ts';
import { PretendLog } from '../emulate/pretend-log.ts';
import type { DynamoMeter, MeteredTable } from '../metering/dynamo-meter.ts';
import { CONTROL } from '../tables.ts';
import type { SignedDelivery } from './deliveries.ts';
import { PretendBodies, PretendQueue, PretendSecrets } from './pretend-aws.ts';

/** What a webhook's way to the log is billed for. */
export type WebhookPriced = Exclude<
  Priced,
  's3List' | 'stepTransition' | 'lambdaGbSecond' | 'logByte' | 'onDemandByte'
>;

/** First receipts and claims of bodies, as the construct under `lib/` declares their table. */
export const DELIVERIES: MeteredTable = { name: 'deliveries', keys: ['id'] };
export const WEBHOOK_TABLES: readonly MeteredTable[] = [CONTROL, DELIVERIES];

const REMAINING_MS = 25_000;
/** As in the handler of `normalise`. */
const FOUND_MS = 60_000;

/** The product's own code from a provider's request to the log, on one warm instance of each function. */
export class WebhookPath {
  readonly #endpoint: Endpoint;
  readonly #clock = { nowMs: 0, now: () => this.#clock.nowMs };
  readonly #log = new PretendLog(this.#clock);
  readonly #queue = new PretendQueue();
  readonly #bucket = new PretendBodies();
  readonly #secrets = new PretendSecrets();
  readonly #receive: Route;
  readonly #ports: BatchPorts;
  #requests = 0;
  #invocations = 0;

  /** @param dynamo the client whose calls are counted; its control table holds the endpoint */
  constructor(dynamo: DynamoDBClient, endpoint: Endpoint) {
    this.#endpoint = endpoint;
    const clock = this.#clock;
    const endpoints = new DynamoEndpoints(dynamo, CONTROL.name);
    const bodies = new S3Bodies(this.#bucket, 'bodies');
    this.#receive = createReceiveDelivery({
      ...{ clock, random: systemRandom, bodies },
      known: new KnownEndpoints(endpoints, new SecretsManagerSecrets(this.#secrets), clock),
      queue: new SqsDeliveries(this.#queue, 'queue'),
    });
    this.#ports = this.#normalisePorts(dynamo, endpoints, bodies);
  }

  /** One invocation of `receive`. @throws unless it takes the delivery */
  async receive(delivery: SignedDelivery, atMs: number): Promise<void> {
    this.#clock.nowMs = atMs;
    this.#requests += 1;
    this.#invocations += 1;
    const { status, body } = await this.#receive(requestOf(this.#endpoint, delivery), () => REMAINING_MS);
    if (status !== 202) throw new Error(`the bench's delivery was not taken (${status}): ${body}`);
  }

  /** One invocation of `normalise`, with all that is in the queue. @throws unless all of it is accepted */
  async normalise(): Promise<void> {
    this.#invocations += 1;
    const messages = this.#queue.takeBatch().map((text, at) => ({ id: String(at), text }));
    const { outcomes, errors } = await normaliseBatch(
      messages,
      this.#ports,
      this.#clock.nowMs + REMAINING_MS,
    );
    if (outcomes.accepted !== messages.length)
      throw new Error(`not all is accepted: ${JSON.stringify(outcomes)}`, { cause: errors[0] });
    this.#log.take();
  }

  /** What AWS has billed so far, by kind. */
  billed(meter: DynamoMeter): Readonly<Record<WebhookPriced, number>> {
    const [control, deliveries] = [meter.use(CONTROL.name), meter.use(DELIVERIES.name)];
    return {
      apiRequest: this.#requests,
      lambdaRequest: this.#invocations,
      sqsRequest: this.#queue.requests,
      dynamoWrite: deliveries.writeUnits + control.writeUnits,
      dynamoRead: deliveries.readUnits + control.readUnits,
      secretRead: this.#secrets.reads,
      kinesisPutUnit: this.#log.putUnits,
      s3Put: this.#bucket.puts,
      s3Get: this.#bucket.gets,
    };
  }

  #normalisePorts(dynamo: DynamoDBClient, endpoints: DynamoEndpoints, bodies: S3Bodies): BatchPorts {
    const system = { clock: this.#clock, random: systemRandom, sleep: systemSleep };
    const deliveries = new PowertoolsDeliveries(dynamo, DELIVERIES.name);
    deliveries.registerLambdaContext({ getRemainingTimeInMillis: () => REMAINING_MS } as Context);
    return {
      ...{ ...system, contracts, deliveries, bodies },
      endpoints: new Remembered((endpoint) => endpoints.find(endpoint), this.#clock, {
        ...{ foundMs: FOUND_MS, missingMs: 0 },
      }),
      // Nothing is refused here, so nothing has a fingerprint.
      fingerprints: { admit: async (_tenant, _producer, fingerprint) => fingerprint },
      log: new KinesisLog({ ...system, client: this.#log, streamName: 'log', build: 'bench' }),
    };
  }
}

/** A delivery as `receive` is given it. */
export function requestOf({ endpoint }: Endpoint, { headers, body }: SignedDelivery): HttpRequest {
  return {
    ...{ method: 'POST', route: '/v1/webhooks/{endpoint}', path: { endpoint }, query: new Map(), body },
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    receipt: systemRandom.hex(16),
    trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  };
}

/** An endpoint's item in the control table. */
export function endpointItem(endpoint: Endpoint): Record<string, AttributeValue> {
  const { name, tenant, provider, url, status, secretId, scheme, mapping, headers } = endpoint;
  const texts = { name, tenant, provider, url, status, secretId };
  return {
    pk: { S: `ENDPOINT#${endpoint.endpoint}` },
    sk: { S: 'ENDPOINT' },
    ...Object.fromEntries(Object.entries(texts).map(([key, S]) => [key, { S }])),
    scheme: { S: JSON.stringify(scheme) },
    mapping: { S: JSON.stringify(mapping) },
    headers: { L: headers.map((S) => ({ S })) },
  };
}
