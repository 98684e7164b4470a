import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { TENANT } from '../workloads.ts';

/** One running instance of a consumer: counts a batch of the log, or throws and is given it again. */
export type CountBatch = (events: readonly CloudEvent[]) => Promise<void>;

/** A way to count usage: starts a fresh instance on this client, with nothing in memory. */
export interface Approach {
  readonly name: string;
  /** Table and attribute in which its counts of events are. */
  readonly countsIn: string;
  start(client: DynamoDBClient, lambda: LambdaLimits): CountBatch;
}

/** What the invocation may take. */
export interface LambdaLimits {
  /** Milliseconds until the function would time out. */
  remainingMs(): number;
}

/** Where a baseline keeps an event's bucket: the same keys as Weir's. */
export function bucketOf({ subject, type, time }: CloudEvent): { readonly pk: string; readonly sk: string } {
  return { pk: `${TENANT}#${subject}`, sk: `B#${type}#${time!.slice(0, 13)}` };
}

/** The event's identity: who sends, and its id there. */
export function identityOf({ source, id }: CloudEvent): string {
  return `${TENANT}|${source}|${id}`;
}

/** What is summed, as DynamoDB takes numbers. */
export function bytesOf({ data }: CloudEvent): number {
  return (data as { readonly bytes: number }).bytes;
}

/** Runs the task over all items, at most `width` at a time; waits for all, then throws the first failure. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      await task(items[next++]!).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
