import { resolve } from 'node:path';
import type { Revision } from '../../lambdas/domain/contract.ts';
import { wrongUsage } from '../platform/errors.ts';

/**
 * Revisions by event type of a folder of contracts that is not deployed, checked as the build checks them; only those of
 * `types`, if these are given. @throws CliError with all mistakes by file and line
 */
export async function readContracts(
  folder: string,
  cwd: string,
  types: readonly string[] | undefined,
): Promise<Readonly<Record<string, readonly Revision[]>>> {
  // Checking schemas takes a compiler along, which no other command needs.
  const { checkContracts } = await import('../../scripts/build/compile-contracts.ts');
  const checked = await checkContracts(resolve(cwd, folder)).catch((error: unknown) => {
    throw wrongUsage(`${folder}: ${(error as Error).message}`);
  });
  const contracts = checked.map(({ contract }) => contract);
  const wanted = contracts.filter(({ type }) => types === undefined || types.includes(type));
  if (wanted.length === 0)
    throw wrongUsage(`${folder} has no contract for ${types?.join(', ') ?? 'any type'}.`);
  return Object.fromEntries(wanted.map(({ type, revisions }) => [type, revisions]));
}
