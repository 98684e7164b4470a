import { describeCredentialStoreContract } from '../contract/credential-store.ts';
import { describeLogWriterContract } from '../contract/log-writer.ts';
import { describeUsageReaderContract } from '../contract/usage-reader.ts';
import { testContracts } from '../support/contracts.ts';
import { MemoryCredentials } from '../support/memory-credentials.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { MemoryState, MemoryTable } from '../support/memory-state.ts';
import { MemoryUsage } from '../support/memory-usage.ts';

// The fakes, held to the same contracts as the adapters in test/emulator/adapters.test.ts.
describeCredentialStoreContract('in memory', async (given) => {
  const store = new MemoryCredentials();
  for (const [key, credential] of given) store.put(key, credential);
  return store;
});

describeLogWriterContract('in memory', async () => {
  const log = new MemoryLog();
  return { log, texts: async () => log.records.map(({ text }) => text) };
});

describeUsageReaderContract(
  'in memory',
  async () => {
    const table = new MemoryTable();
    return { reader: new MemoryUsage(table, testContracts), state: new MemoryState(testContracts, table) };
  },
  'contract',
);
