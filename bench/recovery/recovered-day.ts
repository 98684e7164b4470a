import { type DynamoDBClient, paginateScan, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { ReconcileRequest, RunRequest } from '../../lambdas/domain/recovery/request.ts';
import { type Priced, priceOf } from '../../lib/prices.ts';
import { type Agreement, DynamoMeter } from '../metering/dynamo-meter.ts';
import type { BenchContext } from '../section.ts';
import { CONTROL, STATE, TABLES } from '../tables.ts';
import { putCredential } from '../weir-ingest.ts';
import { WeirPath } from '../weir-path.ts';
import { type Batch, deliveriesIn, START_MS } from '../workloads.ts';
import { RecoveryRooms } from './recovery-rooms.ts';

const HOUR_MS = 3_600_000;
export const DAY_HOURS = 24;

/** What AWS bills for, in the order of the page. */
const LINES = [
  ['API requests', 'apiRequest'],
  ['Lambda requests', 'lambdaRequest'],
  ['Step Functions transitions', 'stepTransition'],
  ['Kinesis PUT units (25 KB)', 'kinesisPutUnit'],
  ['state write units: table', 'dynamoWrite'],
  ['state write units: index', 'dynamoWrite'],
  ['state read units', 'dynamoRead'],
  ['control write units', 'dynamoWrite'],
  ['control read units', 'dynamoRead'],
  ['S3 PUTs', 's3Put'],
  ['S3 LISTs', 's3List'],
  ['S3 GETs', 's3Get'],
  ['SQS requests', 'sqsRequest'],
] as const satisfies readonly (readonly [what: string, priced: Priced])[];

/** Something billed, and how much of it. */
export interface BilledLine {
  readonly what: (typeof LINES)[number][0];
  readonly priced: Priced;
  readonly quantity: number;
}

/** What was billed between two moments. */
export type Bill = readonly BilledLine[];

export function totalOf(bill: Bill): number {
  return bill.reduce((sum, { priced, quantity }) => sum + priceOf(priced, quantity), 0);
}

/** What is in `after` and not in `before`. */
export function less(after: Bill, before: Bill): Bill {
  return after.map((line, at) => ({ ...line, quantity: line.quantity - before[at]!.quantity }));
}

/** What a day's ingest and each of the runs over it cost. */
export interface DayCost {
  readonly events: number;
  readonly objects: number;
  readonly buckets: number;
  readonly ingest: Bill;
  readonly runs: Readonly<Record<Verb, Bill>>;
  /** Of reconcile where there is nothing to compare. */
  readonly idle: Bill;
  readonly agreement: Agreement;
}

const VERBS = ['reconcile', 'rebuild', 'replay'] as const;
type Verb = (typeof VERBS)[number];
/** A run of each verb, and a reconcile of a day that had no events. */
type RunName = Verb | 'idle';

const ASKED = { operator: 'bench', reason: 'what it costs', dryRun: false } as const;
const PACE = { rate: 500, maxLagSeconds: 30 } as const;

function requests(): Readonly<Record<RunName, RunRequest>> {
  const day = (days: number) => new Date(START_MS + days * DAY_HOURS * HOUR_MS).toISOString();
  const range = { from: day(0), to: day(1) };
  const asked = (requestId: RunName) => ({ ...ASKED, ...range, ...PACE, requestId });
  const reconcile: ReconcileRequest = {
    ...asked('reconcile'),
    ...{ verb: 'reconcile', repair: false, identities: false },
  };
  return {
    reconcile,
    // So early that no window which begins in it can hold an event of the day.
    idle: { ...reconcile, requestId: 'idle', from: day(-3), to: day(-2) },
    rebuild: { ...asked('rebuild'), verb: 'rebuild' },
    // By arrival: what came in its last moments too.
    replay: {
      ...asked('replay'),
      to: day(1 + 1 / DAY_HOURS),
      verb: 'replay',
    },
  };
}

/**
 * A day through the product's own path, and then runs over it, one after the other: reconcile, rebuild, replay. Replay comes last,
 * as it puts all of the day into the archive again.
 */
export async function recoverDay(
  name: string,
  batches: readonly Batch[],
  { dynamo, progress }: BenchContext,
): Promise<DayCost> {
  await dynamo.reset(TABLES);
  const meter = new DynamoMeter(TABLES);
  const [unmetered, client] = [dynamo.client(), dynamo.client()];
  meter.watch(client, unmetered);
  await putCredential(client);
  const path = new WeirPath(client);
  const rooms = new RecoveryRooms(client, path);
  let [transitions, invocations, sqsRequests] = [0, 0, 0];
  const bill = (): Bill => {
    const [state, control] = [meter.use(STATE.name), meter.use(CONTROL.name)];
    const { requests: apiRequests, invocations: others, log } = path.asked;
    const { puts, lists, gets } = path.bucket;
    const quantities = [
      ...[apiRequests, invocations + others, transitions, log.putUnits],
      ...[state.writeUnits, state.indexWriteUnits, state.readUnits, control.writeUnits, control.readUnits],
      ...[puts, lists, gets, sqsRequests],
    ];
    return LINES.map(([what, priced], at) => ({ what, priced, quantity: quantities[at]! }));
  };
  let before = bill();
  for (const [index, batch] of batches.entries()) {
    progress(`a day of ${name}`, index / batches.length);
    await path.send(batch);
  }
  const { objects } = await path.finish();
  const ingest = less(bill(), before);
  path.clock.nowMs = START_MS + (DAY_HOURS + 2) * HOUR_MS;
  const bills: Partial<Record<RunName, Bill>> = {};
  let buckets = 0;
  for (const verb of ['idle', ...VERBS] as const) {
    progress(`${verb} of a day of ${name}`, 0);
    if (verb === 'rebuild') await spoilHeads(unmetered, client);
    before = bill();
    const { run, execution, sqsRequests: more } = await rooms.run(requests()[verb]);
    await path.project();
    await path.finish();
    transitions += execution.transitions;
    // And that of `recover` itself.
    invocations += 1 + Object.values(execution.calls).reduce((sum, calls) => sum + calls, 0);
    sqsRequests += more;
    bills[verb] = less(bill(), before);
    buckets = Math.max(buckets, run.result?.counts.buckets ?? 0);
  }
  client.destroy();
  unmetered.destroy();
  const { agreement } = meter;
  const { idle, ...runs } = bills as Record<RunName, Bill>;
  return { events: deliveriesIn(batches), objects, buckets, ingest, runs, idle, agreement };
}

/** Makes every bucket one that a rebuild has to write: what is right it leaves as it is. */
async function spoilHeads(unmetered: DynamoDBClient, client: DynamoDBClient): Promise<void> {
  const heads = {
    ExpressionAttributeValues: { ':head': { S: 'B#' } },
    FilterExpression: 'begins_with(sk, :head)',
  };
  for await (const { Items = [] } of paginateScan(
    { client: unmetered },
    { TableName: STATE.name, ...heads },
  )) {
    for (const { pk, sk } of Items) {
      await client.send(
        new UpdateItemCommand({
          TableName: STATE.name,
          Key: { pk: pk!, sk: sk! },
          UpdateExpression: 'SET digest = :nothing',
          ExpressionAttributeValues: { ':nothing': { S: '0'.repeat(64) } },
        }),
      );
    }
  }
}
