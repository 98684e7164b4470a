import type { QuarantineEnvelope } from '../domain/envelope.ts';

/** Pieces of quarantine of one cause that a batch has counted, for the log: who, why, and where to look. */
export interface QuarantineCause {
  readonly tenant: string;
  readonly producer: string;
  readonly code: string;
  readonly type?: string;
  readonly schema?: number;
  readonly fingerprint: string;
  /** Of one of them. */
  readonly receipt: string;
  readonly trace?: string;
  readonly events: number;
}

const MAX_CAUSES = 20;

/** Adds up by cause, so that a batch of thousands is some lines in the log; beyond 20 causes only the number is kept. */
export class QuarantineCauses {
  readonly #causes = new Map<string, QuarantineCause>();
  #others = 0;

  add({ tenant, producer, receipt, trace, quarantine }: QuarantineEnvelope): void {
    const { code, fingerprint, type, schema } = quarantine;
    const key = `${fingerprint} ${schema ?? ''}`;
    const known = this.#causes.get(key);
    if (known) this.#causes.set(key, { ...known, events: known.events + 1 });
    else if (this.#causes.size === MAX_CAUSES) this.#others++;
    else {
      this.#causes.set(key, {
        ...{ tenant, producer, code, fingerprint, receipt, events: 1 },
        ...(type !== undefined && { type }),
        ...(schema !== undefined && { schema }),
        ...(trace !== undefined && { trace }),
      });
    }
  }

  all(): { readonly causes: readonly QuarantineCause[]; readonly others: number } {
    return { causes: [...this.#causes.values()], others: this.#others };
  }
}
