import { type Finding, MAX_FINDINGS } from '../../lambdas/domain/recovery/run.ts';
import { grouped, type Output, printable } from '../platform/output.ts';

/** Counts by their names, `bucketsAgreed` as "buckets agreed". */
export function sayCounts(counts: Readonly<Record<string, number>>, output: Output): void {
  const rows = Object.entries(counts).map(([name, count]) => [spelled(name), grouped(count)]);
  if (rows.length > 0) output.table(['', 'number'], rows, 1);
}

function spelled(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[-_]/g, ' ')
    .toLowerCase();
}

/** Each finding with what was done about it, or what to do. */
export function sayFindings(all: readonly Finding[], requestId: string, output: Output): void {
  // What a preview would change has a table of its own.
  const findings = all.filter(({ kind }) => kind !== 'preview');
  if (findings.length === 0) return;
  const { bold, red } = output.colors;
  output.say();
  for (const { kind, where, detail, action } of findings) {
    output.say(`${red('✗')} ${bold(printable(kind))}  ${printable(where)}`);
    if (detail) output.say(`    ${printable(detail)}`);
    if (action) output.say(`    → ${printable(action)}`);
  }
  if (all.length >= MAX_FINDINGS)
    output.say(`These are the first ${MAX_FINDINGS}. All of them: weir runs show ${requestId} --differences`);
}
