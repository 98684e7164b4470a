import type { Draft, Envelope } from '../../lambdas/domain/envelope.ts';
import type { LogEntry, LogWriter } from '../../lambdas/domain/log.ts';
import { joinEnvelope, splitEnvelope } from '../../lambdas/domain/split-envelope.ts';

/**
 * A log in memory: what it holds, in order. `refuse` decides of each draft whether it is refused, `lose` whether it is
 * taken and the answer lost, which to the writer looks the same.
 */
export class MemoryLog implements LogWriter {
  readonly drafts: Draft[] = [];
  /** What a reader would find, as JSON text. */
  readonly records: {
    readonly text: string;
    readonly partitionKey: string;
    readonly explicitHashKey?: string;
  }[] = [];
  refuse: (draft: Draft, index: number) => boolean = () => false;
  lose: (draft: Draft, index: number) => boolean = () => false;
  #n = 0;

  async publish(entries: readonly LogEntry[], _deadline: number): Promise<readonly boolean[]> {
    return entries.map((entry, index) => {
      if (this.refuse(entry.draft, index)) return false;
      if (!this.#append(entry)) return false;
      return !this.lose(entry.draft, index);
    });
  }

  /** Says whether the draft fits the log. */
  #append({ draft, ...place }: LogEntry): boolean {
    let pieces: ReturnType<typeof splitEnvelope>;
    try {
      pieces = splitEnvelope(draft);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return false;
    }
    this.drafts.push(draft);
    for (const piece of pieces) {
      this.#n += 1;
      const text = joinEnvelope({ iid: 'memory', build: 'test', n: this.#n, acked: [] }, piece);
      this.records.push({ text, ...place });
    }
    return true;
  }

  /** What a reader would make of the records. */
  envelopes(): Envelope[] {
    return this.records.map(({ text }) => JSON.parse(text));
  }
}
