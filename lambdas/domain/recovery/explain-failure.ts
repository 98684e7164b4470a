import type { NotedFailure } from './note-failure.ts';

/** Why an attempt failed, as Step Functions caught it. */
export interface CaughtError {
  readonly Error?: string;
  readonly Cause?: string;
}

const MAX_TEXT = 3_000;
const MAX_NOTES = 3;
const RESUME = 'Resume it when the cause is gone: what is done is not done again.';

/**
 * What an operator is told of a failed attempt: the workers' own words where they left any, as a Distributed Map says no
 * more than that too many of its items failed.
 */
export function explainFailure(caught: CaughtError | string, noted: readonly NotedFailure[]): string {
  const { error, message } = readCaught(caught);
  const texts = [...new Set(noted.map(({ text }) => text))];
  const said = texts.length > 0 ? texts.slice(0, MAX_NOTES).join('; ') : message;
  const more = texts.length > MAX_NOTES ? ` (and ${texts.length - MAX_NOTES} other reasons)` : '';
  const text = `${said.length > MAX_TEXT ? `${said.slice(0, MAX_TEXT).toWellFormed()}…` : said}${more}`;
  const refused = error === 'RunRefusedError' || noted.some((note) => note.refused);
  return refused ? text : `${text.replace(/[.\s]+$/, '')}. ${RESUME}`;
}

function readCaught(caught: CaughtError | string): { readonly error: string; readonly message: string } {
  if (typeof caught === 'string') return { error: '', message: caught };
  const { Error: error = '', Cause: cause = '' } = caught;
  const thrown = readThrown(cause);
  if (thrown === undefined) return { error, message: [error, cause].filter(Boolean).join(': ') || 'unknown' };
  const { errorType = error, errorMessage } = thrown;
  return {
    error: errorType,
    message: errorType === 'RunRefusedError' ? errorMessage : `${errorType}: ${errorMessage}`,
  };
}

/** What a function threw, where the cause is such. */
interface Thrown {
  readonly errorType?: string;
  readonly errorMessage: string;
}

function readThrown(cause: string): Thrown | undefined {
  try {
    const thrown = JSON.parse(cause) as Partial<Thrown> | null;
    return typeof thrown?.errorMessage === 'string' ? (thrown as Thrown) : undefined;
  } catch {
    return undefined;
  }
}
