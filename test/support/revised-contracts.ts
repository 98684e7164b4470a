import type { Contract } from '../../lambdas/domain/contract.ts';
import { testContracts } from './contracts.ts';

const every = testContracts.get('test.every')!;
const meter = { unit: '1', scale: 9, maxGroups: 50 };

/** `test.every` as corrected: its total is of another group and coarser, some meters are gone, one is new. */
const corrected: Contract = {
  ...every,
  revisions: [
    ...every.revisions,
    {
      from: '2020-01-01T00:00:00Z',
      replaces: 1,
      meters: [
        { ...meter, name: 'events', aggregate: 'count' },
        { ...meter, name: 'total', aggregate: 'sum', value: '/value', scale: 2, groupBy: { user: '/user' } },
        { ...meter, name: 'newest', aggregate: 'latest', value: '/value' },
        { ...meter, name: 'regions', aggregate: 'unique', value: '/region' },
      ],
    },
  ],
};

/** Contracts that a test may have corrected in the middle of things. */
export function revisableContracts() {
  const contracts = new Map(testContracts);
  return { contracts, revise: () => contracts.set('test.every', corrected) };
}

/** With the correction from the beginning. */
export const correctedContracts = revisableContracts().revise();
