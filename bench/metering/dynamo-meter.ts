import { type ConsumedCapacity, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  type Consistency,
  type Index,
  type Item,
  indexWriteUnits,
  itemBytes,
  readUnits,
  TRANSACTION_FACTOR,
  writeUnits,
} from './capacity.ts';

/** A table whose units are counted. */
export interface MeteredTable {
  readonly name: string;
  /** Names of its key attributes. */
  readonly keys: readonly string[];
  readonly index?: Index;
}

/** What was billed on one table. */
export interface TableUse {
  /** Units on the table itself. */
  writeUnits: number;
  indexWriteUnits: number;
  readUnits: number;
  /** Calls, and how many of them a condition refused. */
  calls: number;
  refused: number;
  /** Bytes of items written. */
  bytesWritten: number;
}

/** How the rules compare with what the emulator says that it consumed. */
export interface Agreement {
  agreed: number;
  /** Calls that the emulator is known to count otherwise than AWS: what they are, and how many. */
  readonly known: Map<string, number>;
  /** Calls on which the two differ and that nothing explains: a mistake in one of them. */
  readonly differing: string[];
}

// biome-ignore lint/suspicious/noExplicitAny: inputs and outputs of all commands at once
type Any = any;
type Stored = { readonly bytes: number; readonly indexed: Item };

/** What one call cost, in parts that tables are billed for. */
interface Charge {
  readonly table: string;
  write?: number;
  index?: number;
  read?: number;
  bytes?: number;
}

/**
 * Counts what DynamoDB would bill for every call of the clients that it watches, by AWS's rules and from the requests
 * and answers themselves. It must see all writes to its tables from the first one on, as units depend on the item
 * before. Where the emulator says what was consumed, and says it as AWS does, the two are held against each other.
 */
export class DynamoMeter {
  readonly agreement: Agreement = { agreed: 0, known: new Map(), differing: [] };
  readonly #tables: ReadonlyMap<string, MeteredTable>;
  readonly #uses = new Map<string, TableUse>();
  readonly #stored = new Map<string, Stored>();

  constructor(tables: readonly MeteredTable[]) {
    this.#tables = new Map(tables.map((table) => [table.name, table]));
  }

