import { PRICED_IN, PRICED_ON } from '../../lib/prices.ts';
import { APPROACHES, weir } from '../approaches.ts';
import type { Approach } from '../baselines/counter.ts';
import { DynamoMeter } from '../metering/dynamo-meter.ts';
import { describeAgreement } from '../report/agreement.ts';
import { amount, bar, dollars, table } from '../report/tables.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { type StateCost, stateCost } from '../state-cost.ts';
import { stateReadUnits, stateWriteUnits, TABLES } from '../tables.ts';
import {
  DELIVERIES,
  deliveriesIn,
  generate,
  QUICK_DELIVERIES,
  WORKLOADS,
  type Workload,
} from '../workloads.ts';

const LAMBDA_MS = 300_000;
const TRIES = 5;

/** The same workloads through the usual ways to count, with the same meter. */
export async function baselines(context: BenchContext): Promise<SectionResult> {
  const costs: StateCost[] = [];
  for (const workload of WORKLOADS) {
    for (const approach of APPROACHES) {
      const known = approach === weir ? context.stateCosts.get(workload.name) : undefined;
      costs.push(known ?? (await costOf(approach, workload, context)));
    }
  }
  return {
    title: 'The same workloads through the usual ways to count (state only)',
    text: [
      ...WORKLOADS.map(({ name }) => describe(name, costs)),
      `Prices of ${PRICED_ON}, ${PRICED_IN}: table and index writes, and reads.`,
      describeAgreement(costs.flatMap(({ agreement }) => agreement ?? [])),
    ].join('\n'),
    data: costs,
    targets: [],
  };
}

async function costOf(approach: Approach, workload: Workload, context: BenchContext): Promise<StateCost> {
  const batches = generate(workload, context.quick ? QUICK_DELIVERIES : DELIVERIES);
  await context.dynamo.reset(TABLES);
  const meter = new DynamoMeter(TABLES);
  const [client, unmetered] = [context.dynamo.client(), context.dynamo.client()];
  meter.watch(client, unmetered);
  const count = approach.start(client, { remainingMs: () => LAMBDA_MS });
  for (const [index, { events }] of batches.entries()) {
    context.progress(`${workload.name}: ${approach.name}`, index / batches.length);
    await untilDone(() => count(events));
  }
  client.destroy();
  unmetered.destroy();
  const deliveries = deliveriesIn(batches);
  const [writesEach, readsEach] = [stateWriteUnits(meter) / deliveries, stateReadUnits(meter) / deliveries];
  return stateCost(approach.name, workload.name, writesEach, readsEach, meter.agreement);
}

/** A batch that fails comes again, as the event source mapping would have it. */
async function untilDone(count: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await count();
    } catch (error) {
      if (attempt >= TRIES) throw error;
    }
  }
}

function describe(workload: string, costs: readonly StateCost[]): string {
  const here = costs.filter((cost) => cost.workload === workload);
  const most = Math.max(...here.map(({ usdPerMillion }) => usdPerMillion));
  return table(
    [workload, 'write units an event', 'read units an event', 'US$ a million', ''],
    here.map(({ approach, writesEach, readsEach, usdPerMillion }) => [
      approach,
      amount(writesEach),
      amount(readsEach),
      dollars(usdPerMillion),
      bar(usdPerMillion, most).padEnd(20),
    ]),
  );
}
