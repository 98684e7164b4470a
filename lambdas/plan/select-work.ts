import { type Amount, addAmount, coldSummary, minutesOf, NOTHING } from '../domain/recovery/estimate.ts';
import { Batcher, batchLimits, MAX_BATCHES, partitionsOf } from '../domain/recovery/plan-batches.ts';
import type { RunRequest } from '../domain/recovery/request.ts';
import {
  expiredBefore,
  hasExpired,
  needsAll,
  refusesExpired,
  SOON_MS,
} from '../domain/recovery/retention.ts';
import {
  type Batch,
  type Finding,
  type PlanSummary,
  RunRefusedError,
  runFiles,
} from '../domain/recovery/run.ts';
import { type Selection, selectionOf } from '../domain/recovery/select-objects.ts';
import { CheckLinks } from './check-links.ts';
import { settle, writeJson } from './files.ts';
import { FindCold } from './find-cold.ts';
import { KeepGoing } from './keep-going.ts';
import { listTouched } from './list-touched.ts';
import type { PlanPorts } from './ports.ts';
import type { Bounds } from './set-bounds.ts';
import { walkEntries } from './walk-entries.ts';

/** The log's clock, by which a bucket's month is chosen, may be ahead of ours. */
const CLOCKS_APART_MS = 3_600_000;

/** Who is counted for records that hold no envelope. */
const NOBODY = 'weir';

/** What there is to do, and what is wrong with the chains of what it was selected from. */
export interface Work {
  readonly summary: PlanSummary;
  readonly findings: readonly Finding[];
}

/**
 * Writes a file for each batch and partition of a run, and says how much it is. Only a few batches are in memory at any
 * time. It does the same whenever it is repeated: nothing but the request and the bounds decides. A dry run writes nothing.
 */
export async function selectWork(request: RunRequest, bounds: Bounds, ports: PlanPorts): Promise<Work> {
  return new SelectWork(request, bounds, ports).run();
}

class SelectWork {
  readonly #request: RunRequest;
  readonly #bounds: Bounds;
  readonly #ports: PlanPorts;
  readonly #selection: Selection;
  readonly #puts = new KeepGoing();
  readonly #batcher: Batcher;
  readonly #cold: FindCold;
  readonly #expiredBeforeMs: number;
  #expired = 0;
  readonly #links: CheckLinks;
  readonly #tenants = new Set<string>();
  #batches = 0;
  #amount: Amount = NOTHING;
  #earliestMs = Number.POSITIVE_INFINITY;

  constructor(request: RunRequest, bounds: Bounds, ports: PlanPorts) {
    this.#request = request;
    this.#bounds = bounds;
    this.#ports = ports;
    this.#selection = selectionOf(request, ports.contracts);
    this.#batcher = new Batcher(batchLimits(bounds.archived));
    this.#links = new CheckLinks(bounds, ports.manifest);
    const { retentionDays } = ports.settings;
    this.#expiredBeforeMs = expiredBefore(Date.parse(bounds.at) + SOON_MS, retentionDays);
    this.#cold = new FindCold(ports, Date.parse(bounds.at));
  }

  async run(): Promise<Work> {
    await this.#takeObjects();
    if (this.#request.verb === 'reconcile' && !this.#request.identities) await this.#takeHeads();
    // Dead letters are moved by one worker, which needs no objects.
    if (this.#request.verb === 'redrive' && 'queue' in this.#request)
      await this.#put({ kind: 'objects', number: this.#batches++, objects: [] });
    const partitions = await this.#makePartitions();
    const { cold, batches: coldBatches } = await this.#cold.result();
    if (coldBatches.length > 0) await this.#write(runFiles.cold, coldBatches);
    await this.#puts.done();
    const parts = { batches: this.#batches, partitions, concurrency: this.#ports.settings.concurrency };
    const summary = {
      ...this.#amount,
      ...{ batches: this.#batches, partitions },
      minutes: minutesOf(this.#request, this.#amount, parts),
      ...(this.#expired > 0 && { expired: this.#expired }),
      ...(cold.objects > 0 && { cold: coldSummary(cold) }),
    };
    return { summary, findings: this.#links.findings };
  }

  async #takeObjects(): Promise<void> {
    const { archivedTo } = this.#bounds;
    for await (const entries of walkEntries(this.#selection, archivedTo, this.#ports.manifest, this.#links)) {
      for (const entry of entries) {
        if (hasExpired(entry, this.#expiredBeforeMs)) {
          this.#leaveOut();
          continue;
        }
        const full = this.#batcher.add(entry);
        if (full) await this.#put({ kind: 'objects', number: this.#batches++, objects: full });
        await this.#cold.add(entry, this.#batches);
        this.#amount = addAmount(this.#amount, entry);
        this.#earliestMs = Math.min(this.#earliestMs, Date.parse(entry.arrived.from) || 0);
        if (entry.tenants !== 'many') for (const tenant of entry.tenants) this.#tenants.add(tenant);
      }
    }
    const rest = this.#batcher.take();
    if (rest) await this.#put({ kind: 'objects', number: this.#batches++, objects: rest });
  }

  /** @throws RunRefusedError where the run must have all of its range */
  #leaveOut(): void {
    if (needsAll(this.#request))
      throw new RunRefusedError(refusesExpired(this.#request, this.#ports.contracts, this.#expiredBeforeMs));
    this.#expired++;
  }

  /** Buckets that no object of the selection accounts for are found by the arrival index alone. */
  async #takeHeads(): Promise<void> {
    const atMs = Date.parse(this.#bounds.at);
    const { arrivedFromMs } = this.#selection;
    const fromMs = Number.isFinite(arrivedFromMs) ? arrivedFromMs : Math.min(this.#earliestMs, atMs);
    for (const touched of listTouched(await this.#tenantsInScope(), fromMs, atMs + CLOCKS_APART_MS))
      await this.#put({ kind: 'heads', number: this.#batches++, touched });
  }

  /** Noted, so that a repetition has the same: tenants come and go. */
  async #tenantsInScope(): Promise<readonly string[]> {
    const { tenant, requestId, dryRun } = this.#request as RunRequest & { readonly tenant?: string };
    if (tenant !== undefined) return [tenant];
    const tenants = new Set([...this.#tenants, NOBODY]);
    for await (const some of this.#ports.tenants.list()) for (const each of some) tenants.add(each);
    const sorted = [...tenants].sort();
    return dryRun ? sorted : settle(this.#ports.files, requestId, runFiles.tenants, sorted);
  }

  async #makePartitions(): Promise<number> {
    const { verb } = this.#request;
    if (verb === 'replay' || verb === 'redrive' || this.#batches === 0) return 0;
    const partitions = partitionsOf(this.#amount.events);
    for (let number = 0; number < partitions; number++) await this.#write(runFiles.partition(number), {});
    return partitions;
  }

  /** @throws RunRefusedError where there are more of them than the state machine takes */
  #put(batch: Batch): Promise<void> {
    if (batch.number >= MAX_BATCHES)
      throw new RunRefusedError(
        `These are more than ${MAX_BATCHES} parts: ask for shorter ranges ("from", "to"), one after the other`,
      );
    return this.#write(runFiles.batch(batch.number), batch);
  }

  async #write(name: string, value: unknown): Promise<void> {
    const { requestId, dryRun } = this.#request;
    if (!dryRun) await this.#puts.add(() => writeJson(this.#ports.files, requestId, name, value));
  }
}
