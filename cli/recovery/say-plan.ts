import type { PlanSummary } from '../../lambdas/domain/recovery/run.ts';
import { grouped, type Output, printable } from '../platform/output.ts';

/** What a run has to do, or would have to. */
export function sayPlan(plan: PlanSummary, output: Output): void {
  const { objects, records, events, bytes, batches, partitions, minutes, expired, cold } = plan;
  output.table(
    ['objects', 'stored', 'records', 'events in them', 'batches', 'partitions', 'time'],
    [[...[objects, size(bytes), records, events, batches, partitions].map(shown), time(minutes)]],
    0,
  );
  if (expired !== undefined)
    output.say(`${grouped(expired)} objects have expired ("archiveRetentionDays"), and are left out.`);
  if (!cold) return;
  const { hours, usd } = cold;
  output.say(
    `${grouped(cold.objects)} objects (${size(cold.bytes)}) are in a cold tier and must be taken out first:`,
  );
  output.table(
    ['', 'takes', 'costs about'],
    (['standard', 'bulk'] as const).map((tier) => [
      `--restore ${tier}`,
      `up to ${hours[tier]} h`,
      `$${printable(usd[tier])}`,
    ]),
    1,
  );
}

function shown(value: number | string): string {
  return typeof value === 'number' ? grouped(value) : value;
}

function time(minutes: number): string {
  if (minutes < 1) return 'under a minute';
  return minutes < 120 ? `about ${Math.ceil(minutes)} min` : `about ${(minutes / 60).toFixed(1)} h`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `3.4 MB`, in powers of 1000. */
function size(bytes: number): string {
  const power = bytes > 0 ? Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3)) : 0;
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}
