import { MAX_BATCH_OBJECTS } from '../../lambdas/domain/recovery/plan-batches.ts';
import { amount, bar, megabytes, table } from '../report/tables.ts';
import type { BenchContext, Target } from '../section.ts';
import { type ArchiveSize, type Peak, peaksOf } from './peak-memory.ts';

/** Archives of objects of one size. */
const [FEW, MANY] = [10, 1_000];
const OBJECT_EVENTS = 500;
/** Of a partition, held the same, so that only the archive grows. */
const [EVENTS, BUCKETS] = [FEW * OBJECT_EVENTS, 20];
/** Batches after which the engine has as much memory as it wants, garbage included. */
const SETTLED = 5;
/** As many events as `plan` puts into one partition, in objects as large as one invocation of `archive` makes them. */
const FULL: ArchiveSize = { objects: 25, events: 8_000, subjects: 2_000 };
const GROWTH = 1.2;
const QUICK_SHARE = 10;
const MB = 2 ** 20;

export async function recoveryPeaks(context: BenchContext): Promise<readonly Peak[]> {
  const peaks: Peak[] = [];
  const share = context.quick ? QUICK_SHARE : 1;
  for (const objects of context.quick ? [FEW] : [FEW, MANY]) {
    const subjects = BUCKETS * (objects / FEW);
    const archive = { objects, events: OBJECT_EVENTS / share, subjects };
    peaks.push(...(await peaksOf(archive, context, EVENTS / share)));
  }
  if (!context.quick) peaks.push(...(await peaksOf(FULL, context)));
  return peaks;
}

export function peakTargets(peaks: readonly Peak[]): readonly Target[] {
  const of = (room: Peak['room'], objects: number) =>
    peaks.find((peak) => peak.room === room && peak.archive.objects === objects);
  const [scanned, folded, few] = [of('scan', MANY), of('fold', MANY), of('fold', FEW)];
  const growth = (what: string, value: number): Target => ({ name: what, value, limit: GROWTH, unit: '×' });
  const most = (room: Peak['room']): Target => {
    const all = peaks.filter((peak) => peak.room === room);
    const value = Math.max(...all.map(({ peakBytes }) => peakBytes)) / MB;
    return { name: `most memory of ${room}`, value, limit: all[0]!.memoryBytes / MB, unit: 'MB' };
  };
  return [
    growth(
      `memory of scan: ${amount(MANY)} objects to the first ${SETTLED * MAX_BATCH_OBJECTS} of them`,
      (scanned?.peakBytes ?? Number.NaN) / (scanned?.peaks[SETTLED - 1] ?? Number.NaN),
    ),
    growth(
      `memory of fold: ${amount(MANY)} objects to ${FEW}`,
      (folded?.peakBytes ?? Number.NaN) / (few?.peakBytes ?? Number.NaN),
    ),
    ...[most('scan'), most('fold')],
  ];
}

export function describePeaks(peaks: readonly Peak[]): string {
  const rows = peaks.map(({ room, archive, partition, peakBytes, peaks: each, memoryBytes }) => [
    `${room}: ${amount(archive.objects)} objects of ${amount(archive.events)} events`,
    amount(partition),
    megabytes(each[0]!),
    each.length > SETTLED ? megabytes(each[SETTLED - 1]!) : '',
    megabytes(peakBytes),
    megabytes(memoryBytes),
    bar(peakBytes, memoryBytes).padEnd(20),
  ]);
  const head = [
    'one process',
    'events a partition',
    'most memory after 1 event',
    `after ${SETTLED}`,
    'after all',
    'of',
    '',
  ];
  return [
    table(head, rows),
    `Scan takes all of the archive’s batches one after the other, an event for each ${MAX_BATCH_OBJECTS} objects or 24 MB; fold one partition.`,
    'What they hold is bounded by those, not by the archive: partitions are as large for many objects as for few here, and in the last rows',
    'as large as `plan` makes them. Highest resident size of the whole process, with the garbage that its heap has room for.',
  ].join('\n');
}
