import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { archiveBatch } from '../../lambdas/archive/archive-batch.ts';
import { createLedger } from '../../lambdas/domain/acknowledgements.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import type { ManifestEntry, Shard } from '../../lambdas/domain/manifest.ts';
import { AckAccount } from '../../lambdas/domain/recovery/account-acks.ts';
import type { Anchor } from '../../lambdas/domain/recovery/anchors.ts';
import {
  type CertifiedRange,
  type ChainCheck,
  checkChains,
} from '../../lambdas/domain/recovery/check-chain.ts';
import type { GivenFile } from '../../lambdas/domain/recovery/check-objects.ts';
import type { RunRequest } from '../../lambdas/domain/recovery/request.ts';
import {
  type Finding,
  type ObjectRef,
  type Plan,
  type Run,
  runFiles,
  type StageResult,
} from '../../lambdas/domain/recovery/run.ts';
import type { ShuffleLine } from '../../lambdas/domain/recovery/shuffle.ts';
import { ProofFiles } from '../../lambdas/plan/proof-files.ts';
import { PartitionReader } from '../../lambdas/platform/shuffle-files.ts';
import { scanBatch } from '../../lambdas/scan/scan-batch.ts';
import { testContracts } from './contracts.ts';
import { MemoryArchiveReader } from './memory-archive-reader.ts';
import { MemoryArchive, MemoryManifest, MemoryManifestReader, MemoryShards } from './memory-consumers.ts';
import { MemoryRunFiles } from './memory-run-files.ts';
import { MemoryTable } from './memory-state.ts';
import { MemoryTouched } from './memory-touched.ts';

export const START_MS = Date.parse('2026-11-21T00:00:00Z');
const STEP_MS = 30_000;
const id = (number: number) => `shardId-${String(number).padStart(12, '0')}`;

/** Two shards, and the one that they are merged into. */
const SHARDS: readonly Shard[] = [
  { shardId: id(0), parents: [], open: false, startingHashKey: '0' },
  { shardId: id(1), parents: [], open: false, startingHashKey: '1' },
  { shardId: id(2), parents: [id(0), id(1)], open: true, startingHashKey: '0' },
];

/** One call that an instance makes of the log: records of one or more events, on any shards. */
interface Call {
  readonly instance: number;
  readonly bodies: readonly object[];
  readonly shards: readonly number[];
  /** Whether the log takes each. */
  readonly taken: readonly boolean[];
}

/** A day of the log, how it is archived, and when anchors are put. */
export interface Day {
  readonly calls: readonly Call[];
  readonly cuts: readonly number[];
  /** After which of the archived batches. */
  readonly anchored: readonly number[];
}

const event = fc
  .record({
    id: fc.nat(12).map((number) => `e${number}`),
    type: fc.constantFrom('test.sum', 'test.sum', 'test.groups', 'test.unknown'),
    subject: fc.constantFrom('alice', 'bob'),
    time: fc.constantFrom('2026-11-21T07:00:00Z', '2026-11-21T08:30:00Z'),
    data: fc.record({ value: fc.constantFrom(1, 2, 'much'), region: fc.constantFrom('a', 'b', 'c') }),
  })
  .map((more) => ({ schema: 1, event: { specversion: '1.0', source: '/m', ...more } }));
const body = fc.oneof(
  { weight: 6, arbitrary: fc.array(event, { minLength: 1, maxLength: 4 }).map((events) => ({ events })) },
  {
    weight: 1,
    arbitrary: fc.array(event, { minLength: 1, maxLength: 2 }).map((events) => ({ events, replay: 'run-0' })),
  },
  fc.nat(3).map((number) => ({
    quarantine: {
      ...{ code: 'contract-violation', fingerprint: `f${number}`, detail: 'd', origin: `r:${number}` },
      input: {},
    },
  })),
);
const call: fc.Arbitrary<Call> = fc.record({
  instance: fc.nat(2),
  bodies: fc.array(body, { minLength: 1, maxLength: 4 }),
  shards: fc.array(fc.nat(1), { minLength: 4, maxLength: 4 }),
  taken: fc.array(
    fc.integer({ min: 0, max: 9 }).map((die) => die > 0),
    { minLength: 4, maxLength: 4 },
  ),
});

export const day: fc.Arbitrary<Day> = fc.record({
  calls: fc.array(call, { minLength: 3, maxLength: 20, size: 'max' }),
  cuts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
  anchored: fc.array(fc.nat(8), { maxLength: 2 }),
});

/** Records as instances number and write them: the last call of each goes unreported. */
function recordsOf({ calls }: Day): LogRecord[] {
  const ledgers = [createLedger(), createLedger(), createLedger()];
  const records: LogRecord[] = [];
  for (const [at, { instance, bodies, shards, taken }] of calls.entries()) {
    const ledger = ledgers[instance]!;
    const arrivedMs = START_MS + at * STEP_MS;
    // The shards are merged at half past the day's calls.
    const merged = at * 2 >= calls.length;
    const numbers = bodies.map((body, index) => {
      const { n, acked } = ledger.next();
      const envelope = {
        ...{ v: 1, iid: `instance-${instance}`, n, acked, build: 'test', tenant: 'acme', producer: 'meter' },
        ...{ at: new Date(arrivedMs).toISOString(), receipt: `r-${at}`, ...body },
      };
      const data = Buffer.from(JSON.stringify(envelope));
      const sequence = String(10n ** 55n + BigInt(records.length));
      const shardId = id(merged ? 2 : shards[index]!);
      if (taken[index]!) records.push({ shardId, sequence, arrivedMs, data });
      return n;
    });
    for (const [index, n] of numbers.entries()) ledger.settle(n, taken[index]!);
  }
  return records;
}

