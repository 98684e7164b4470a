import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import { GATHER_SECONDS } from '../../lib/constructs/project.ts';
import { PRICED_IN, PRICED_ON, priceOf } from '../../lib/prices.ts';
import { DynamoMeter } from '../metering/dynamo-meter.ts';
import { Seeded } from '../random.ts';
import { envelopeRecord } from '../records.ts';
import { amount, dollars, table } from '../report/tables.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { stateReadUnits, stateWriteUnits, TABLES } from '../tables.ts';
import { NO_LOG, startProjector } from '../weir-projector.ts';
import { eventAt, START_MS } from '../workloads.ts';

/** Traffic of one shard: events a second, one a request, evenly spread over so many subjects at random. */
export interface Traffic {
  readonly rate: number;
  readonly subjects: number;
}

export const TRAFFIC: readonly Traffic[] = [
  { rate: 1, subjects: 20 },
  { rate: 10, subjects: 20 },
  { rate: 100, subjects: 20 },
  { rate: 10, subjects: 500 },
];
const QUICK_TRAFFIC = TRAFFIC.slice(1, 2);

type Freshness = keyof typeof GATHER_SECONDS;
const SETTINGS = Object.keys(GATHER_SECONDS) as Freshness[];

/** So many events, or so much time, whichever is more: of the longest window some. */
const LEAST_EVENTS = 600;
const LEAST_SECONDS = 120;
/** Without a window Lambda looks at a shard once a second. */
const POLL_SECONDS = 1;
/** What an invocation takes: its payload holds records in base64, with some 400 bytes around each. */
const BATCH_RECORDS = 10_000;
const BATCH_BYTES = 6 * 1024 * 1024;
const AROUND_BYTES = 400;
const MILLION = 1_000_000;

interface Measured {
  readonly traffic: Traffic;
  readonly freshness: Freshness;
  readonly events: number;
  readonly batches: number;
  readonly writesEach: number;
  readonly readsEach: number;
  /** Of a million events: writes and reads of state, and the projector's invocations. */
  readonly usdPerMillion: number;
}

/** What the setting `freshness` does to the price of counting. */
export async function freshness(context: BenchContext): Promise<SectionResult> {
  const results: Measured[] = [];
  const all = context.quick ? QUICK_TRAFFIC : TRAFFIC;
  for (const [index, traffic] of all.entries()) {
    for (const setting of SETTINGS) {
      context.progress(`${nameOf(traffic)}: ${setting}`, index / all.length);
      results.push(await measure(traffic, setting, context));
    }
  }
  const rows = all.map((traffic) => [
    nameOf(traffic),
    ...results
      .filter((result) => result.traffic === traffic)
      .map(({ writesEach, usdPerMillion }) => `${amount(writesEach)} · ${dollars(usdPerMillion)}`),
  ]);
  return {
    title: 'What freshness costs',
    text: [
      table(['write units an event · US$ a million events', ...SETTINGS], rows),
      `Of state and the projector's requests; what an event costs before it is the same. Prices of ${PRICED_ON}, ${PRICED_IN}.`,
    ].join('\n'),
    data: results,
    targets: [],
  };
}

export const nameOf = ({ rate, subjects }: Traffic): string => `${rate} a second, ${subjects} subjects`;

async function measure(
  traffic: Traffic,
  setting: Freshness,
  { dynamo, quick }: BenchContext,
): Promise<Measured> {
  const records = recordsOf(traffic, quick);
  const batches = gather(records, GATHER_SECONDS[setting]);
  await dynamo.reset(TABLES);
  const meter = new DynamoMeter(TABLES);
  const client = dynamo.client();
  meter.watch(client, client);
  const project = startProjector(client, NO_LOG);
  for (const batch of batches) {
    const { failedFrom, errors } = await project(batch);
    if (failedFrom !== undefined) throw new Error('the projector failed', { cause: errors[0] });
  }
  client.destroy();
  const [events, writes, reads] = [records.length, stateWriteUnits(meter), stateReadUnits(meter)];
  const usd =
    priceOf('dynamoWrite', writes) + priceOf('dynamoRead', reads) + priceOf('lambdaRequest', batches.length);
  return {
    ...{ traffic, freshness: setting, events, batches: batches.length },
    ...{ writesEach: writes / events, readsEach: reads / events, usdPerMillion: (usd / events) * MILLION },
  };
}

/** Events as they come, one a record; the same for every setting. */
function recordsOf(traffic: Traffic, quick: boolean): LogRecord[] {
  const random = new Seeded(traffic.rate * 1000 + traffic.subjects);
  const events = quick ? LEAST_EVENTS / 10 : Math.max(LEAST_EVENTS, traffic.rate * LEAST_SECONDS);
  return Array.from({ length: events }, (_, index) => {
    const atMs = START_MS + Math.floor((index / traffic.rate) * 1000);
    return envelopeRecord([eventAt(atMs, traffic, random)], atMs);
  });
}

/**
 * Records as Lambda's event source mapping hands them over: a batch begins with the first record that waits and ends when the
 * window is over, or when it is full. It has no marks in it, which come once a minute whatever is set.
 */
export function gather(records: readonly LogRecord[], windowSeconds: number): readonly LogRecord[][] {
  const windowMs = 1000 * Math.max(windowSeconds, POLL_SECONDS);
  const batches: LogRecord[][] = [];
  let batch: LogRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = (record.data.length * 4) / 3 + AROUND_BYTES;
    const over = batch.length > 0 && record.arrivedMs - batch[0]!.arrivedMs >= windowMs;
    if (over || batch.length === BATCH_RECORDS || bytes + size > BATCH_BYTES) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}
