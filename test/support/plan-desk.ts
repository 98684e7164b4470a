import {
  chainHash,
  chainStart,
  type ManifestEntry,
  nextManifestHead,
  type Shard,
} from '../../lambdas/domain/manifest.ts';
import type { RunRequest } from '../../lambdas/domain/recovery/request.ts';
import type { Batch, Plan, Run } from '../../lambdas/domain/recovery/run.ts';
import { type PlanAnswer, type PlanStep, planRun } from '../../lambdas/plan/plan-run.ts';
import type { PlanPorts, PlanSettings } from '../../lambdas/plan/ports.ts';
import { testContracts } from './contracts.ts';
import { MemoryArchiveReader } from './memory-archive-reader.ts';
import { MemoryManifest, MemoryManifestReader, MemoryProgress, MemoryTenants } from './memory-consumers.ts';
import { MemoryLog } from './memory-log.ts';
import { MemoryRunFiles } from './memory-run-files.ts';
import { MemoryAnchors, MemoryRuns } from './memory-runs.ts';
import type { Around } from './memory-state.ts';

const ASKED = { requestId: 'r1', operator: 'ops', reason: 'why', dryRun: false };

/** A Weir as `plan` sees it: what is archived is made up, and time goes on when a test says so. */
export class PlanDesk {
  readonly runs = new MemoryRuns();
  /** Of all attempts and instances. */
  readonly written = new Map<string, Buffer>();
  readonly manifest = new MemoryManifest();
  readonly objects = new Map<string, Uint8Array>();
  readonly archive = new MemoryArchiveReader(this.objects);
  readonly projector = new MemoryProgress();
  readonly anchors = new MemoryAnchors();
  readonly log = new MemoryLog();
  readonly contracts = testContracts;
  settings: PlanSettings = { concurrency: 40, deepAfterDays: 365 };
  shards: Shard[] = [{ shardId: 'shard-0', parents: [], open: true, startingHashKey: '0' }];
  readonly tenants = new MemoryTenants();
  pending = 0;
  now = Date.parse('2026-11-21T12:00:00.000Z');
  #sequence = 10n ** 55n;

  /** Archives an object that its entry says this of; by default of one event of `acme`, an hour ago. */
  async archived(more: Partial<ManifestEntry> = {}): Promise<ManifestEntry> {
    const shardId = more.shardId ?? 'shard-0';
    const head = this.manifest.heads.get(shardId);
    this.#sequence += 10n;
    const first = String(this.#sequence);
    const hourAgo = new Date(this.now - 3_600_000).toISOString();
    const described = {
      ...{ shardId, first, last: first, records: 1, events: 1, bytes: 1000, versionId: 'v1' },
      ...{ sha256: `hash of ${first}`, key: `archive/${shardId}/${first}` },
      ...{ arrived: { from: hourAgo, to: hourAgo }, times: { from: hourAgo, to: hourAgo } },
      ...{ tenants: ['acme'], types: ['test.every'], fingerprints: [] },
      ...more,
    };
    const previous = head?.chain ?? chainStart(shardId, []);
    const { sha256, last, records } = described;
    const entry = { ...described, chain: chainHash(previous, sha256, described.first, last, records) };
    const next = nextManifestHead(head, entry);
    if (head) await this.manifest.append(entry, next, head);
    else await this.manifest.begin(entry, next, []);
    this.objects.set(entry.key, Buffer.from(entry.key));
    return entry;
  }

  /** Starts a run of this request. */
  start(request: object, more: Partial<Run> = {}): void {
    const full = { ...ASKED, ...request } as RunRequest;
    const startedAt = new Date(this.now).toISOString();
    this.runs.runs.set(full.requestId, { request: full, attempt: 1, status: 'running', startedAt, ...more });
  }

  /** What the step answers; `around` is called around each call for the run's files. */
  step<A = PlanAnswer>(
    step: PlanStep['step'],
    more: Partial<PlanStep> = {},
    around: Around = () => {},
    deadline = this.now + 60_000,
  ): Promise<A> {
    return planRun(
      { requestId: 'r1', attempt: 1, step, ...more },
      this.#ports(around),
      deadline,
    ) as Promise<A>;
  }

  /** Starts a run and has it planned. */
  async plan(request: object): Promise<Plan> {
    this.start(request);
    await this.step('select');
    return this.json('plan.json');
  }

  json<T>(name: string, requestId = 'r1'): T {
    return JSON.parse(this.written.get(`${requestId}/${name}`)!.toString());
  }

  names(prefix: string): string[] {
    return [...this.written.keys()].filter((name) => name.startsWith(`r1/${prefix}`)).sort();
  }

  batches(): Batch[] {
    return this.names('batches/').map((name) => this.json(name.slice(3)));
  }

  /** Both consumers pass a mark of this time. */
  pass(mark: string, shardId = 'shard-0'): void {
    this.passArchive(mark, shardId);
    this.projector.passes.set(shardId, { mark, sequence: '77' });
  }

  passArchive(mark: string, shardId = 'shard-0'): void {
    const none = { shardId, last: '7', chain: '', objects: 0, records: 0, events: 0, bytes: 0 };
    this.manifest.heads.set(shardId, { ...none, ...this.manifest.heads.get(shardId), mark });
  }

  #ports(around: Around): PlanPorts {
    return {
      ...{ contracts: this.contracts, runs: this.runs, archive: this.archive, anchors: this.anchors },
      ...{ projector: this.projector, log: this.log, tenants: this.tenants, settings: this.settings },
      files: new MemoryRunFiles(around, this.written),
      manifest: new MemoryManifestReader(this.manifest),
      shards: { list: async () => this.shards },
      repairs: { pendingRepairs: async () => this.pending },
      clock: { now: () => this.now },
      random: { fraction: () => 0, hex: () => '00' },
      sleep: async () => {},
    };
  }
}
