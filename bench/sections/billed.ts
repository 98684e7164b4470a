import { PRICED_IN, PRICED_ON, type Priced, priceOf } from '../../lib/prices.ts';
import { weir } from '../approaches.ts';
import { type Agreement, DynamoMeter } from '../metering/dynamo-meter.ts';
import { describeAgreement } from '../report/agreement.ts';
import { amount, dollars, megabytes, table } from '../report/tables.ts';
import type { BenchContext, SectionResult, Target } from '../section.ts';
import { stateCost } from '../state-cost.ts';
import { CONTROL, STATE, TABLES } from '../tables.ts';
import { putCredential } from '../weir-ingest.ts';
import { type Asked, WeirPath } from '../weir-path.ts';
import {
  DELIVERIES,
  DEVICES,
  deliveriesIn,
  generate,
  HOT,
  METERING,
  QUICK_DELIVERIES,
  SINGLE,
  WORKLOADS,
  type Workload,
} from '../workloads.ts';

const MILLION = 1_000_000;

/** State write units per delivered event, index writes included. */
const LIMITS: ReadonlyMap<Workload, number> = new Map([
  [METERING, 0.09],
  [DEVICES, 0.95],
  [HOT, 0.02],
  [SINGLE, 1.0],
]);

interface Line {
  readonly what: string;
  readonly priced: Priced;
  /** Per delivered event. */
  readonly each: number;
}

/** One workload through the whole path. */
export interface Billed {
  readonly workload: string;
  readonly deliveries: number;
  readonly stateWritesEach: number;
  readonly stateReadsEach: number;
  readonly lines: readonly Line[];
  readonly logBytesEach: number;
  readonly archiveBytesEach: number;
  readonly stateBytesEach: number;
  readonly agreement: Agreement;
}

/** Billed operations and bytes of the product's own code, for each workload. */
export async function billed(context: BenchContext): Promise<SectionResult> {
  const results: Billed[] = [];
  for (const workload of WORKLOADS) results.push(await runWorkload(workload, context));
  const targets = results.map(
    ({ workload, stateWritesEach }): Target => ({
      name: `state write units per event: ${workload}`,
      value: stateWritesEach,
      limit: [...LIMITS].find(([{ name }]) => name === workload)![1],
      unit: 'units',
    }),
  );
  return {
    title: 'Billed operations per million delivered events',
    text: describe(results),
    data: results,
    targets,
  };
}

async function runWorkload(workload: Workload, context: BenchContext): Promise<Billed> {
  const batches = generate(workload, context.quick ? QUICK_DELIVERIES : DELIVERIES);
  await context.dynamo.reset(TABLES);
  const meter = new DynamoMeter(TABLES);
  const unmetered = context.dynamo.client();
  await putCredential(unmetered);
  const client = context.dynamo.client();
  meter.watch(client, unmetered);
  const path = new WeirPath(client);
  for (const [index, batch] of batches.entries()) {
    context.progress(workload.name, index / batches.length);
    await path.send(batch);
  }
  const asked = await path.finish();
  client.destroy();
  unmetered.destroy();
  const result = toBilled(workload, deliveriesIn(batches), asked, meter);
  const { stateWritesEach, stateReadsEach } = result;
  context.stateCosts.set(workload.name, stateCost(weir.name, workload.name, stateWritesEach, stateReadsEach));
  return result;
}

function toBilled(workload: Workload, deliveries: number, asked: Asked, meter: DynamoMeter): Billed {
  const [state, control] = [meter.use(STATE.name), meter.use(CONTROL.name)];
  const line = (what: string, priced: Priced, quantity: number): Line => ({
    what,
    priced,
    each: quantity / deliveries,
  });
  return {
    workload: workload.name,
    deliveries,
    stateWritesEach: (state.writeUnits + state.indexWriteUnits) / deliveries,
    stateReadsEach: state.readUnits / deliveries,
    lines: [
      line('API requests', 'apiRequest', asked.requests),
      line('Lambda requests', 'lambdaRequest', asked.invocations),
      line('Kinesis PUT units (25 KB)', 'kinesisPutUnit', asked.log.putUnits),
      line('state write units: table', 'dynamoWrite', state.writeUnits),
      line('state write units: index', 'dynamoWrite', state.indexWriteUnits),
      line('state read units', 'dynamoRead', state.readUnits),
      line('control write units', 'dynamoWrite', control.writeUnits),
      line('control read units', 'dynamoRead', control.readUnits),
      line('S3 PUTs', 's3Put', asked.objects),
      line('SQS requests', 'sqsRequest', 0),
    ],
    logBytesEach: asked.log.bytes / deliveries,
    archiveBytesEach: asked.objectBytes / deliveries,
    stateBytesEach: state.bytesWritten / deliveries,
    agreement: meter.agreement,
  };
}

function describe(results: readonly Billed[]): string {
  const names = results.map(({ workload }) => workload);
  const lines = results[0]!.lines.map(({ what }, row) => [
    what,
    ...results.map(({ lines }) => {
      const { each, priced } = lines[row]!;
      return each === 0 ? '–' : `${amount(each * MILLION)} · ${dollars(priceOf(priced, each * MILLION))}`;
    }),
  ]);
  const total = ['all of it', ...results.map(({ lines }) => dollars(totalOf(lines)))];
  const bytes = (what: string, of: (result: Billed) => number) => [
    what,
    ...results.map((result) => megabytes(of(result) * MILLION)),
  ];
  return [
    table(
      ['operations · US$', ...names],
      [
        ...lines,
        total,
        bytes('bytes into the log', ({ logBytesEach }) => logBytesEach),
        bytes('bytes of items written to state', ({ stateBytesEach }) => stateBytesEach),
        bytes('bytes of archive objects', ({ archiveBytesEach }) => archiveBytesEach),
      ],
    ),
    `Prices of ${PRICED_ON}, ${PRICED_IN}. Counted from ${amount(results[0]!.deliveries)} deliveries each.`,
    describeAgreement(results.map(({ agreement }) => agreement)),
  ].join('\n');
}

function totalOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { priced, each }) => sum + priceOf(priced, each * MILLION), 0);
}
