import { describeCredentialStoreContract } from '../contract/credential-store.ts';
import { describeDeliveriesContract } from '../contract/deliveries.ts';
import { describeLogWriterContract } from '../contract/log-writer.ts';
import { describeUsageReaderContract } from '../contract/usage-reader.ts';
import {
  describeBodyStoreContract,
  describeDeadLettersContract,
  describeEndpointStoreContract,
  describeSecretStoreContract,
} from '../contract/webhook-stores.ts';
import { testContracts } from '../support/contracts.ts';
import { MemoryCredentials } from '../support/memory-credentials.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { MemoryState, MemoryTable } from '../support/memory-state.ts';
import { MemoryUsage } from '../support/memory-usage.ts';
import {
  MemoryBodies,
  MemoryDeadLetters,
  MemoryDeliveries,
  MemoryEndpoints,
  MemorySecrets,
} from '../support/memory-webhooks.ts';

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

describeDeliveriesContract('in memory', () => new MemoryDeliveries());

describeEndpointStoreContract('in memory', async (given) => new MemoryEndpoints(...given));

describeSecretStoreContract('in memory', async (secretId, secrets) => {
  const store = new MemorySecrets();
  store.secrets.set(secretId, secrets);
  return store;
});

describeBodyStoreContract('in memory', () => new MemoryBodies());

describeDeadLettersContract('in memory', async (texts) => {
  const letters = new MemoryDeadLetters();
  for (const [at, text] of texts.entries())
    letters.waiting.push({ text, id: `id${at}`, handle: `h${at}`, sentMs: Date.now() });
  return letters;
});
