import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Runs } from '../domain/recovery/ports.ts';
import type { Run, RunStatus } from '../domain/recovery/run.ts';

/** Partition of all runs in the control table; the sort key is the request id. */
export const RUNS_KEY = 'RUNS';
/** In the same partition each run's name stands once more under its time, after this: it sorts after any request id. */
const BY_TIME = '~';
/** Runs that are read at once. */
const PAGE = 25;

type Item = Record<string, AttributeValue>;
type Changes = Parameters<Runs['update']>[2];

const TEXTS = ['status', 'startedAt', 'endedAt', 'execution', 'error'] as const;
const DOCUMENTS = ['request', 'plan', 'result'] as const;

/** Runs in the control table, an item each, and one with its time and its name. Reads are strongly consistent: workers look whether they were cancelled. */
export class DynamoRuns implements Runs {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async find(requestId: string): Promise<Run | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: keyOf(requestId), ConsistentRead: true }),
    );
    return Item && decodeRun(Item);
  }

  async add(run: Run): Promise<Run | undefined> {
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: encodeRun(run),
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // Nobody deletes runs, so the one that was in the way is there.
      const there = (await this.find(run.request.requestId))!;
      // Whoever wrote it may have died right after; whoever asks again to start it lists it.
      if (there.attempt === 1 && there.execution === undefined) await this.#enlist(there);
      return there;
    }
    await this.#enlist(run);
    return undefined;
  }

  async #enlist({ startedAt, request: { requestId } }: Run): Promise<void> {
    const sk = `${BY_TIME}${startedAt}#${requestId}`;
    await this.#client.send(
      new PutItemCommand({
        TableName: this.#table,
        Item: { pk: { S: RUNS_KEY }, sk: { S: sk }, requestId: { S: requestId } },
      }),
    );
  }

  /** What the attempt before ended with goes; what it was planned to do stays. */
  begin(requestId: string, attempt: number, startedAt: string): Promise<boolean> {
    return this.#change(requestId, attempt, {
      expression:
        'SET attempt = :next, #status = :running, startedAt = :startedAt REMOVE #error, endedAt, #execution, #result',
      names: { '#status': 'status', '#error': 'error', '#execution': 'execution', '#result': 'result' },
      values: {
        ':next': { N: String(attempt + 1) },
        ':running': { S: 'running' satisfies RunStatus },
        ':startedAt': { S: startedAt },
      },
    });
  }

  /** Of another attempt than the present one nothing is changed: what ends late has nothing to say. */
  async update(requestId: string, attempt: number, changes: Changes): Promise<boolean> {
    const names = Object.keys(changes).filter((name) => changes[name as keyof Changes] !== undefined);
    if (names.length === 0) return true;
    const ends = changes.status !== undefined;
    return this.#change(requestId, attempt, {
      expression: `SET ${names.map((_, at) => `#n${at} = :v${at}`).join(', ')}`,
      ...(ends && { onlyIf: '#status = :running' }),
      names: {
        ...Object.fromEntries(names.map((name, at) => [`#n${at}`, name])),
        ...(ends && { '#status': 'status' }),
      },
      values: {
        ...Object.fromEntries(names.map((name, at) => [`:v${at}`, encoded(name, changes)])),
        ...(ends && { ':running': { S: 'running' satisfies RunStatus } }),
      },
    });
  }

  async *latest(): AsyncGenerator<readonly Run[]> {
    let from: Item | undefined;
    do {
      const page = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :byTime)',
          ExpressionAttributeValues: { ':pk': { S: RUNS_KEY }, ':byTime': { S: BY_TIME } },
          ConsistentRead: true,
          ScanIndexForward: false,
          Limit: PAGE,
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      const found = await Promise.all((page.Items ?? []).map(({ requestId }) => this.find(requestId!.S!)));
      yield found.filter((run) => run !== undefined);
      from = page.LastEvaluatedKey;
    } while (from);
  }

  async #change(requestId: string, attempt: number, change: Change): Promise<boolean> {
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: keyOf(requestId),
          UpdateExpression: change.expression,
          ConditionExpression: `attempt = :attempt${change.onlyIf ? ` AND ${change.onlyIf}` : ''}`,
          ExpressionAttributeNames: change.names,
          ExpressionAttributeValues: { ...change.values, ':attempt': { N: String(attempt) } },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

interface Change {
  readonly expression: string;
  /** Beside that of the attempt. */
  readonly onlyIf?: string;
  readonly names: Record<string, string>;
  readonly values: Item;
}

function keyOf(requestId: string): Item {
  return { pk: { S: RUNS_KEY }, sk: { S: requestId } };
}

function encodeRun(run: Run): Item {
  const names = [...TEXTS, ...DOCUMENTS].filter((name) => run[name] !== undefined);
  return {
    ...keyOf(run.request.requestId),
    attempt: { N: String(run.attempt) },
    ...Object.fromEntries(names.map((name) => [name, encoded(name, run)])),
  };
}

/** Texts as they are, documents as JSON: a request may hold what no attribute can, such as an empty key. */
function encoded(name: string, of: object): AttributeValue {
  const value = (of as Readonly<Record<string, unknown>>)[name];
  return { S: typeof value === 'string' ? value : JSON.stringify(value) };
}

function decodeRun(item: Item): Run {
  const texts = TEXTS.flatMap((name) => (item[name]?.S === undefined ? [] : [[name, item[name].S]]));
  const documents = DOCUMENTS.flatMap((name) =>
    item[name]?.S === undefined ? [] : [[name, JSON.parse(item[name].S)]],
  );
  return { attempt: Number(item.attempt?.N), ...Object.fromEntries([...texts, ...documents]) } as Run;
}
