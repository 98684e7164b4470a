import type { RunFiles } from '../domain/recovery/ports.ts';
import { type Finding, MAX_FINDINGS, runFiles, type StageResult } from '../domain/recovery/run.ts';

/** How far a file's work has come, and what it has come to so far. */
export interface Progress extends StageResult {
  /** Index of the object that is under way. */
  readonly object: number;
  /** Sequence number of its last record that is dealt with. */
  readonly after?: string;
  /** Entries of the record after that which the log has acknowledged. */
  readonly entries: number;
  /** When the move of dead letters was started, ms since the epoch. */
  readonly movedFromMs?: number;
}

export const BEGINNING: Progress = { object: 0, entries: 0, counts: {}, findings: [] };

export async function readProgress(files: RunFiles, requestId: string, name: string): Promise<Progress> {
  const noted = await files.get(requestId, runFiles.resending(name));
  return noted ? JSON.parse(noted.toString('utf8')) : BEGINNING;
}

export function noteProgress(
  files: RunFiles,
  requestId: string,
  name: string,
  progress: Progress,
): Promise<void> {
  return files.put(requestId, runFiles.resending(name), Buffer.from(JSON.stringify(progress)));
}

/** Adds what was done to what was done before. Of findings as many are kept as anybody reads. */
export function addTo(
  { counts, findings }: StageResult,
  more: Readonly<Record<string, number>>,
  found: readonly Finding[] = [],
): StageResult {
  const sums: Record<string, number> = { ...counts };
  for (const [name, value] of Object.entries(more)) if (value !== 0) sums[name] = (sums[name] ?? 0) + value;
  return { counts: sums, findings: [...findings, ...found].slice(0, MAX_FINDINGS) };
}
