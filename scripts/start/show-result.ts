import { grouped, renderTable, seconds, wantsColor } from '../../cli/platform/output.ts';
import type { Comparison } from './compare-totals.ts';
import type { Phases } from './phases.ts';
import type { DemoResult } from './run-demo.ts';

/** Prints the result, as a table or as JSON. @returns 0 where all totals agree, else 1 */
export function showResult(result: DemoResult, phases: Phases, json: boolean, ms: number): number {
  const { comparisons, sent, plan, pretended } = result;
  const counted = comparisons.filter(({ meter }) => meter === 'distinct events');
  const distinct = counted.reduce((sum, one) => sum + Number(one.counted), 0);
  const dropped = sent.accepted - distinct;
  const agree =
    comparisons.every((one) => one.agree) && dropped === plan.deliveries - expectedEvents(counted);
  if (json) {
    const told = {
      agree,
      duplicatesDropped: dropped,
      ...plan,
      ...sent,
      pretended,
      comparisons,
      took: phases.took,
    };
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  } else {
    process.stdout.write(`\n${table(comparisons)}\n`);
    process.stdout.write(
      `${grouped(sent.accepted)} deliveries accepted, ${grouped(distinct)} events counted: ${grouped(dropped)} duplicates dropped.\n`,
    );
    process.stdout.write(agree ? `All totals agree. (${seconds(ms)} in all)\n` : 'Totals DIFFER.\n');
  }
  if (pretended.length > 0) {
    process.stderr.write(
      `LocalStack only pretended to make ${pretended.join(', ')}: what depends on it does not work here. ` +
        'localstack/pretended.ts lists those that may be.\n',
    );
  }
  return agree && pretended.length === 0 ? 0 : 1;
}

function expectedEvents(counted: readonly Comparison[]): number {
  return counted.reduce((sum, { expected }) => sum + Number(expected), 0);
}

function table(comparisons: readonly Comparison[]): string {
  return renderTable(
    ['subject', 'type', 'meter', 'counted by Weir', 'from the files', ''],
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
