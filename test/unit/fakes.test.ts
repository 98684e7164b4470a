import { describeArchiveStoreContract } from '../contract/archive-store.ts';
import { describeManifestStoreContract } from '../contract/manifest-store.ts';
import { describeProgressContract } from '../contract/progress.ts';
import { describeSamplesContract } from '../contract/samples.ts';
import { describeStateStoreContract } from '../contract/state-store.ts';
import { testContracts } from '../support/contracts.ts';
import { MemoryArchive, MemoryManifest, MemoryProgress, MemorySamples } from '../support/memory-consumers.ts';
import { MemoryState, MemoryTable } from '../support/memory-state.ts';

// The same contracts hold the adapters on LocalStack (test/emulator/adapters.test.ts), so that these fakes can be believed.

const table = new MemoryTable();
describeStateStoreContract('in memory', () => new MemoryState(testContracts, table));

const manifest = new MemoryManifest();
describeManifestStoreContract('in memory', () => ({
  store: new MemoryManifest(() => {}, manifest),
  entries: async (shardId) => manifest.entries.filter((entry) => entry.shardId === shardId),
}));

const objects = new Map<string, Uint8Array>();
describeArchiveStoreContract('in memory', () => ({
  store: new MemoryArchive(() => {}, objects),
  read: async (key) => {
    const bytes = objects.get(key);
    return bytes && Buffer.from(bytes);
  },
}));

const progress = new MemoryProgress();
describeProgressContract('in memory', () => ({
  progress,
  read: async (shardId) => progress.passes.get(shardId),
}));

const samples = new MemorySamples();
describeSamplesContract('in memory', () => ({
  samples,
  find: async (tenant, fingerprint) => samples.samples.get(`${tenant} ${fingerprint}`),
}));
