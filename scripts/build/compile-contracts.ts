import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contract } from '../../lambdas/domain/contract.ts';
import { writeIfChanged } from './files.ts';
import { shownPath } from './json-source.ts';
import { ContractMistakes, type Mistake } from './mistakes.ts';
import { type CheckedContract, readContract } from './read-contract.ts';
import { countingModule, documentsModule, validatingModule } from './write-modules.ts';

/** What a compilation made. */
export interface CompiledContracts {
  /** In the order of their types. */
  readonly contracts: readonly Contract[];
  /** SHA-256, in hex, of all that contracts and schemas say. */
  readonly hash: string;
  /** Paths of the modules written. */
  readonly files: readonly string[];
}

/** Files of the contracts' own folder that are no type. */
const BESIDE_TYPES = new Set(['contract.schema.json', 'README.md']);

/**
 * Checks every contract in `dir` and writes three modules, with their types, to `outDir`: `validating.mjs` (contracts
 * with standalone validators), `counting.mjs` (contracts alone) and `documents.mjs` (texts to publish). The same input
 * gives the same bytes.
 * @throws ContractMistakes with all mistakes of all contracts; nothing is written then.
 */
export async function compileContracts(dir: string, outDir: string): Promise<CompiledContracts> {
  const checked = await checkContracts(dir);
  const hash = hashOf(checked);
  const files: string[] = [];
  for (const [name, { code, types }] of Object.entries({
    validating: await validatingModule(checked, hash),
    counting: countingModule(checked, hash),
    documents: documentsModule(checked, hash),
  })) {
    const path = join(outDir, `${name}.mjs`);
    await writeIfChanged(path, code);
    await writeIfChanged(join(outDir, `${name}.d.mts`), types);
    files.push(path);
  }
  return { contracts: checked.map(({ contract }) => contract), hash, files };
}

/** Reads and checks every contract in `dir`. @throws ContractMistakes with all mistakes. */
export async function checkContracts(dir: string): Promise<readonly CheckedContract[]> {
  const mistakes: Mistake[] = [];
  const checked: CheckedContract[] = [];
  const entries = await readdir(dir, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      const contract = await readContract(path, mistakes);
      if (contract) checked.push(contract);
    } else if (!BESIDE_TYPES.has(entry.name)) {
      mistakes.push({
        file: shownPath(path),
        line: 1,
        message: 'is no contract: each type has a folder of its own',
      });
    }
  }
  if (mistakes.length > 0) throw new ContractMistakes(mistakes);
  return checked;
}

function hashOf(checked: readonly CheckedContract[]): string {
  const said = checked.map(({ text, versions }) => [
    text,
    [...versions].map(([version, { text }]) => [version, text]),
  ]);
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}
