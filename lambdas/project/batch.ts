import type { QuarantineEnvelope } from '../domain/envelope.ts';
import { type Delivery, DeliveryTimes } from './delivery-times.ts';
import { type QuarantineCause, QuarantineCauses } from './quarantine-causes.ts';
import type { ToQuarantine } from './quarantine-refused.ts';

/** What became of a batch. */
export interface Projection extends Delivery {
  /** Index of the earliest record that must come again, or undefined where all is done. */
  readonly failedFrom?: number;
  /** What went wrong, one error for each bucket or step that failed. */
  readonly errors: readonly unknown[];
  /** Of each error, the index of the earliest record that it concerns. */
  readonly errorsAt: readonly number[];
  readonly counted: number;
  readonly duplicates: number;
  readonly conflicts: number;
  /** Refused for other reasons than a conflict. */
  readonly refused: number;
  /** Pieces of quarantine counted. */
  readonly quarantined: number;
  /** The same by cause, and how many are of causes beyond those. */
  readonly causes: readonly QuarantineCause[];
  readonly otherCauses: number;
  /** Of those counted, and of the duplicates, what recovery had sent again. */
  readonly replayedCounted: number;
  readonly replayedDuplicates: number;
}

/** Keeps account of one batch. */
export class Batch {
  readonly delivery = new DeliveryTimes();
  readonly toQuarantine: ToQuarantine[] = [];
  failedFrom: number | undefined;
  readonly #errors: unknown[] = [];
  readonly #errorsAt: number[] = [];
  readonly #causes = new QuarantineCauses();
  readonly #counts = {
    ...{ counted: 0, duplicates: 0, conflicts: 0, refused: 0, quarantined: 0 },
    ...{ replayedCounted: 0, replayedDuplicates: 0 },
  };

  /** Runs a step that these records depend on; on failure they are not done, and the rest goes on. */
  async attempt<T>(records: () => readonly number[], step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      this.failRecords(records(), error);
      return undefined;
    }
  }

  failRecords(records: readonly number[], error: unknown): void {
    if (records.length === 0) return;
    const first = records.reduce((least, record) => Math.min(least, record));
    this.#errors.push(error);
    this.#errorsAt.push(first);
    this.failedFrom = Math.min(this.failedFrom ?? first, first);
  }

  /** A piece of quarantine is counted. */
  addQuarantine(envelope: QuarantineEnvelope): void {
    this.add('quarantined', envelope.replay !== undefined);
    this.#causes.add(envelope);
  }

  add(what: 'counted' | 'duplicates' | 'quarantined', isReplay: boolean): void {
    this.#counts[what]++;
    if (!isReplay) return;
    if (what === 'counted') this.#counts.replayedCounted++;
    if (what === 'duplicates') this.#counts.replayedDuplicates++;
  }

  /** Keeps it to be written to the log; of one that could not be made, the record has failed. */
  refuse(item: ToQuarantine | undefined): void {
    if (!item) return;
    this.toQuarantine.push(item);
    this.#counts[item.draft.quarantine.code === 'conflict' ? 'conflicts' : 'refused']++;
  }

  result(): Projection {
    const { causes, others } = this.#causes.all();
    return {
      ...this.#counts,
      ...this.delivery.result(),
      ...{ causes, otherCauses: others, errors: this.#errors, errorsAt: this.#errorsAt },
      ...(this.failedFrom !== undefined && { failedFrom: this.failedFrom }),
    };
  }
}
