import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { settings } from '../../lib/config/settings.ts';
import { alarmCatalogue, monthlyPrice, workingAlarms } from '../../lib/observability/catalogue.ts';
import { isPlanned, metricIds, metricOf } from '../../lib/observability/metrics.ts';
import { connectDoctor } from '../doctor/connect.ts';
import type { Context, Use } from '../platform/context.ts';
import { readLogFacts } from '../platform/deployment.ts';
import { EXIT, wrongUsage } from '../platform/errors.ts';
import { listFunctions } from '../platform/list-functions.ts';
import { duration } from '../platform/options.ts';
import type { Target } from '../platform/target.ts';
import { type Bill, type CostBudget, priceQuantities, type StandingFacts } from './price-quantities.ts';
import { readQuantities, type Where } from './read-quantities.ts';
import { sayBill } from './say-bill.ts';

interface Options extends CostBudget {
  readonly since: number;
}

/** What a bill is made from. */
export interface CostPorts extends Where, StandingFacts {
  readonly now: number;
}

const HOUR_MS = 3_600_000;
/** CloudWatch keeps hours for longer; a bill of more than this is Cost Explorer's matter. */
const LONGEST_MS = 90 * 24 * HOUR_MS;

const AFTER = `
Counts from CloudWatch, at list prices of us-east-1 (lib/prices.ts): what AWS bills may be less, by tiers, plans and credits.
Not in it: storage, traffic out, KMS requests, Secrets Manager. The budget is costBudget in lib/config/settings.ts.
Exits with 1 where an event costs more than it.

Examples:
  $ weir cost
  $ weir cost --since 7d --usd-per-million 2`;

export function addCost(program: Command, context: Context): void {
  const { writesPerEvent, usdPerMillionEvents } = settings.costBudget;
  program
    .command('cost')
    .description('what it has cost: operations and US$, by the million events, against the budget')
    .option('--since <duration>', 'how far back: 1h, 24h, 30d', duration, 24 * HOUR_MS)
    .option(
      '--writes-per-event <units>',
      'write units of state that an event may cost',
      above0,
      writesPerEvent,
    )
    .option('--usd-per-million <usd>', 'US$ that a million events may cost', above0, usdPerMillionEvents)
    .addHelpText('after', AFTER)
    .action((options: Options) =>
      context.run(async (use) => {
        if (options.since < HOUR_MS || options.since > LONGEST_MS)
          throw wrongUsage('--since must be between 1h and 90d.');
        return cost(options, await connectCost(use.target()), use);
      }),
    );
}

function above0(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a number above 0.');
}

async function connectCost({ aws, outputs: find }: Target): Promise<CostPorts> {
  const outputs = await find();
  const weir = connectDoctor(aws, outputs);
  const log = await readLogFacts(weir, outputs);
  const ours = metricIds.filter((id) => metricOf(id).namespace.startsWith('Weir/') && !isPlanned(id));
  return {
    ...{ name: weir.name, metrics: weir.metrics, now: weir.now, log },
    functions: await listFunctions(weir.lambda, weir.name),
    alarmsUsdPerMonth: monthlyPrice(workingAlarms(alarmCatalogue(log))),
    metricsWritten: ours.length,
    // Of data, of logs, of alarms: lib/constructs/encryption-keys.ts, alarm-topics.ts.
    keys: 3,
  };
}

export async function cost(options: Options, ports: CostPorts, use: Use): Promise<number> {
  const { since, writesPerEvent, usdPerMillion } = options;
  const from = ports.now - since;
  const quantities = await readQuantities(ports, from, ports.now);
  const bill = priceQuantities(quantities, ports, since / HOUR_MS);
  const budget: CostBudget = { writesPerEvent, usdPerMillion };
  const over = overBudget(bill, budget);
  use.output.emit({
    ...{ from: new Date(from).toISOString(), to: new Date(ports.now).toISOString() },
    ...{ quantities, ...bill, budget, over },
  });
  sayBill(bill, quantities, budget, use.output);
  return over.length === 0 ? EXIT.done : EXIT.differs;
}

/** What costs more than it may. Nothing does where nothing was counted. */
export function overBudget(bill: Bill, budget: CostBudget): readonly string[] {
  return (['writesPerEvent', 'usdPerMillion'] as const).filter((name) => (bill[name] ?? 0) > budget[name]);
}
