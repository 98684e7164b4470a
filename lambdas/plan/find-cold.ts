import type { ManifestEntry } from '../domain/manifest.ts';
import { type Amount, addAmount, NOTHING } from '../domain/recovery/estimate.ts';
import { KeepGoing } from './keep-going.ts';
import type { PlanPorts } from './ports.ts';

const DAY_MS = 86_400_000;
/** What is nearly old enough may get there while the run waits and reads. */
const SOON_DAYS = 14;
/** S3 is asked about so many objects; of more, their age speaks. */
const MAX_LOOKS = 20_000;

/** Counts those of a run's objects that have to be taken out of a cold tier before they can be read. */
export class FindCold {
  readonly #ports: Pick<PlanPorts, 'archive' | 'settings'>;
  readonly #atMs: number;
  readonly #looks = new KeepGoing();
  readonly #batches: number[] = [];
  #looked = 0;
  #cold = NOTHING;

  /** @param atMs when the plan's bounds were set */
  constructor(ports: Pick<PlanPorts, 'archive' | 'settings'>, atMs: number) {
    this.#ports = ports;
    this.#atMs = atMs;
  }

  async add(entry: ManifestEntry, batch: number): Promise<void> {
    const { archive, settings } = this.#ports;
    const days = (this.#atMs - Date.parse(entry.arrived.from)) / DAY_MS;
    if (days < settings.deepAfterDays - SOON_DAYS) return;
    if (this.#batches.at(-1) !== batch) this.#batches.push(batch);
    if (this.#looked++ >= MAX_LOOKS) {
      if (days >= settings.deepAfterDays) this.#cold = addAmount(this.#cold, entry);
      return;
    }
    await this.#looks.add(async () => {
      const stored = await archive.look(entry.key, entry.versionId);
      if (stored && !stored.readable) this.#cold = addAmount(this.#cold, entry);
    });
  }

  /** What is cold, and the numbers of the batches that may hold such objects by the time that they are read. */
  async result(): Promise<{ readonly cold: Amount; readonly batches: readonly number[] }> {
    await this.#looks.done();
    return { cold: this.#cold, batches: this.#batches };
  }
}
