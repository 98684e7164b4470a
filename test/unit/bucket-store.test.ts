import { describeBucketStoreContract } from '../contract/bucket-store.ts';
import { testContracts } from '../support/contracts.ts';
import { MemoryBuckets } from '../support/memory-buckets.ts';
import { MemoryTable } from '../support/memory-state.ts';

const table = new MemoryTable();
describeBucketStoreContract('in memory', () => ({
  store: new MemoryBuckets(testContracts, table),
  put: async (item) => {
    const { pk, sk } = item as unknown as { pk: { S: string }; sk: { S: string } };
    table.write(`${pk.S} ${sk.S}`, item);
  },
}));