/** An archive made by the archive's own code. */
export class Archived {
  readonly objects = new Map<string, Uint8Array>();
  readonly manifest = new MemoryManifest();
  readonly anchors: Anchor[] = [];
  records: readonly LogRecord[] = [];

  static async of(written: Day): Promise<Archived> {
    const archived = new Archived();
    const { objects, manifest } = archived;
    const ports = {
      archive: new MemoryArchive(() => {}, objects),
      manifest,
      shards: new MemoryShards(SHARDS),
    };
    archived.records = recordsOf(written);
    let batch = 0;
    for (const { shardId } of SHARDS) {
      const records = archived.records.filter((record) => record.shardId === shardId);
      for (let at = 0; at < records.length; batch++) {
        const size = written.cuts[batch % written.cuts.length]!;
        await archiveBatch(records.slice(at, at + size), ports);
        at += size;
        if (written.anchored.includes(batch)) archived.anchor();
      }
    }
    return archived;
  }

  /** Puts every chain's end under lock. */
  anchor(): void {
    for (const { shardId, last, chain, objects, records, events } of this.manifest.heads.values())
      this.anchors.push({ shardId, last, chain, objects, records, events, at: '2026-11-21T12:00:00.000Z' });
  }

  get entries(): readonly ManifestEntry[] {
    return this.manifest.entries;
  }

  replaceEntry(at: number, changes: Partial<ManifestEntry>): void {
    this.manifest.entries[at] = { ...this.manifest.entries[at]!, ...changes };
  }

  /** What verify says of the chains, and the proofs that it writes, a few objects a file. */
  async chains(range: CertifiedRange = {}): Promise<ChainCheck & { readonly given: Map<string, GivenFile> }> {
    const { anchors } = this;
    const files = new MemoryRunFiles();
    const locked = {
      async *read() {
        for (const anchor of anchors) yield [anchor];
      },
    };
    const writerOf = (shardId: string) => new ProofFiles(files, 'run-1', shardId, 3);
    const manifest = new MemoryManifestReader(this.manifest);
    const checked = await checkChains(manifest, locked, { range, writerOf });
    const given = [...files.files].map(([path, bytes]) => [path.split('/').at(-1)!, opened(bytes)] as const);
    return { ...checked, given: new Map(given) };
  }
}

/** A compressed file, as whoever checks a certificate is given it. */
export function opened(bytes: Uint8Array): GivenFile {
  return { bytes, text: gunzipSync(bytes).toString() };
}

/** What scanning an archive comes to. */
export interface Scanned {
  readonly files: MemoryRunFiles;
  readonly counts: Record<string, number>;
  readonly findings: readonly Finding[];
  readonly lines: readonly ShuffleLine[];
}

/** Scans all that the manifest names, in batches, as a run does. */
export async function scan(
  archived: Archived,
  request: RunRequest,
  {
    batchSize = 2,
    partitions = 3,
    entries = archived.entries,
  }: {
    readonly batchSize?: number;
    readonly partitions?: number;
    readonly entries?: readonly ManifestEntry[];
  } = {},
): Promise<Scanned> {
  const files = new MemoryRunFiles();
  const { requestId } = request;
  const summary = { objects: 0, records: 0, events: 0, bytes: 0, batches: 0, partitions, minutes: 0 };
  const plan: Plan = {
    ...{ request, summary, knownAt: '2026-11-22T00:00:00.000Z' },
    ...{ archivedTo: {}, projectedTo: {} },
  };
  const put = (name: string, value: unknown) =>
    files.put(requestId, name, Buffer.from(JSON.stringify(value)));
  await put(runFiles.plan, plan);
  const ports = {
    contracts: testContracts,
    archive: new MemoryArchiveReader(archived.objects),
    manifest: new MemoryManifestReader(archived.manifest),
    touched: new MemoryTouched(new MemoryTable()),
    files,
    runs: { find: async (): Promise<Run> => ({ request, attempt: 1, status: 'running', startedAt: '' }) },
  };
  const counts: Record<string, number> = {};
  const findings: Finding[] = [];
  for (let at = 0, number = 0; at < entries.length; at += batchSize, number++) {
    const objects: readonly ObjectRef[] = entries.slice(at, at + batchSize);
    await put(runFiles.batch(number), { kind: 'objects', number, objects });
    const batch = `runs/${requestId}/${runFiles.batch(number)}`;
    await scanBatch({ requestId, attempt: 1, batch }, ports);
    const bytes = await files.get(requestId, runFiles.scanned(number));
    const result: StageResult = JSON.parse(bytes!.toString());
    findings.push(...result.findings);
    for (const [name, more] of Object.entries(result.counts)) counts[name] = (counts[name] ?? 0) + more;
  }
  const lines: ShuffleLine[] = [];
  for (let partition = 0; partition < partitions; partition++)
    for await (const line of new PartitionReader(files, requestId, partition).lines()) lines.push(line);
  return { files, counts, findings, lines };
}

export const asked = {
  ...{ requestId: 'run-1', operator: 'tests', reason: 'a test', dryRun: false },
} as const;

/** All that verify finds: of chains, objects, and acknowledged numbers. */
export async function verify(archived: Archived): Promise<readonly Finding[]> {
  const chains = await archived.chains();
  const { findings, lines } = await scan(archived, { ...asked, verb: 'verify', certificate: false });
  const account = new AckAccount();
  for (const line of lines) if (line.kind === 'ack') account.take(line);
  return [...chains.findings, ...findings, ...account.result().findings];
}
