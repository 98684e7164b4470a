import Table from 'cli-table3';
import { isMet, type Target } from '../section.ts';

const BAR_CELLS = 20;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A table: the first column to the left, the others, numbers, to the right. No colours, so that it reads the same in a file. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const made = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) made.push([...row]);
  return made.toString();
}

/** A bar of at most 20 cells for a value of at most `full`. */
export function bar(value: number, full: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, value / full)) * BAR_CELLS * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}

/** A title above what follows. */
export function heading(title: string): string {
  return `\n${title}\n${'─'.repeat(title.length)}\n`;
}

/** Targets with whether each is met. */
export function targetTable(targets: readonly Target[]): string {
  return table(
    ['target', 'reached', 'at most', ''],
    targets.map((target) => [
      target.name,
      `${amount(target.value)} ${target.unit}`,
      `${amount(target.limit)} ${target.unit}`,
      isMet(target) ? '✓' : '✗ MISSED',
    ]),
  );
}

/** A number to three significant digits, large ones in full with separators. */
export function amount(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

export function dollars(value: number): string {
  return `$${value >= 1 ? value.toFixed(2) : value.toFixed(value >= 0.01 ? 3 : 5)}`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 100 * 2 ** 20 ? 1 : 0)} MB`;
}
