import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  type Put,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { type Control, NO_CONTROL } from '../domain/control/control.ts';
import type { ControlStore } from '../domain/control/ports.ts';
import { ControlDamagedError, readControl } from '../domain/control/read-control.ts';

/** Partition key, and the standing item's sort key too. */
export const CONTROL_KEY = 'CONTROL';
/** Sort keys of history, with its versions in order; they sort after the standing item. */
export const HISTORY = 'H#';
const VERSION_DIGITS = 12;
const NOTHING_THERE = 'attribute_not_exists(pk)';

type Item = Record<string, AttributeValue>;

/** The control item and its history, in the control table. Reads are strongly consistent: who has just set it looks. */
export class DynamoControl implements ControlStore {
  readonly #client: Pick<DynamoDBClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** @throws ControlDamagedError naming the next step */
  async read(): Promise<Control> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: keyOf(CONTROL_KEY), ConsistentRead: true }),
    );
    return Item ? this.#decode(Item) : NO_CONTROL;
  }

  #decode({ doc, v }: Item): Control {
    try {
      const control = readControl(doc?.S ?? '');
      if (v?.N === String(control.v)) return control;
      throw new ControlDamagedError(`its version is ${v?.N} and the document's is ${control.v}`);
    } catch (error) {
      if (!(error instanceof ControlDamagedError)) throw error;
      throw new ControlDamagedError(
        `the control item of ${this.#table} is damaged: ${error.message}. Copy doc and v of its last good version ` +
          `(pk ${CONTROL_KEY}, sk ${HISTORY}…, the greatest) over pk ${CONTROL_KEY}, sk ${CONTROL_KEY}, or delete that ` +
          'item for nothing to be in force. Until then ingest goes by what it last knew',
        { cause: error },
      );
    }
  }

  async write(control: Control, over: number): Promise<boolean> {
    const version = String(control.v);
    const content = { doc: { S: JSON.stringify(control) }, v: { N: version } };
    const history = keyOf(`${HISTORY}${version.padStart(VERSION_DIGITS, '0')}`);
    const TableName = this.#table;
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: { ...keyOf(CONTROL_KEY), ...content }, ...whereStands(over) } },
        { Put: { TableName, Item: { ...history, ...content }, ConditionExpression: NOTHING_THERE } },
      ],
    });
    try {
      await this.#client.send(transaction);
      return true;
    } catch (error) {
      if (isOvertaken(error)) return false;
      throw error;
    }
  }
}

function keyOf(sk: string): Item {
  return { pk: { S: CONTROL_KEY }, sk: { S: sk } };
}

/** Holds where this version stands; 0 may also be written out, by hand. */
function whereStands(version: number): Pick<Put, 'ConditionExpression' | 'ExpressionAttributeValues'> {
  return {
    ConditionExpression: version === 0 ? `${NOTHING_THERE} OR v = :seen` : 'v = :seen',
    ExpressionAttributeValues: { ':seen': { N: String(version) } },
  };
}

/** Another version stands there, or is being written at this moment; or this one was there before. */
function isOvertaken(error: unknown): boolean {
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
  return codes.includes('ConditionalCheckFailed') || codes.includes('TransactionConflict');
}
