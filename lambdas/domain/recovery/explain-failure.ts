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
 * What an operator is told of a failed attempt: what a function threw or, where a Distributed Map says no more than that
 * too many of its items failed, its workers' own words.
 */
export function explainFailure(caught: CaughtError | string, noted: readonly NotedFailure[]): string {
  const { Error: error = '', Cause: cause = '' } = typeof caught === 'string' ? { Cause: caught } : caught;
  const thrown = readThrown(cause);
  // Of parts that are not done, their workers know why.
  if (thrown && !(thrown.errorType === 'PartsNotDoneError' && noted.length > 0)) {
    const { errorType = error, errorMessage } = thrown;
    return errorType === 'RunRefusedError' ? cut(errorMessage) : resumable(`${errorType}: ${errorMessage}`);
  }
  const texts = [...new Set(noted.map(({ text }) => text))];
  if (texts.length === 0) return resumable([error, cause].filter(Boolean).join(': ') || 'unknown');
  const more = texts.length > MAX_NOTES ? ` (and ${texts.length - MAX_NOTES} other reasons)` : '';
  const said = texts.slice(0, MAX_NOTES).join('; ');
  return noted.some(({ refused }) => refused) ? cut(said) + more : resumable(said, more);
}

function resumable(text: string, more = ''): string {
  return `${cut(text).replace(/[.\s]+$/, '')}${more}. ${RESUME}`;
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT).toWellFormed()}…` : text;
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
