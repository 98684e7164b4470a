import { setTimeout as wait } from 'node:timers/promises';
import type { Progress } from '../platform/progress.ts';
import type { Part, PartResult, Span } from './part.ts';

/** A part that takes longer is left out: the others are wanted now. */
const PATIENCE_MS = 120_000;

export interface Collecting {
  readonly span: Span;
  readonly progress: Progress;
  readonly interrupted: AbortSignal;
  readonly patienceMs?: number;
}

/** Collects part after part. One that can't be collected says why, and does not keep the others from it; after Ctrl-C none is begun. */
export async function collectParts(
  parts: readonly Part[],
  { span, progress, interrupted, patienceMs = PATIENCE_MS }: Collecting,
): Promise<readonly PartResult[]> {
  const results: PartResult[] = [];
  for (const [index, part] of parts.entries()) {
    progress.update(index, part.name);
    results.push(await collectPart(part, span, interrupted, patienceMs));
  }
  progress.update(parts.length);
  return results;
}

async function collectPart(
  { name, collect }: Part,
  span: Span,
  interrupted: AbortSignal,
  patienceMs: number,
): Promise<PartResult> {
  const without = (missing: string): PartResult => ({
    ...{ name, missing, summary: 'missing', files: [], events: [] },
  });
  if (interrupted.aborted) return without('interrupted before it was collected');
  const done = new AbortController();
  const signal = AbortSignal.any([interrupted, done.signal]);
  const enough = wait(patienceMs, 'late', { signal }).catch(() => 'interrupted');
  try {
    const found = await Promise.race([collect(span), enough]);
    if (typeof found === 'object') return { name, ...found, events: found.events ?? [] };
    return without(found === 'late' ? `not there after ${patienceMs / 1000} s` : 'interrupted');
  } catch (error) {
    const { name: kind, message } = error as Error;
    return without(`${kind}: ${message}`);
  } finally {
    done.abort();
  }
}
