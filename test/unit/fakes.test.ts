import type { Attribute } from '../../lambdas/domain/head-item.ts';
import { describeArchiveReaderContract } from '../contract/archive-reader.ts';
import { describeArchiveStoreContract } from '../contract/archive-store.ts';
import { describeManifestStoreContract } from '../contract/manifest-store.ts';
import { describeProgressContract } from '../contract/progress.ts';
import { describeRunFilesContract } from '../contract/run-files.ts';
import { describeSamplesContract } from '../contract/samples.ts';
import { describeStateStoreContract } from '../contract/state-store.ts';
import { describeTenantsContract } from '../contract/tenants.ts';
import { describeTouchedIndexContract } from '../contract/touched-index.ts';
import { testContracts } from '../support/contracts.ts';
import { MemoryArchiveReader } from '../support/memory-archive-reader.ts';
import {
  MemoryArchive,
  MemoryManifest,
  MemoryManifestReader,
  MemoryProgress,
  MemorySamples,
  MemoryTenants,
} from '../support/memory-consumers.ts';
import { MemoryRunFiles } from '../support/memory-run-files.ts';
import { MemoryState, MemoryTable } from '../support/memory-state.ts';
import { MemoryTouched } from '../support/memory-touched.ts';

// The same contracts hold the adapters on LocalStack (test/emulator/adapters.test.ts), so that these fakes can be believed.

const table = new MemoryTable();
describeStateStoreContract('in memory', () => new MemoryState(testContracts, table));

const manifest = new MemoryManifest();
describeManifestStoreContract('in memory', () => ({
  store: new MemoryManifest(() => {}, manifest),
  reader: new MemoryManifestReader(manifest),
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
describeProgressContract('in memory', () => progress);

const samples = new MemorySamples();
describeSamplesContract('in memory', () => ({
  samples,
  find: async (tenant, fingerprint) => samples.samples.get(`${tenant} ${fingerprint}`),
}));

describeArchiveReaderContract('in memory', () => {
  const present = new Map<string, Uint8Array>();
  const reader = new MemoryArchiveReader(present);
  const put = async (key: string, bytes: Buffer, storageClass = 'STANDARD') => {
    const versionId = `version ${reader.versions.size}`;
    present.set(key, bytes);
    reader.versions.set(`${key} ${versionId}`, bytes);
    reader.classes.set(key, storageClass);
    return versionId;
  };
  const removeVersion = async (key: string, versionId: string) => {
    reader.versions.delete(`${key} ${versionId}`);
    const left = [...reader.versions].findLast(([name]) => name.startsWith(`${key} `));
    if (left) present.set(key, left[1]);
    else present.delete(key);
  };
  return { reader, put, removeVersion, finishRestoring: async () => reader.finishRestoring() };
});

describeTenantsContract('in memory', () => {
  const tenants = new MemoryTenants();
  return { tenants, add: async (tenant) => void tenants.names.push(tenant) };
});

const files = new Map<string, Buffer>();
describeRunFilesContract('in memory', () => new MemoryRunFiles(() => {}, files));

describeTouchedIndexContract('in memory', () => {
  const items = new MemoryTable();
  return {
    index: new MemoryTouched(items),
    put: async (item) => items.write(`${textOf(item.pk)} ${textOf(item.sk)}`, item),
  };
});

const textOf = (value: Attribute | undefined) => (value && 'S' in value ? value.S : '');
