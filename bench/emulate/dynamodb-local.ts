import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { freePort } from '../../localstack/ports.ts';
import { ensureInstalled } from '../../localstack/setup.ts';
import type { MeteredTable } from '../metering/dynamo-meter.ts';

const START_LIMIT_MS = 30_000;
const SOCKETS = 64;
const CREDENTIALS = { accessKeyId: 'bench', secretAccessKey: 'bench' };
export const REGION = 'us-east-1';

/** A DynamoDB Local of the bench's own, in memory. */
export interface DynamoDbLocal {
  readonly endpoint: string;
  /** A new client: what counts or breaks its calls is of that client alone. */
  client(): DynamoDBClient;
  /** Makes the tables anew, empty. */
  reset(tables: readonly MeteredTable[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the one that LocalStack was installed with; installs it the first time. */
export async function startDynamoDb(report: (line: string) => void): Promise<DynamoDbLocal> {
  const { library } = await ensureInstalled(report);
  const folder = join(library, 'dynamodb-local', '2');
  const java = join(
    ...[library, 'java', '17', ...(process.platform === 'darwin' ? ['Contents', 'Home'] : []), 'bin', 'java'],
  );
  const port = await freePort();
  const child = spawn(
    java,
    [
      '-Xmx1g',
      `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
      ...['-jar', join(folder, 'DynamoDBLocal.jar')],
      ...['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)],
    ],
    { stdio: 'ignore' },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const client = () => dynamoClient(endpoint);
  const stop = () => end(child);
  // However the bench ends, nothing of it stays.
  process.once('exit', () => child.kill('SIGKILL'));
  const admin = client();
  await untilUp(child, admin);
  return { endpoint, client, stop, reset: (tables) => reset(admin, tables) };
}

function dynamoClient(endpoint: string): DynamoDBClient {
  const requestHandler = new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: SOCKETS } });
  return new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS, requestHandler });
}

async function untilUp(child: ChildProcess, client: DynamoDBClient): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > limit)
        throw new Error('DynamoDB Local did not start; "npm run weir -- doctor" says what is missing', {
          cause: error,
        });
      await sleep(100);
    }
  }
}

async function reset(client: DynamoDBClient, tables: readonly MeteredTable[]): Promise<void> {
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  for (const TableName of TableNames) await client.send(new DeleteTableCommand({ TableName }));
  for (const table of tables) await client.send(new CreateTableCommand(describe(table)));
}

function describe({ name, keys, index }: MeteredTable) {
  const attributes = new Set([...keys, ...(index?.keys ?? [])]);
  const schema = (names: readonly string[]) =>
    names.map((AttributeName, at) => ({
      AttributeName,
      KeyType: at === 0 ? ('HASH' as const) : ('RANGE' as const),
    }));
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: [...attributes].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S' as const,
    })),
    KeySchema: schema(keys),
    ...(index && {
      GlobalSecondaryIndexes: [
        {
          IndexName: index.keys[0],
          KeySchema: schema(index.keys),
          Projection: { ProjectionType: 'KEYS_ONLY' as const },
        },
      ],
    }),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
