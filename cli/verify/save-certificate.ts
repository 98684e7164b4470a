import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Run, runFiles } from '../../lambdas/domain/recovery/run.ts';
import type { Use } from '../platform/context.ts';
import { couldNotRun, refused } from '../platform/errors.ts';
import type { RecoveryPorts } from '../recovery/ports.ts';

/** Saves a run's certificate, as it is, to a file. @throws CliError where there is none, or the file can't be written */
export async function saveCertificate(
  { request: { requestId } }: Run,
  out: string,
  { files }: Pick<RecoveryPorts, 'files'>,
  { host, output }: Use,
): Promise<void> {
  const bytes = await files.get(requestId, runFiles.certificate);
  if (!bytes)
    throw refused(`The run ${requestId} has no certificate.`, 'weir verify --certificate issues one.');
  try {
    writeFileSync(resolve(host.cwd, out), bytes);
  } catch (error) {
    throw couldNotRun(`${out} can't be written (${(error as NodeJS.ErrnoException).code}).`);
  }
  output.emit({ certificate: out });
  output.say(`Certificate saved as ${out}. Check it any time, offline: weir verify --check ${out}`);
}
