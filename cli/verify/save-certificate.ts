import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Certificate } from '../../lambdas/domain/recovery/certificate.ts';
import { type Run, runFiles } from '../../lambdas/domain/recovery/run.ts';
import type { Use } from '../platform/context.ts';
import { couldNotRun, refused } from '../platform/errors.ts';
import type { RecoveryPorts } from '../recovery/ports.ts';

/** The folder of a certificate's proof files: beside it, so that they are moved together. */
export function proofsOf(file: string): string {
  return `${file}.proofs`;
}

/**
 * Saves a run's certificate as it is, and its proof files in a folder beside it, one after the other.
 * @throws CliError where there is none, or one can't be written
 */
export async function saveCertificate(
  { request: { requestId } }: Run,
  out: string,
  { files }: Pick<RecoveryPorts, 'files'>,
  { host, output }: Use,
): Promise<void> {
  const bytes = await files.get(requestId, runFiles.certificate);
  if (!bytes)
    throw refused(`The run ${requestId} has no certificate.`, 'weir verify --certificate issues one.');
  const { shards, sha256 }: Certificate = JSON.parse(bytes.toString());
  const folder = proofsOf(out);
  makeFolder(host.cwd, folder);
  for (const { file } of shards.flatMap(({ proofs }) => proofs)) {
    const proof = await files.get(requestId, runFiles.proof(file));
    if (!proof)
      throw refused(
        `The proof file ${file} of run ${requestId} is gone.`,
        'weir verify --certificate issues another certificate.',
      );
    write(host.cwd, join(folder, basename(file)), proof);
  }
  write(host.cwd, out, bytes);
  output.emit({ certificate: out, proofs: folder, sha256 });
  output.say(
    `Certificate saved as ${out}, its proofs in ${folder}. Check it any time, offline: weir verify --check ${out}`,
  );
}

function makeFolder(cwd: string, folder: string): void {
  try {
    mkdirSync(resolve(cwd, folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(folder, error);
  }
}

function write(cwd: string, file: string, bytes: Uint8Array): void {
  try {
    writeFileSync(resolve(cwd, file), bytes);
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(path: string, error: unknown): Error {
  return couldNotRun(`${path} can't be written (${(error as NodeJS.ErrnoException).code}).`);
}
