import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Difference } from '../../lambdas/domain/recovery/difference.ts';
import { couldNotRun } from '../platform/errors.ts';
import type { RecoveryPorts } from './ports.ts';

const unzip = promisify(gunzip);

/** All differences that a run found, one file of them in memory at a time. @throws CliError where a file can't be read */
export async function* readDifferences(
  requestId: string,
  { files }: Pick<RecoveryPorts, 'files'>,
): AsyncGenerator<Difference> {
  for (const name of await files.list(requestId, 'differences/')) {
    const bytes = await files.get(requestId, name);
    if (!bytes)
      throw couldNotRun(
        `${name} of run ${requestId} is gone.`,
        'Files of runs expire after a while: run it again.',
      );
    const text = (await unzip(bytes)).toString('utf8');
    for (const line of text.split('\n')) if (line !== '') yield JSON.parse(line);
  }
}
