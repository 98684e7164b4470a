import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Tenants } from '../../lambdas/domain/recovery/ports.ts';

/** A list of tenants, and a way to give one something of its own. */
export interface TestedTenants {
  readonly tenants: Tenants;
  add(tenant: string): Promise<void>;
}

/** What every list of tenants must do. Tenants are fresh in each test; there may be others. */
export function describeTenantsContract(name: string, make: () => TestedTenants): void {
  describe(`tenants: ${name}`, () => {
    it('names everybody who has something, by the name that events have', async () => {
      const { tenants, add } = make();
      const [one, other] = [`${randomUUID()} #%|`, randomUUID()];
      for (const tenant of [one, other, one]) await add(tenant);
      const listed: string[] = [];
      for await (const page of tenants.list()) listed.push(...page);
      expect(listed).toEqual(expect.arrayContaining([one, other]));
      expect(listed).not.toContain('');
    });
  });
}