  /** Counts this client's calls from now on. @param peek a client that nobody counts, to look at items with */
  watch(client: DynamoDBClient, peek: DynamoDBClient): void {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const command = String(context.commandName).replace('Command', '');
        const input: Any = { ReturnConsumedCapacity: 'INDEXES', ...args.input };
        if (command === 'UpdateItem') input.ReturnValues ??= 'ALL_NEW';
        try {
          const result = await next({ ...args, input });
          await this.#succeeded(command, input, result.output, peek);
          return result;
        } catch (error) {
          this.#failed(command, input, error);
          throw error;
        }
      },
      { step: 'initialize', name: 'weirMeter', priority: 'low' },
    );
  }

  /** What has been billed on a table so far. */
  use(table: string): Readonly<TableUse> {
    return { ...this.#use(table) };
  }

  async #succeeded(command: string, input: Any, output: Any, peek: DynamoDBClient): Promise<void> {
    switch (command) {
      case 'PutItem':
        return this.#book([this.#write(input.TableName, input.Item, input.Item)], output, command);
      case 'UpdateItem':
        return this.#book([this.#write(input.TableName, input.Key, output.Attributes)], output, command);
      case 'DeleteItem':
        return this.#book([this.#write(input.TableName, input.Key, undefined)], output, command);
      case 'GetItem':
        return this.#book([this.#get(input, output.Item)], output, command);
      case 'BatchGetItem':
        return this.#batchGet(input, output);
      case 'Query':
        return this.#query(input, output);
      case 'Scan':
        return this.#scan(input, output);
      case 'TransactWriteItems':
        return this.#transaction(input, peek);
      default:
        throw new Error(`the bench has no rule for ${command}; add it to bench/metering/dynamo-meter.ts`);
    }
  }

  /** Only refused conditions are billed; the emulator does not say what they consumed. */
  #failed(command: string, input: Any, error: unknown): void {
    const name = (error as Error).name;
    if (name === 'ConditionalCheckFailedException') {
      const before = this.#before(input.TableName, input.Item ?? input.Key).bytes;
      this.#charge({
        table: input.TableName,
        write: writeUnits(before, input.Item ? itemBytes(input.Item) : 0),
      });
      this.#use(input.TableName).refused += 1;
      this.#known(`${command} refused by its condition: says nothing`);
    } else if (name === 'TransactionCanceledException') {
      for (const action of input.TransactItems) {
        const { TableName: table, Item: item, Key: key } = action.Put ?? action.Update ?? action.Delete;
        const units = writeUnits(this.#before(table, item ?? key).bytes, item ? itemBytes(item) : 0);
        this.#charge({ table, write: units * TRANSACTION_FACTOR });
        this.#use(table).refused += 1;
      }
      this.#known('transaction cancelled: says nothing');
    }
  }

  #write(table: string, key: Item, after: Item | undefined, factor = 1): Charge {
    const before = this.#before(table, key);
    const bytes = after ? itemBytes(after) : 0;
    const { index } = this.#table(table);
    const indexed = index && after ? pick(after, index.projected) : {};
    this.#stored.set(this.#nameOf(table, key), { bytes, indexed });
    return {
      table,
      bytes,
      write: writeUnits(before.bytes, bytes) * factor,
      index: index ? indexWriteUnits(index, before.indexed, indexed) : 0,
    };
  }

  #get(input: Any, item: Item | undefined): Charge {
    const consistency: Consistency = input.ConsistentRead ? 'strong' : 'eventual';
    return { table: input.TableName, read: readUnits(item ? itemBytes(item) : 0, consistency) };
  }

  /** Each item is rounded up by itself, and one that is not there is a unit too; the emulator has misses for nothing. */
  #batchGet(input: Any, output: Any): void {
    for (const [table, { Keys, ConsistentRead }] of Object.entries<Any>(input.RequestItems)) {
      const consistency: Consistency = ConsistentRead ? 'strong' : 'eventual';
      const items: Item[] = output.Responses?.[table] ?? [];
      const misses = Keys.length - items.length;
      const found = items.reduce((units, item) => units + readUnits(itemBytes(item), consistency), 0);
      this.#charge({ table, read: found + misses * readUnits(0, consistency) });
      this.#compare({ table, read: found }, capacityOf(output, table), 'BatchGetItem');
      if (misses > 0) this.#known('keys of a BatchGetItem that are not there: says 0', misses);
    }
  }

  #query(input: Any, output: Any): void {
    const consistency: Consistency = input.ConsistentRead ? 'strong' : 'eventual';
    const bytes = (output.Items ?? []).reduce((all: number, item: Item) => all + itemBytes(item), 0);
    const charge = { table: input.TableName, read: readUnits(bytes, consistency) };
    this.#charge(charge);
    if (bytes > 0) this.#compare(charge, capacityOf(output, input.TableName), 'Query');
    else this.#known('Query that finds nothing: says 0');
  }

  /** What is read is paid for, whatever a filter leaves of it. Of several pages all is booked with the last. */
  #scan(input: Any, output: Any): void {
    if (output.LastEvaluatedKey) return;
    let bytes = 0;
    for (const [name, stored] of this.#stored)
      if (name.startsWith(`${input.TableName} `)) bytes += stored.bytes;
    const charge = {
      table: input.TableName,
      read: readUnits(bytes, input.ConsistentRead ? 'strong' : 'eventual'),
    };
    this.#charge(charge);
    if (input.ExclusiveStartKey) this.#known('Scan of several pages: says it of each');
    else this.#compare(charge, capacityOf(output, input.TableName), 'Scan');
  }

  async #transaction(input: Any, peek: DynamoDBClient): Promise<void> {
    for (const action of input.TransactItems) {
      const { TableName: table, Item: item, Key: key } = action.Put ?? action.Update ?? action.Delete;
      const after = action.Update
        ? (await peek.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item
        : item;
      this.#charge(this.#write(table, item ?? key, after, TRANSACTION_FACTOR));
    }
    this.#known('transaction: counted wrongly');
  }

  #book(charges: readonly Charge[], output: Any, command: string): void {
    for (const charge of charges) {
      this.#charge(charge);
      this.#compare(charge, capacityOf(output, charge.table), command);
    }
  }

  #charge({ table, write = 0, index = 0, read = 0, bytes = 0 }: Charge): void {
    const use = this.#use(table);
    use.writeUnits += write;
    use.indexWriteUnits += index;
    use.readUnits += read;
    use.bytesWritten += bytes;
    use.calls += 1;
  }

  #compare(charge: Charge, said: ConsumedCapacity | undefined, command: string): void {
    const ours = (charge.write ?? 0) + (charge.index ?? 0) + (charge.read ?? 0);
    if (said?.CapacityUnits === ours) {
      this.agreement.agreed += 1;
      return;
    }
    const size = charge.bytes === undefined ? '' : ` of ${charge.bytes} bytes`;
    this.agreement.differing.push(
      `${command}${size} on ${charge.table}: ${ours} by the rules, ${said?.CapacityUnits ?? 'nothing'} by the emulator`,
    );
  }

  #known(what: string, times = 1): void {
    this.agreement.known.set(what, (this.agreement.known.get(what) ?? 0) + times);
  }

  #before(table: string, key: Item): Stored {
    return this.#stored.get(this.#nameOf(table, key)) ?? { bytes: 0, indexed: {} };
  }

  #nameOf(table: string, item: Item): string {
    return `${table} ${this.#table(table)
      .keys.map((key) => item[key]?.S)
      .join(' ')}`;
  }

  #table(name: string): MeteredTable {
    const table = this.#tables.get(name);
    if (!table) throw new Error(`the meter does not know the table ${name}`);
    return table;
  }

  #use(table: string): TableUse {
    let use = this.#uses.get(table);
    if (!use) {
      use = { writeUnits: 0, indexWriteUnits: 0, readUnits: 0, calls: 0, refused: 0, bytesWritten: 0 };
      this.#uses.set(table, use);
    }
    return use;
  }
}

/** What the emulator says of one table; of batches it says it in a list. */
function capacityOf(output: Any, table: string): ConsumedCapacity | undefined {
  const said = output.ConsumedCapacity;
  return Array.isArray(said) ? said.find(({ TableName }) => TableName === table) : said;
}

function pick(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
}
