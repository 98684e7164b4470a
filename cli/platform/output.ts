import Table from 'cli-table3';
import picocolors from 'picocolors';
import type { Host, Sink } from './host.ts';

/** Where a command's results go: to people as text and tables, with `--json` to programs. */
export class Output {
  readonly json: boolean;
  readonly colors: ReturnType<typeof picocolors.createColors>;
  readonly #host: Host;

  constructor(host: Host, options: { readonly json: boolean }) {
    this.#host = host;
    this.json = options.json;
    this.colors = picocolors.createColors(wantsColor(host.stdout, host.env));
  }

  /** A line of the result, for people. */
  say(text = ''): void {
    if (!this.json) this.#host.stdout.write(`${text}\n`);
  }

  /** The result, or one line of it, for programs. */
  emit(value: unknown): void {
    if (this.json) this.#host.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** What is no result: progress, warnings, where the command goes. */
  note(text: string): void {
    this.#host.stderr.write(`${text}\n`);
  }

  table(head: readonly string[], rows: readonly (readonly Cell[])[], rightFrom = head.length): void {
    this.say(renderTable(head, rows, rightFrom, wantsColor(this.#host.stdout, this.#host.env)));
  }
}

/** A cell's text, and how it is painted where colours are on. */
export type Cell = string | number | { readonly text: string; readonly paint: (text: string) => string };

/** A table whose columns from `rightFrom` on hold numbers. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  rightFrom: number,
  color: boolean,
): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, index) => (index < rightFrom ? 'left' : 'right')),
    style: { head: color ? ['bold'] : [], border: color ? ['gray'] : [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  table.push(...rows.map((row) => row.map(renderCell)));
  return table.toString();
}

function renderCell(cell: Cell): string {
  return typeof cell === 'object' ? cell.paint(printable(cell.text)) : printable(String(cell));
}

/** What senders choose may hold escape sequences and turned writing: a terminal must not obey them. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\ufffd');
}

/** https://no-color.org: NO_COLOR, set to anything but nothing, turns colours off. */
export function wantsColor(sink: Sink, env: Host['env']): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true;
  return sink.isTTY === true && env.TERM !== 'dumb';
}

/** `17,524`; decimals of exact numbers are kept as they are. */
export function grouped(number: number | string): string {
  const [whole = '', fraction] = String(number).split('.');
  const thousands = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? thousands : `${thousands}.${fraction}`;
}

/** `3.4 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
