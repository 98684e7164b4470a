import { grouped, renderTable, seconds, wantsColor } from '../../cli/platform/output.ts';
import type { Comparison } from './compare-totals.ts';
import type { DemoResult } from './run-demo.ts';

/** What a run came to. */
export interface Told {
  readonly result: DemoResult;
  /** Step → ms. */
  readonly took: Readonly<Record<string, number>>;
  /** All of it, in ms. */
  readonly ms: number;
}

/** Prints what a run came to, as tables or as JSON. @returns whether all is as it should be */
export function showResult({ result, took, ms }: Told, json: boolean): boolean {
  const { comparisons, webhooks, sent, plan, pretended } = result;
  const { dropped, distinct, asPlanned } = duplicatesIn(result);
  const agree = asPlanned && [...comparisons, ...webhooks.comparisons].every((one) => one.agree);
  if (json) {
    const told = {
      agree,
      duplicatesDropped: dropped,
      ...plan,
      ...sent,
      pretended,
      comparisons,
      webhooks,
      took,
    };
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  } else {
    process.stdout.write(`\n${table(comparisons, 'from the files')}\n`);
    process.stdout.write(
      `${grouped(sent.accepted)} deliveries accepted, ${grouped(distinct)} events counted: ${grouped(dropped)} duplicates dropped.\n`,
    );
    process.stdout.write(`\n${table(webhooks.comparisons, 'from what was sent')}\n`);
    process.stdout.write(
      `${grouped(webhooks.sent)} webhooks accepted, some of them repeated; amounts are in minor units.\n`,
    );
    process.stdout.write(agree ? `All totals agree. (${seconds(ms)} in all)\n` : 'Totals DIFFER.\n');
  }
  if (pretended.length > 0) {
    process.stderr.write(
      `LocalStack only pretended to make ${pretended.join(', ')}: what depends on it does not work here. ` +
        'localstack/pretended.ts lists those that may be.\n',
    );
  }
  return agree && pretended.length === 0;
}

function duplicatesIn({ comparisons, sent, plan }: DemoResult) {
  const counted = comparisons.filter(({ meter }) => meter === 'distinct events');
  const sum = (of: 'counted' | 'expected') => counted.reduce((total, one) => total + Number(one[of]), 0);
  const dropped = sent.accepted - sum('counted');
  return { dropped, distinct: sum('counted'), asPlanned: dropped === plan.deliveries - sum('expected') };
}

function table(comparisons: readonly Comparison[], source: string): string {
  return renderTable(
    ['subject', 'type', 'meter', 'counted by Weir', source, ''],
    comparisons.map(({ subject, type, meter, counted, expected, agree }) => [
      subject,
      type,
      meter,
      counted === undefined ? '–' : grouped(counted),
      grouped(expected),
      agree ? '✓' : '✗',
    ]),
    3,
    wantsColor(process.stdout, process.env),
  );
}
