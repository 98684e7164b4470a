import { describeError } from '../describe-error.ts';
import type { RunFiles } from './ports.ts';
import { RunCancelledError, RunRefusedError, runFiles } from './run.ts';

const MAX_TEXT = 2_000;

/**
 * Notes why a worker of a Distributed Map gave up, so that the run can say so: the map itself says only that too many
 * of its items failed. Never rejects: what is worth knowing is the error that comes after it.
 * @param name of the item, such as `scan-00000001`; a repetition writes over it
 */
export async function noteFailure(
  files: Pick<RunFiles, 'put'>,
  { requestId, attempt }: { readonly requestId: string; readonly attempt: number },
  name: string,
  error: unknown,
): Promise<void> {
  if (error instanceof RunCancelledError) return;
  const refused = error instanceof RunRefusedError;
  const { name: kind, message } = describeError(error);
  const text = refused ? error.message : `${kind}: ${message}`;
  const note: NotedFailure = { refused, text: text.slice(0, MAX_TEXT) };
  const bytes = Buffer.from(JSON.stringify(note));
  await files.put(requestId, runFiles.failure(attempt, name), bytes).catch(() => undefined);
}

export interface NotedFailure {
  /** Whether trying again changes nothing. */
  readonly refused: boolean;
  readonly text: string;
}
