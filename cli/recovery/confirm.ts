import { createInterface } from 'node:readline';
import { CliError, EXIT, wrongUsage } from '../platform/errors.ts';
import type { Host } from '../platform/host.ts';

/** What is said where the answer is not yes. */
interface Otherwise {
  /** What to do where nobody can be asked. */
  readonly hint: string;
  readonly nothing: string;
}

const OTHERWISE: Otherwise = {
  hint: 'Look with --dry-run or weir preview first, then say --yes.',
  nothing: 'Nothing was started.',
};

/** Asks on a terminal whether to go on. @throws CliError where nobody can be asked, or the answer is not yes */
export async function confirm(
  question: string,
  { stdin, stderr, interrupted }: Host,
  { hint, nothing }: Otherwise = OTHERWISE,
): Promise<void> {
  if (!(stdin as { isTTY?: boolean }).isTTY || !stderr.isTTY) {
    throw wrongUsage('Nobody is here to be asked.', hint);
  }
  stderr.write(`${question} [y/N] `);
  const lines = createInterface({ input: stdin, signal: interrupted });
  let answer = '';
  for await (const line of lines) {
    answer = line.trim();
    break;
  }
  if (interrupted.aborted) throw new CliError(EXIT.interrupted, `Interrupted. ${nothing}`);
  if (!/^y(es)?$/i.test(answer)) throw new CliError(EXIT.differs, nothing);
}
