import type {
  LetterMove,
  LetterMover,
  RedrivenNote,
  RedrivenSamples,
  RepairDeadLetters,
  RepairNote,
  RepairNotes,
} from '../../lambdas/domain/recovery/resend-ports.ts';
import type { Around } from './memory-state.ts';

/** Samples of quarantine, as far as they say what was redriven. By `<tenant> <fingerprint>`. */
export class MemoryRedriven implements RedrivenSamples {
  readonly samples = new Map<
    string,
    { requestId: string; at: string; events: number; parts: Set<string> } | null
  >();

  async note({ tenant, fingerprint, requestId, at, part, events }: RedrivenNote): Promise<void> {
    const name = `${tenant} ${fingerprint}`;
    const found = this.samples.get(name);
    if (found === undefined) return;
    if (found?.requestId !== requestId) {
      this.samples.set(name, { requestId, at, events, parts: new Set([part]) });
    } else if (!found.parts.has(part)) {
      found.parts.add(part);
      found.events += events;
      found.at = at;
    }
  }
}

export class MemoryRepairNotes implements RepairNotes {
  readonly notes = new Map<string, RepairNote>();
  readonly #around: Around;

  constructor(around: Around = () => {}) {
    this.#around = around;
  }

  async find(messageId: string): Promise<RepairNote | undefined> {
    await this.#around('find', 'before');
    return this.notes.get(messageId);
  }

  async put(note: RepairNote): Promise<void> {
    await this.#around('put', 'before');
    if (!this.notes.has(note.messageId)) this.notes.set(note.messageId, note);
    await this.#around('put', 'after');
  }
}

export class MemoryRepairDead implements RepairDeadLetters {
  readonly letters: { readonly body: string; readonly messageId: string; readonly reason: string }[] = [];

  async send(body: string, messageId: string, reason: string): Promise<void> {
    this.letters.push({ body, messageId, reason });
  }
}

/** A move that is over after it was looked at `looks` times. */
export class MemoryMover implements LetterMover {
  readonly started: number[] = [];
  looks = 2;
  failed: string | undefined;
  #move: LetterMove | undefined;
  #left = 0;

  async start(perSecond: number): Promise<void> {
    if (this.#move?.running) throw new Error('there is a move already');
    this.started.push(perSecond);
    this.#left = this.looks;
    this.#move = { running: true, startedMs: 0, moved: 0 };
  }

  async latest(): Promise<LetterMove | undefined> {
    if (this.#move?.running && --this.#left < 0)
      this.#move = { ...this.#move, running: false, moved: 7, ...(this.failed && { failed: this.failed }) };
    return this.#move;
  }
}
