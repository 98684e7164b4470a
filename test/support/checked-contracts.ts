import { join } from 'node:path';
import type { Contracts, ValidatingContract, Validator } from '../../lambdas/domain/contract.ts';
import { checkContracts } from '../../scripts/build/compile-contracts.ts';
import { newAjv } from '../../scripts/build/schema-compiler.ts';

/** The contracts in `contracts/` with validators, for tests that run before anything is built. */
export async function checkedContracts(): Promise<Contracts<ValidatingContract>> {
  const ajv = newAjv({});
  const checked = await checkContracts(join(import.meta.dirname, '../../contracts'));
  return new Map(
    checked.map(({ contract, versions }) => {
      const compiled = [...versions].map(
        ([number, { schema }]) => [number, ajv.compile(schema) as unknown as Validator] as const,
      );
      return [contract.type, { ...contract, versions: new Map(compiled) }];
    }),
  );
}
