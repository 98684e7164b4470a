import { createInterface } from 'node:readline';
import { CliError, EXIT, wrongUsage } from '../platform/errors.ts';
import type { Host } from '../platform/host.ts';

/** Asks on a terminal whether to go on. @throws CliError where nobody can be asked, or the answer is not yes */
export async function confirm(question: string, { stdin, stderr, interrupted }: Host): Promise<void> {
  if (!(stdin as { isTTY?: boolean }).isTTY || !stderr.isTTY) {
    throw wrongUsage(
      'Nobody is here to be asked.',
      'Look with --dry-run or weir preview first, then say --yes.',
    );
  }
  stderr.write(`${question} [y/N] `);
  const lines = createInterface({ input: stdin, signal: interrupted });
  let answer = '';
  for await (const line of lines) {
    answer = line.trim();
    break;
  }
  if (interrupted.aborted) throw new CliError(EXIT.interrupted, 'Interrupted. Nothing was started.');
  if (!/^y(es)?$/i.test(answer)) throw new CliError(EXIT.differs, 'Nothing was started.');
}
