import type { Finding, Run } from '../domain/recovery/run.ts';

/** Findings that say that the archive, or its manifest, is not what it must be: docs/recovery.md lists them. */
const OF_ARCHIVE: ReadonlySet<string> = new Set([
  ...['object-lost', 'object-changed', 'object-differs', 'entry-differs'],
  ...['chain-broken', 'entry-missing', 'entries-overlap', 'head-differs', 'anchor-differs', 'manifest-lost'],
]);

/**
 * What the end of an attempt says to alarms. Zeros count: a run that found nothing ends an alarm that another began.
 * A run that was only to be planned, or that was cancelled, has proved nothing.
 */
export function measureRun({ request, status, result }: Run): Readonly<Record<string, number>> {
  if (request.dryRun || status === 'cancelled' || status === 'running') return {};
  const { verb } = request;
  if (verb === 'replay' || verb === 'redrive') {
    const failed = status === 'failed';
    return { replaysDone: failed ? 0 : 1, replaysFailed: failed ? 1 : 0 };
  }
  if (!result) return {};
  const { ackedMissing = 0, buckets = 0, bucketsDiffering = 0, eventsExtra = 0 } = result.counts;
  const manifestMismatches = mismatches(result.findings);
  if (verb === 'verify') return { ackedMissing, manifestMismatches };
  // Other runs read a part of the archive only, so that they found nothing says nothing.
  const damage = manifestMismatches > 0 ? { manifestMismatches } : {};
  if (verb !== 'reconcile' || request.identities) return damage;
  return { bucketsCompared: buckets, bucketsDiffering, eventsExtra, ...damage };
}

/** A verb and what became of it: some thirty values. */
export const outcomeOf = ({ request, status }: Run): string => `${request.verb}-${status}`;

/** Findings of the archive stand first among those that are listed, so none is crowded out by others. */
const mismatches = (findings: readonly Finding[]): number =>
  findings.filter(({ kind }) => OF_ARCHIVE.has(kind)).length;
