import type { BucketSize, Revision } from '../../lambdas/domain/contract.ts';
import { parseInstant } from '../../lambdas/domain/instant.ts';
import { windowOf } from '../../lambdas/domain/window.ts';
import { MeterChecker, type SchemaVersions, type WrittenMeter } from './check-meters.ts';
import type { JsonSource } from './json-source.ts';
import { type Mistake, quote } from './mistakes.ts';

/** A revision as `contract.json` has it, once its shape is right. */
export interface WrittenRevision {
  readonly from: string;
  readonly replaces?: number;
  readonly meters: readonly WrittenMeter[];
}

/**
 * Checks when revisions come into force, and their meters. Without the replaced ones, the list must begin strictly later
 * each time; a replacement must begin no later than what it replaces, so that no window is left without a revision.
 */
export function checkRevisions(
  source: JsonSource,
  bucket: BucketSize,
  written: readonly WrittenRevision[],
  versions: SchemaVersions,
): { readonly revisions: readonly Revision[]; readonly mistakes: readonly Mistake[] } {
  const meters = new MeterChecker(source, versions);
  const mistakes: Mistake[] = [];
  const complain = (index: number, key: string, message: string) =>
    mistakes.push(source.mistake(`/revisions/${index}/${key}`, message));
  const starts = written.map(({ from }, index) => {
    const start = startOf(from, bucket);
    if (typeof start === 'string') complain(index, 'from', start);
    return typeof start === 'string' ? Number.NaN : start;
  });
  const replaced = new Map<number, number>();
  written.forEach(({ replaces }, index) => {
    if (replaces === undefined) return;
    const reason = wrongReplacement(replaces, index, starts, replaced);
    if (reason) complain(index, 'replaces', reason);
    else replaced.set(replaces, index + 1);
  });
  let last: number | undefined;
  written.forEach(({ from }, index) => {
    if (replaced.has(index + 1)) return;
    if (last !== undefined && starts[index]! <= starts[last]!) {
      complain(
        index,
        'from',
        `revision ${index + 1} must begin later than revision ${last + 1} before it; it begins at ${from}`,
      );
    }
    last = index;
  });
  const revisions = written.map((revision, index) => ({
    from: revision.from,
    ...(revision.replaces !== undefined && { replaces: revision.replaces }),
    meters: meters.check(revision.meters, `/revisions/${index}/meters`),
  }));
  return { revisions, mistakes: [...mistakes, ...meters.mistakes] };
}

/** The moment in ms since the epoch, or what is wrong with it. */
function startOf(from: string, bucket: BucketSize): number | string {
  const instant = parseInstant(from);
  if (!instant || !from.endsWith('Z')) {
    return `"from" must be a UTC time like 2026-01-01T00:00:00Z (RFC 3339); it is ${quote(from)}`;
  }
  const window = windowOf(bucket, instant.ms);
  if (window.startMs === instant.ms && !instant.text.includes('.')) return instant.ms;
  const next = new Date(window.endMs).toISOString().replace('.000', '');
  return `"from" must be the start of a ${bucket} window; ${from} is within one, the next begins at ${next}`;
}

function wrongReplacement(
  replaces: number,
  index: number,
  starts: readonly number[],
  replaced: ReadonlyMap<number, number>,
): string | undefined {
  const number = index + 1;
  if (replaces >= number) return `revision ${number} can only replace an earlier one, not ${replaces}`;
  const other = replaced.get(replaces);
  if (other !== undefined)
    return `revision ${replaces} is replaced by revision ${other} already; replace that one`;
  if (starts[index]! > starts[replaces - 1]!) {
    return (
      `revision ${number} must begin no later than revision ${replaces}, which it replaces: ` +
      'the windows between would have no revision'
    );
  }
  return undefined;
}
