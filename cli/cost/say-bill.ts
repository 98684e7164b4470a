import { PRICED_IN, PRICED_ON } from '../../lib/prices.ts';
import { bar, percent } from '../platform/bar.ts';
import { grouped, type Output } from '../platform/output.ts';
import type { Bill, CostBudget, Line } from './price-quantities.ts';
import type { Quantities, Quantity } from './read-quantities.ts';

const MILLION = 1_000_000;

const usd = (amount: Quantity): string =>
  amount === undefined ? '–' : `$${amount.toFixed(amount < 1 ? 4 : 2)}`;
const count = (quantity: Quantity): string => (quantity === undefined ? '–' : grouped(Math.round(quantity)));

/** The bill as a table, and the budget as bars. */
export function sayBill(
  bill: Bill,
  { counted, accepted }: Quantities,
  budget: CostBudget,
  output: Output,
): void {
  const perMillion = (quantity: Quantity) =>
    counted && quantity !== undefined ? count((quantity / counted) * MILLION) : '–';
  const all = bill.usedUsd + bill.standingUsd;
  const row = ({ what, quantity, usd: amount }: Line, each: string) => [
    ...[what, count(quantity), each, usd(amount)],
    all > 0 ? bar((amount ?? 0) / all, 12) : '',
  ];
  output.say(`In ${bill.hours} hours ${count(accepted)} events came in and ${count(counted)} were counted.`);
  output.table(
    ['what', 'so many', 'a million events', 'US$', 'of all'],
    [
      ...bill.used.map((line) => row(line, perMillion(line.quantity))),
      ...bill.standing.map((line) => row(line, '')),
      ['all of it', '', '', usd(all), ''],
    ],
    1,
  );
  if (bill.used.some(({ quantity }) => quantity === undefined))
    output.say('–: CloudWatch has no figures of it in this time; LocalStack writes none of these.');
  output.say(
    `Prices of ${PRICED_ON}, ${PRICED_IN}. By the month it would be ${usd((all / bill.hours) * 730)}.`,
  );
  output.say();
  against('US$ a million events', bill.usdPerMillion, budget.usdPerMillion, output);
  against('write units an event', bill.writesPerEvent, budget.writesPerEvent, output);
  if (bill.duplicates !== undefined)
    output.say(`${percent(bill.duplicates)} of what reached state was there before.`);
}

function against(what: string, value: Quantity, budget: number, output: Output): void {
  if (value === undefined) {
    output.say(`${what}: not known, of ${budget}`);
    return;
  }
  const { red, green } = output.colors;
  const paint = value > budget ? red : green;
  output.say(`${what}: ${paint(bar(value / budget))} ${Number(value.toPrecision(3))} of ${budget}`);
}
