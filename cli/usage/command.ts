import type { Command } from 'commander';
import type { Context, Use } from '../platform/context.ts';
import { oneOf } from '../platform/options.ts';
import { grouped } from '../platform/output.ts';
import { readUsage, type Usage, type UsageRow } from './read-usage.ts';

interface UsageOptions {
  readonly subject: string;
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly meter?: string;
  readonly group?: string;
}

const DAY_MS = 86_400_000;

export function addUsage(program: Command, context: Context): void {
  const today = new Date().setUTCHours(0, 0, 0, 0);
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  program
    .command('usage')
    .description("show a subject's usage")
    .requiredOption('--subject <subject>', 'whose usage')
    .requiredOption('--type <type>', 'event type, such as network.transfer')
    .option('--from <time>', 'date or RFC 3339 time, included', day(today - 30 * DAY_MS))
    .option('--to <time>', 'date or RFC 3339 time, not included', day(today + DAY_MS))
    .option('--by <period>', 'hour, day, month or total', oneOf('hour', 'day', 'month', 'total'), 'total')
    .option('--meter <meter>', 'only this meter')
    .option('--group <group>', "only this group, such as 'region=eu'")
    .addHelpText('after', '\nExample:\n  $ weir usage --subject i-257a54 --type network.transfer --by day')
    .action((options: UsageOptions) => context.run((use) => usage(options, use)));
}

async function usage(options: UsageOptions, { output, target }: Use): Promise<number> {
  const api = { apiUrl: await target().apiUrl(), apiKey: target().apiKey() };
  const found = await readUsage(api, options);
  output.emit({ ...options, ...found });
  if (found.rows.length === 0) output.say('No usage in this time.');
  else {
    const most = greatest(found.rows);
    output.table(
      ['from', 'to', 'meter', 'group', 'unit', '', 'value'],
      found.rows.map((row) => [
        shorten(row.from),
        shorten(row.to),
        row.meter,
        row.group,
        row.unit,
        { text: bar(row, most), paint: output.colors.cyan },
        grouped(row.value),
      ]),
      6,
    );
  }
  output.say(freshness(found));
  return 0;
}

function freshness({ asOf, pendingRepairs }: Usage): string {
  if (pendingRepairs > 0)
    return `${pendingRepairs} ranges of the log wait to be repaired: some usage may be missing yet.`;
  return asOf === null
    ? 'How far counting has come is not known yet.'
    : `Holds all that was accepted before ${asOf}.`;
}

/** The greatest value of each meter and group, which its bars are measured against. For pictures, so as a float. */
function greatest(rows: readonly UsageRow[]): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const row of rows) most.set(seriesOf(row), Math.max(most.get(seriesOf(row)) ?? 0, Number(row.value)));
  return most;
}

function seriesOf({ meter, group }: UsageRow): string {
  return JSON.stringify([meter, group]);
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const WIDTH = 12;

function bar(row: UsageRow, most: ReadonlyMap<string, number>): string {
  const share = Number(row.value) / (most.get(seriesOf(row)) || 1);
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * WIDTH * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** `2026-11-21 07:00`, without the hour at midnight: times are UTC. */
function shorten(time: string): string {
  return time.replace(/T00:00:00Z$/, '').replace(/T(\d\d:\d\d):00Z$/, ' $1');
}
