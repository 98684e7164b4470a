import { gunzipSync } from 'node:zlib';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DynamoRuns } from '../../lambdas/adapters/dynamo-runs.ts';
import type { Item } from '../../lambdas/domain/head-item.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';
import { deployed } from './deployed.ts';
import { eventually } from './localstack.ts';
import { aws, bucketsOf, query } from './pipeline.ts';

/** Who asks in tests, and why. */
export const BY_TEST = { operator: 'tests', reason: 'an emulator test' };

/** Invokes `recover` as the console does. @throws Error with the function's own message */
export async function recover(request: object): Promise<Record<string, unknown>> {
  const { Payload, FunctionError } = await aws.lambda.send(
    new InvokeCommand({
      FunctionName: deployed().RecoverFunction,
      Payload: Buffer.from(JSON.stringify(request)),
    }),
  );
  const answer = JSON.parse(Buffer.from(Payload!).toString());
  if (FunctionError) throw new Error(answer.errorMessage);
  return answer;
}

/** Waits until a run is no longer running. */
export function ended(requestId: string, withinMs = 120_000): Promise<Run> {
  const runs = new DynamoRuns(aws.dynamo, deployed().ControlTable);
  return eventually(
    `run ${requestId} ending`,
    async () => {
      const run = await runs.find(requestId);
      return run && run.status !== 'running' ? run : undefined;
    },
    withinMs,
  );
}

/** Starts a run and waits for its end. Its id must be new. */
export async function runToEnd(
  request: Readonly<Record<string, unknown>> & { readonly requestId: string },
): Promise<Run> {
  await recover({ ...BY_TEST, ...request });
  return ended(request.requestId);
}

/** The kinds of a run's findings, each once, in order. */
export function kindsOf({ result }: Run): string[] {
  return [...new Set((result?.findings ?? []).map(({ kind }) => kind))].sort();
}

/** A run's files whose names begin with this, decompressed where they are compressed. */
export async function filesOf(requestId: string, prefix: string): Promise<Map<string, string>> {
  const { RunsBucket } = deployed();
  const root = `runs/${requestId}/`;
  const { Contents = [] } = await aws.s3.send(
    new ListObjectsV2Command({ Bucket: RunsBucket, Prefix: root + prefix }),
  );
  const files = new Map<string, string>();
  for (const { Key } of Contents) {
    const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: RunsBucket, Key }));
    const bytes = await Body!.transformToByteArray();
    files.set(
      Key!.slice(root.length),
      (Key!.endsWith('.gz') ? gunzipSync(bytes) : Buffer.from(bytes)).toString(),
    );
  }
  return files;
}

/** What counts of a tenant's buckets: not how often they were written, nor where their ids stand. Empty ones count as none. */
export async function meaningOf(tenant: string, type = 'network.transfer') {
  const meaning: Record<string, unknown> = {};
  for (const [key, { head, ids }] of await bucketsOf(tenant, type)) {
    if (head.n === '0') continue;
    const { n, m, digest, first, last, lt } = head;
    meaning[key] = { n, m, digest, first, last, lt, ids: ids.toSorted() };
  }
  return meaning;
}

/** Every item of one subject, as stored. */
export const itemsOf = (tenant: string, subject: string): Promise<Item[]> =>
  query(deployed().StateTable, `${tenant}#${subject}`);

/** Somebody with write access to the state table, who should not have it. */
export async function putState(item: Item): Promise<void> {
  await aws.dynamo.send(
    new PutItemCommand({
      TableName: deployed().StateTable,
      Item: item as unknown as NonNullable<PutItemCommand['input']['Item']>,
    }),
  );
}

export async function deleteState({ pk, sk }: Item): Promise<void> {
  await aws.dynamo.send(
    new DeleteItemCommand({
      TableName: deployed().StateTable,
      Key: { pk, sk } as unknown as NonNullable<DeleteItemCommand['input']['Key']>,
    }),
  );
}
