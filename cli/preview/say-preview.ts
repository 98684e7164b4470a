import { grouped, type Output } from '../platform/output.ts';
import type { RecoveryPorts } from '../recovery/ports.ts';
import { readDifferences } from '../recovery/read-differences.ts';
import { type Line, SumUp } from './sum-up.ts';

/** Lines that are shown to people; programs get all, with --json. */
const SHOWN = 200;

/** What would change: a line for each tenant, subject, meter and group, and the totals. */
export async function sayPreview(
  requestId: string,
  ports: Pick<RecoveryPorts, 'files'>,
  output: Output,
): Promise<void> {
  const sums = new SumUp();
  for await (const difference of readDifferences(requestId, ports))
    if (difference.kind === 'preview') sums.add(difference);
  const lines = sums.lines();
  for (const change of lines) output.emit({ change });
  for (const total of sums.totals()) output.emit({ total });
  if (lines.length === 0) {
    output.say('No number would change.');
    return;
  }
  output.table(
    ['tenant', 'subject', 'type', 'meter', 'group', 'windows', 'old', 'new', 'difference'],
    lines.slice(0, SHOWN).map(rowOf),
    6,
  );
  if (lines.length > SHOWN)
    output.say(`… and ${grouped(lines.length - SHOWN)} more lines: --json lists all. The totals hold them.`);
  sayTotals(sums, output);
}

function sayTotals(sums: SumUp, output: Output): void {
  const totals = sums.totals();
  if (totals.length === 0) return;
  output.say('In total:');
  output.table(
    ['tenant', 'type', 'meter', 'subjects', 'windows', 'old', 'new', 'difference'],
    totals.map(({ tenant, type, meter, subjects, windows, ...values }) => [
      ...[tenant, type, meter, grouped(subjects), grouped(windows)],
      ...[grouped(values.old), grouped(values.new), signed(values.difference)],
    ]),
    3,
  );
}

function rowOf({ tenant, subject, type, meter, group, window, windows, ...values }: Line): string[] {
  const [old, next] = [values.old, values.new].map((value) => (value === '' ? '–' : grouped(value)));
  return [
    tenant,
    subject,
    type,
    meter,
    group,
    window ?? grouped(windows),
    old!,
    next!,
    signed(values.difference),
  ];
}

/** A rise has its sign too: in a column of differences that is what one looks for. */
function signed(difference: string): string {
  return difference.startsWith('-') || difference === '0' ? grouped(difference) : `+${grouped(difference)}`;
}
