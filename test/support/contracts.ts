import type { Contract, Contracts, Meter } from '../../lambdas/domain/contract.ts';

const meter = (name: string, aggregate: Meter['aggregate'], more: Partial<Meter> = {}): Meter => ({
  name,
  aggregate,
  scale: 9,
  unit: '1',
  maxGroups: 50,
  ...(aggregate !== 'count' && { value: '/value' }),
  ...more,
});

function contract(type: string, meters: readonly Meter[], more: Partial<Contract> = {}): Contract {
  return {
    type,
    owner: 'tests',
    current: 1,
    priority: 'standard',
    bucket: 'PT1H',
    lateMs: 35 * 86_400_000,
    earlyMs: 300_000,
    revisions: [{ from: '2020-01-01T00:00:00Z', meters }],
    ...more,
  };
}

/** One type with every aggregate, one that is only summed, and one with few groups. */
export const testContracts: Contracts = new Map(
  [
    contract('test.every', [
      meter('events', 'count'),
      meter('total', 'sum', { groupBy: { region: '/region' } }),
      meter('least', 'min'),
      meter('most', 'max'),
      meter('newest', 'latest'),
      meter('users', 'unique', { value: '/user' }),
    ]),
    contract('test.sum', [meter('total', 'sum')]),
    contract('test.groups', [meter('total', 'sum', { groupBy: { region: '/region' }, maxGroups: 2 })]),
  ].map((each) => [each.type, each]),
);
