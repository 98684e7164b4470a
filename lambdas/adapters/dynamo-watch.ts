import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { Deploy } from '../domain/watch/deploys.ts';
import type { Looks, WatchStore } from '../domain/watch/ports.ts';
import { decodeSlot, encodeSlot, type Slot } from '../domain/watch/seen-slots.ts';

const WATCH = 'WATCH';
const SEEN = 'SEEN';
const DEPLOYS = 'DEPLOYS';
/** How long a change of what runs is in the history, in seconds. */
const DEPLOYS_KEPT_SECONDS = 400 * 86_400;

/**
 * What watch knows, in the control table: `WATCH`, an item for each look; `SEEN`, an item a slot of producers; `DEPLOYS`, an item for
 * each change of what runs, by its time.
 */
export class DynamoWatch implements WatchStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async looks(): Promise<Looks> {
    const items = await this.#items(WATCH);
    // What can't be read is looked at anew.
    return Object.fromEntries(items.flatMap(([look, doc]) => (isObject(doc) ? [[look, doc]] : [])));
  }

  note<K extends keyof Looks>(look: K, found: NonNullable<Looks[K]>): Promise<void> {
    return this.#put(WATCH, look, JSON.stringify(found));
  }

  async slots(): Promise<ReadonlyMap<number, Slot>> {
    const slots = new Map<number, Slot>();
    for await (const { Items = [] } of this.#pages(SEEN))
      for (const { sk, doc } of Items) {
        const slot = decodeSlot(doc?.S ?? '');
        if (slot) slots.set(Number(sk?.S), slot);
      }
    return slots;
  }

  writeSlot(number: number, slot: Slot): Promise<void> {
    return this.#put(SEEN, String(number), encodeSlot(slot));
  }

  addDeploy(deploy: Deploy): Promise<void> {
    const ends = Math.floor(Date.parse(deploy.at) / 1000) + DEPLOYS_KEPT_SECONDS;
    return this.#put(DEPLOYS, deploy.at, JSON.stringify(deploy), { ttl: { N: String(ends) } });
  }

  async #items(pk: string): Promise<readonly (readonly [string, unknown])[]> {
    const items: [string, unknown][] = [];
    for await (const { Items = [] } of this.#pages(pk))
      for (const { sk, doc } of Items) items.push([sk?.S ?? '', parse(doc?.S)]);
    return items;
  }

  #pages(pk: string) {
    return paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
        ConsistentRead: true,
      },
    );
  }

  async #put(
    pk: string,
    sk: string,
    doc: string,
    more: Readonly<Record<string, AttributeValue>> = {},
  ): Promise<void> {
    const Item = { pk: { S: pk }, sk: { S: sk }, doc: { S: doc }, ...more };
    await this.#client.send(new PutItemCommand({ TableName: this.#table, Item }));
  }
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
