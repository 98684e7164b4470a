import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { DynamoDBClient, paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import Big from 'big.js';
import { readOutputs } from '../../cli/platform/stack-outputs.ts';
import { addProducer } from '../../cli/producers/manage-producers.ts';
import { producerPorts } from '../../cli/producers/ports.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { Item } from '../../lambdas/domain/head-item.ts';
import { deployed } from './deployed.ts';
import { eventually } from './localstack.ts';
import { MemoryTable } from './memory-state.ts';
import { readBuckets, type StoredBucket } from './read-state.ts';

const client = () => ({
  endpoint: deployed().endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** The clients that tests look with. */
export const aws = {
  dynamo: new DynamoDBClient(client()),
  kinesis: new KinesisClient({ ...client(), requestHandler: new NodeHttpHandler() }),
  lambda: new LambdaClient(client()),
  s3: new S3Client({ ...client(), forcePathStyle: true }),
  sqs: new SQSClient(client()),
};

/** Somebody who may send everything, of a tenant of their own. */
export interface Sender {
  readonly tenant: string;
  readonly apiKey: string;
}

/** Makes a tenant with a producer and a key, as `weir producers add` does. */
export async function newSender(name: string): Promise<Sender> {
  const tenant = `${name}-${randomUUID().slice(0, 8)}`;
  const { endpoint } = deployed();
  const outputs = readOutputs(new Map(Object.entries(deployed()) as [string, string][]), endpoint);
  const { key } = await addProducer(producerPorts(client(), outputs), {
    tenant,
    producer: 'meter',
    types: ['*'],
    scopes: ['events:write', 'usage:read'],
    tier: 'standard',
  });
  return { tenant, apiKey: key };
}

/** A network reading; ids are fresh unless given. */
export function reading(subject: string, bytes: number, more: Partial<CloudEvent> = {}): CloudEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/tests/meter',
    type: 'network.transfer',
    subject,
    time: new Date(Date.now() - 3_600_000).toISOString(),
    data: { bytes },
    ...more,
  };
}

/** The answer to a batch. */
export interface Answer {
  readonly status: number;
  readonly body: {
    readonly accepted: number;
    readonly quarantined: number;
    readonly refused: number;
    readonly receipt: string;
    readonly results: readonly {
      index: number;
      id?: string;
      status: number;
      code?: string;
      retryAfter?: number;
    }[];
  };
}

/** Sends one batch through the public API. */
export async function send(apiKey: string, events: readonly unknown[]): Promise<Answer> {
  const response = await fetch(`${deployed().apiUrl}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json', 'x-api-key': apiKey },
    body: JSON.stringify(events),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** Sends until every item is accepted, as a well-behaved sender does: what was not accepted goes again, as it was. */
export async function sendAll(apiKey: string, events: readonly CloudEvent[]): Promise<void> {
  let rest = events;
  for (let attempt = 0; rest.length > 0; attempt++) {
    if (attempt > 20) throw new Error(`${rest.length} events were never accepted`);
    const { status, body } = await send(apiKey, rest);
    if (status >= 500 && !body.results) continue;
    rest = (body.results ?? []).map(({ index }) => rest[index]!);
  }
}

/** What GET /v1/usage says of a subject's network bytes, over yesterday, today and tomorrow. */
export async function usageOf(apiKey: string, subject: string): Promise<unknown> {
  const midnight = (days: number) =>
    `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`;
  const query = new URLSearchParams({
    ...{ subject, type: 'network.transfer', meter: 'bytes', by: 'total' },
    ...{ from: midnight(-1), to: midnight(2) },
  });
  const response = await fetch(`${deployed().apiUrl}/v1/usage?${query}`, {
    headers: { 'x-api-key': apiKey },
  });
  if (!response.ok) throw new Error(`GET /v1/usage: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Puts a mark on the log and waits until projector and archive have passed it: all sent before is then in both. */
export async function drained(): Promise<void> {
  const { Payload } = await aws.lambda.send(new InvokeCommand({ FunctionName: deployed().MarkFunction }));
  const { mark, shards } = JSON.parse(Buffer.from(Payload!).toString()) as { mark: string; shards: string[] };
  for (const shard of shards) {
    await eventually(`projector passing ${mark} on ${shard}`, () =>
      markPassed('PROGRESS#project', shard, mark),
    );
    await eventually(`archive passing ${mark} on ${shard}`, () =>
      markPassed(`MANIFEST#${shard}`, 'HEAD', mark),
    );
  }
}

async function markPassed(pk: string, sk: string, mark: string): Promise<true | undefined> {
  const [item] = await query(deployed().ControlTable, pk, sk);
  const passed = item?.mark;
  return passed && 'S' in passed && passed.S >= mark ? true : undefined;
}

/** Items of a partition, read strongly; with a prefix those whose sort keys begin with it. */
export async function query(table: string, pk: string, prefix?: string): Promise<Item[]> {
  const items: Item[] = [];
  const pages = paginateQuery(
    { client: aws.dynamo },
    {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: {
        ':pk': { S: pk },
        ...(prefix !== undefined && { ':prefix': { S: prefix } }),
      },
    },
  );
  for await (const page of pages) items.push(...((page.Items ?? []) as unknown as Item[]));
  return items;
}

/** Every bucket of a tenant and type, as stored. Keys are `<subject> <window>`. */
export async function bucketsOf(tenant: string, type: string): Promise<Map<string, StoredBucket>> {
  const table = new MemoryTable();
  const pages = paginateScan(
    { client: aws.dynamo },
    { TableName: deployed().StateTable, ConsistentRead: true },
  );
  for await (const page of pages) {
    for (const item of (page.Items ?? []) as unknown as Item[]) {
      const { pk, sk } = item as { pk: { S: string }; sk: { S: string } };
      if (pk.S.startsWith(`${tenant}#`)) table.write(`${pk.S} ${sk.S}`, item);
    }
  }
  return readBuckets(table, type);
}

/** What state says of a subject's network readings, whatever the windows. */
export async function countedOf(tenant: string, subject: string) {
  let events = 0;
  let bytes = new Big(0);
  const ids: string[] = [];
  for (const [key, { head, ids: held }] of await bucketsOf(tenant, 'network.transfer')) {
    if (!key.startsWith(`${subject} `)) continue;
    const meters = head.m as { bytes: { all: string }; readings: { all: string } };
    events += Number(head.n);
    bytes = bytes.plus(meters.bytes.all);
    ids.push(...held);
  }
  return {
    events,
    bytes: bytes.toFixed(),
    idsHeldOnce: new Set(ids).size === ids.length && ids.length === events,
  };
}

/** The same of a set of events, added up in decimals. */
export function expectedOf(events: readonly CloudEvent[]) {
  const bytes = events.reduce(
    (sum, { data }) => sum.plus(String((data as { bytes: number }).bytes)),
    new Big(0),
  );
  return { events: events.length, bytes: bytes.toFixed(), idsHeldOnce: true };
}

/** Every line that the manifests name, shard after shard, in the chain's order. Poison, which has none, gets an empty envelope. */
export async function archivedLines(): Promise<{ seq: string; envelope: Record<string, unknown> }[]> {
  const { ControlTable, ArchiveBucket } = deployed();
  const lines: { seq: string; envelope: Record<string, unknown> }[] = [];
  const pages = paginateScan({ client: aws.dynamo }, { TableName: ControlTable, ConsistentRead: true });
  const keys: string[] = [];
  for await (const page of pages) {
    for (const item of page.Items ?? []) if (item.sk?.S?.startsWith('O#')) keys.push(item.key?.S ?? '');
  }
  for (const key of keys.sort()) {
    const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: ArchiveBucket, Key: key }));
    const text = gunzipSync(await Body!.transformToByteArray()).toString();
    lines.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => ({ envelope: {}, ...JSON.parse(line) })),
    );
  }
  return lines;
}
