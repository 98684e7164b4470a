import { PRICED_IN, PRICED_ON, priceOf } from '../../lib/prices.ts';
import { describeAgreement } from '../report/agreement.ts';
import { amount, dollars, table } from '../report/tables.ts';
import type { BenchContext, Target } from '../section.ts';
import { DEVICES, generate, METERING, QUICK_DELIVERIES, type Workload } from '../workloads.ts';
import { type Bill, DAY_HOURS, type DayCost, recoverDay, totalOf } from './recovered-day.ts';

const MILLION = 1_000_000;
/** Reconcile is to cost this part of what ingesting the same day has cost, at most. */
const SHARE = 0.1;
/** Deliveries of the days. At the workloads' own rates they would have more, of which a run's fixed part would be less. */
const DAYS: readonly (readonly [Workload, deliveries: number])[] = [
  [METERING, 240_000],
  [DEVICES, 40_000],
];

export interface WorkloadCost extends DayCost {
  readonly workload: string;
}

/** What ingest, reconcile, rebuild and replay of a day cost, by the product's own code. */
export async function recoveryCosts(context: BenchContext): Promise<readonly WorkloadCost[]> {
  const costs: WorkloadCost[] = [];
  for (const [workload, all] of DAYS) {
    const deliveries = context.quick ? QUICK_DELIVERIES / 4 : all;
    const batches = generate({ ...workload, windows: DAY_HOURS }, deliveries);
    costs.push({ workload: workload.name, ...(await recoverDay(workload.name, batches, context)) });
  }
  return costs;
}

/** What reconcile costs as a part of what ingest did. */
const shareOf = ({ ingest, runs }: DayCost): number => totalOf(runs.reconcile) / totalOf(ingest);

export function costTargets(costs: readonly WorkloadCost[]): readonly Target[] {
  return costs.map((cost) => ({
    ...{ name: `cost of reconcile to that of the day’s ingest: ${cost.workload}`, value: shareOf(cost) },
    ...{ limit: SHARE, unit: 'of it' },
  }));
}

export function describeCosts(costs: readonly WorkloadCost[]): string {
  return [
    ...costs.map(describeWorkload),
    `Prices of ${PRICED_ON}, ${PRICED_IN}. Replay at its default pace; projector and archive, which take what it sends, are in it. Rebuild`,
    'finds every bucket wrong; one that is right is not written. What a run costs whatever is in the day is of little weight where a day has',
    `more: reconcile of a day without events is ${dollars(totalOf(costs[0]!.idle))}, ${transitionsIn(costs[0]!.idle)} state transitions most of it.`,
    describeAgreement(costs.map(({ agreement }) => agreement)),
  ].join('\n');
}

function describeWorkload(cost: WorkloadCost): string {
  const { workload, events, objects, buckets, ingest, runs } = cost;
  const bills: readonly (readonly [name: string, bill: Bill])[] = [
    ['ingest', ingest],
    ...Object.entries(runs),
  ];
  const cell = (bill: Bill, row: number) => {
    const { quantity, priced } = bill[row]!;
    const each = (quantity / events) * MILLION;
    return each === 0 ? '–' : `${amount(each)} · ${dollars(priceOf(priced, each))}`;
  };
  const head = [`a day of ${workload}: a million events`, ...bills.map(([name]) => name)];
  const rows = ingest.map(({ what }, row) => [what, ...bills.map(([, bill]) => cell(bill, row))]);
  const all = bills.map(([, bill]) => dollars((totalOf(bill) / events) * MILLION));
  const parts = bills.map(([, bill]) => `${((totalOf(bill) / totalOf(ingest)) * 100).toFixed(1)} %`);
  return [
    table(head, [...rows, ['all of it', ...all], ['of ingest', ...parts]]),
    `Counted from ${amount(events)} deliveries, ${amount(objects)} archive objects, ${amount(buckets)} buckets.`,
  ].join('\n');
}

const transitionsIn = (bill: Bill): number =>
  bill.find(({ priced }) => priced === 'stepTransition')!.quantity;
