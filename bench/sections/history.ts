import { DynamoMeter } from '../metering/dynamo-meter.ts';
import { Seeded } from '../random.ts';
import { envelopeRecord } from '../records.ts';
import { amount, bar, table } from '../report/tables.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { stateReadUnits, stateWriteUnits, TABLES } from '../tables.ts';
import { NO_LOG, startProjector } from '../weir-projector.ts';
import { eventAt } from '../workloads.ts';

const HISTORIES = [10, 1_000, 100_000];
const QUICK_HISTORIES = [10, 1_000];
const FILL = 10_000;
const BATCHES = 40;
const BATCH = 100;
const AT_MS = Date.parse('2026-11-10T08:30:00Z');
/** Rounding alone: a bucket's numbers grow by a digit or two, which may seal a page a few ids earlier. */
const TOLERANCE = 1.02;

/** Writes and reads of the same batches into a bucket that has counted so many events before. */
interface After {
  readonly ids: number;
  readonly writesEach: number;
  readonly readsEach: number;
  /** What a cold instance reads for its first batch. */
  readonly coldReads: number;
}

/** Whether the hot path depends on how much a bucket has counted before. */
export async function history(context: BenchContext): Promise<SectionResult> {
  const results: After[] = [];
  const histories = context.quick ? QUICK_HISTORIES : HISTORIES;
  for (const ids of histories) results.push(await runAfter(ids, context));
  const writes = results.map(({ writesEach }) => writesEach);
  const fullest = Math.max(...writes);
  const rows = results.map(({ ids, writesEach, readsEach, coldReads }) => [
    amount(ids),
    amount(writesEach),
    bar(writesEach, fullest),
    amount(readsEach),
    amount(coldReads),
  ]);
  return {
    title: 'Does the hot path depend on history?',
    text: [
      table(
        ['ids in the bucket', 'write units an event', '', 'read units an event', 'cold: first batch reads'],
        rows,
      ),
      `${BATCHES} batches of ${BATCH} new events, a warm instance. Only a cold one reads the bucket's pages, once.`,
    ].join('\n'),
    data: results,
    targets: [
      {
        name: 'write units an event, longest history to shortest',
        value: fullest / Math.min(...writes),
        limit: TOLERANCE,
        unit: '×',
      },
    ],
  };
}

async function runAfter(ids: number, { dynamo, progress }: BenchContext): Promise<After> {
  const random = new Seeded(ids);
  const events = (count: number) =>
    Array.from({ length: count }, () => eventAt(AT_MS, { subjects: 1 }, random));
  await dynamo.reset(TABLES);
  const meter = new DynamoMeter(TABLES);
  const client = dynamo.client();
  meter.watch(client, client);
  const warm = startProjector(client, NO_LOG);
  for (let left = ids; left > 0; left -= FILL) {
    progress(`${amount(ids)} ids`, (ids - left) / ids / 2);
    await warm([envelopeRecord(events(Math.min(left, FILL)))]);
  }
  const [writes, reads] = [stateWriteUnits(meter), stateReadUnits(meter)];
  for (let batch = 0; batch < BATCHES; batch++) {
    progress(`${amount(ids)} ids`, 0.5 + batch / BATCHES / 2);
    await warm([envelopeRecord(events(BATCH))]);
  }
  const [written, read] = [stateWriteUnits(meter), stateReadUnits(meter)];
  await startProjector(client, NO_LOG)([envelopeRecord(events(BATCH))]);
  const coldReads = stateReadUnits(meter) - read;
  client.destroy();
  const each = BATCHES * BATCH;
  return { ids, writesEach: (written - writes) / each, readsEach: (read - reads) / each, coldReads };
}
