import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { APPROACHES, weir } from '../approaches.ts';
import type { Approach } from '../baselines/counter.ts';
import { Fate, type Mishap } from '../emulate/crashes.ts';
import { Seeded } from '../random.ts';
import { amount, bar, table } from '../report/tables.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { TABLES } from '../tables.ts';
import { type Batch, deliveriesIn, generate, truthOf } from '../workloads.ts';

const WORKLOAD = { name: 'crashes', subjects: 20, batch: 100, windows: 2 };
const DELIVERIES = 6_000;
const QUICK_DELIVERIES = 1_000;
const SEED = 7;
const MISHAPS: readonly Mishap[] = ['dies before', 'dies after', 'answer lost'];
/** Of the batches, how many meet a mishap; and of those that come again, how many meet another. */
const STRUCK = 0.6;
const STRUCK_AGAIN = 0.25;
/** A function's time limit here: short, so that what a dead process has locked is soon free. */
const LAMBDA_MS = 500;
const TRIES = 10;

/** A mishap that a batch meets. */
interface Planned {
  readonly mishap: Mishap;
  /** Where in the batch's calls, from 0 to 1: approaches make different numbers of them. */
  readonly place: number;
}

interface Errors {
  readonly approach: string;
  readonly mishaps: number;
  readonly counted: number;
  readonly truth: number;
  /** Sum over buckets of |counted − true|. */
  readonly off: number;
}

/** How far each way of counting is off after the same crashes. */
export async function crashes(context: BenchContext): Promise<SectionResult> {
  const batches = generate(WORKLOAD, context.quick ? QUICK_DELIVERIES : DELIVERIES, SEED);
  const plan = planMishaps(batches.length);
  const errors: Errors[] = [];
  for (const approach of APPROACHES) errors.push(await runThrough(approach, batches, plan, context));
  const worst = Math.max(1, ...errors.map(({ off }) => off));
  const rows = errors.map(({ approach, mishaps, counted, truth, off }) => [
    approach,
    amount(mishaps),
    amount(truth),
    amount(counted),
    amount(off),
    bar(off, worst).padEnd(20),
  ]);
  const ours = errors.find(({ approach }) => approach === weir.name)!;
  return {
    title: 'How far off are they after the same crashes?',
    text: [
      table(['', 'mishaps', 'distinct events', 'counted', '|counted − true|', ''], rows),
      `${amount(deliveriesIn(batches))} deliveries in batches of ${WORKLOAD.batch}, a tenth of them repeated. Mishaps, by one seed: the process dies`,
      'before or after its n-th call and the batch comes again to a new one; or a call is done, its answer is lost, and the',
      'SDK makes it again. The last column sums the differences over all buckets.',
    ].join('\n'),
    data: errors,
    targets: [
      { name: `events that ${weir.name} is off by after crashes`, value: ours.off, limit: 0, unit: 'events' },
    ],
  };
}

/** The same for every approach: for each batch, what befalls it first, what when it has come again, and so on. */
function planMishaps(batches: number): readonly (readonly Planned[])[] {
  const random = new Seeded(SEED);
  return Array.from({ length: batches }, () => {
    const tries: Planned[] = [];
    while (tries.length < TRIES / 2 && random.fraction() < (tries.length === 0 ? STRUCK : STRUCK_AGAIN))
      tries.push({ mishap: MISHAPS[random.whole(MISHAPS.length)]!, place: random.fraction() });
    return tries;
  });
}

async function runThrough(
  approach: Approach,
  batches: readonly Batch[],
  plan: readonly (readonly Planned[])[],
  { dynamo, progress }: BenchContext,
): Promise<Errors> {
  await dynamo.reset(TABLES);
  const callsOf = await callsPerBatch(approach, batches, dynamo.client);
  await dynamo.reset(TABLES);
  let mishaps = 0;
  for (const [index, batch] of batches.entries()) {
    progress(approach.name, index / batches.length);
    mishaps += await deliver(approach, batch, plan[index]!, callsOf, dynamo.client);
  }
  const client = dynamo.client();
  const counts = await readCounts(client, approach.countsIn);
  client.destroy();
  return { approach: approach.name, mishaps, ...compare(counts, truthOf(batches)) };
}

/** How many calls an approach makes for a batch when nothing happens: so that mishaps fall anywhere in them. */
async function callsPerBatch(
  approach: Approach,
  batches: readonly Batch[],
  newClient: () => DynamoDBClient,
): Promise<number> {
  const fate = new Fate();
  const client = newClient();
  fate.befall(client);
  await approach
    .start(client, { remainingMs: () => LAMBDA_MS })(batches[0]!.events)
    .catch(() => {});
  await fate.settled();
  client.destroy();
  return fate.calls;
}

/** Delivers a batch until it is acknowledged, through its mishaps one after the other, by a new process after each death. */
async function deliver(
  approach: Approach,
  { events }: Batch,
  plan: readonly Planned[],
  callsOf: number,
  newClient: () => DynamoDBClient,
): Promise<number> {
  let mishaps = 0;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const planned = plan[mishaps];
    const fate = planned ? new Fate(planned.mishap, 1 + Math.floor(planned.place * callsOf)) : new Fate();
    const client = newClient();
    fate.befall(client);
    try {
      await approach.start(client, { remainingMs: () => LAMBDA_MS })(events);
      fate.endOfBatch();
      return mishaps + Number(fate.struck);
    } catch {
      await fate.settled();
      mishaps += Number(fate.struck);
      // What the dead one has locked is locked until its time would have been over.
      await sleep(LAMBDA_MS + 50);
    } finally {
      client.destroy();
    }
  }
  throw new Error(`${approach.name}: the batch was not counted in ${TRIES} tries`);
}

/** Counts of events by `<subject> <hour>`. */
async function readCounts(client: DynamoDBClient, table: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let from: Record<string, never> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: from }),
    );
    for (const item of Items) {
      const { pk, sk, n } = unmarshall(item) as { pk: string; sk: string; n?: number };
      if (sk.startsWith('B#')) counts.set(`${pk.split('#')[1]} ${sk.split('#')[2]}`, n ?? 0);
    }
    from = LastEvaluatedKey as Record<string, never> | undefined;
  } while (from);
  return counts;
}

function compare(counts: ReadonlyMap<string, number>, truth: ReadonlyMap<string, number>) {
  const sum = (of: ReadonlyMap<string, number>) => [...of.values()].reduce((total, n) => total + n, 0);
  let off = 0;
  for (const bucket of new Set([...counts.keys(), ...truth.keys()]))
    off += Math.abs((counts.get(bucket) ?? 0) - (truth.get(bucket) ?? 0));
  return { counted: sum(counts), truth: sum(truth), off };
}
