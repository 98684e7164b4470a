import type { Clock, Random, Sleep } from '../domain/ports.ts';
import type { ArchivedRecord } from '../domain/recovery/archived-record.ts';
import { eventsIn } from '../domain/recovery/replay-envelope.ts';
import type { Finding } from '../domain/recovery/run.ts';
import { patiently } from '../platform/patience.ts';
import { addTo, type Progress } from './note-progress.ts';
import type { ObjectWork, Treated } from './read-work.ts';
import type { PacedSender, ToSend } from './send-paced.ts';

export interface Sending {
  readonly before: Progress;
  /** Events that go at once. */
  readonly chunk: number;
  readonly sender: PacedSender;
  /** Notes how far it has come, for whoever takes it up again. */
  readonly note: (progress: Progress) => Promise<void>;
  readonly ports: { readonly clock: Clock; readonly random: Random; readonly sleep: Sleep };
  readonly deadline: number;
}

export interface Sent {
  /** If not, the deadline came first. */
  readonly done: boolean;
  readonly progress: Progress;
}

/** How often progress is noted while it goes on, in ms: what was sent since is sent again after a crash. */
const NOTE_MS = 10_000;
/** Steps put together at most. */
const MAX_STEPS = 1_000;

/** What one entry, or one record of which nothing is sent, brings the work forward by. */
interface Step {
  readonly send?: ToSend;
  readonly counts: Readonly<Record<string, number>>;
  readonly finding?: Finding | undefined;
  readonly next: Pick<Progress, 'after' | 'entries'>;
}

/** Sends the objects' events in their order, from where it stood before. @throws what sending throws, after it was noted how far it came */
export async function sendWork(objects: readonly ObjectWork[], sending: Sending): Promise<Sent> {
  const work = new Work(sending);
  try {
    await work.recall(objects);
    for (let next = objects[work.progress.object]; next; next = objects[work.progress.object])
      if (!(await work.sendObject(next))) return { done: false, progress: work.progress };
    return { done: true, progress: work.progress };
  } catch (error) {
    await sending.note(work.progress).catch(() => undefined);
    throw error;
  }
}

class Work {
  readonly #sending: Sending;
  #progress: Progress;
  #notedAt: number;
  #steps: Step[] = [];
  #events = 0;

  constructor(sending: Sending) {
    this.#sending = sending;
    this.#progress = sending.before;
    this.#notedAt = sending.ports.clock.now();
  }

  /** How far it has come, with the time that the projector was waited for. */
  get progress(): Progress {
    const waited = Math.round(this.#sending.sender.waitedMs / 1000);
    return { ...this.#progress, ...addTo(this.#progress, { lagSeconds: waited }) };
  }

  /** Looks again at what was dealt with before, where what comes now depends on it. */
  async recall(objects: readonly ObjectWork[]): Promise<void> {
    const { ports, deadline } = this.#sending;
    const { object: current, after } = this.#progress;
    for (const [index, object] of objects.slice(0, current + 1).entries()) {
      if (!object.remembers || (index === current && after === undefined)) continue;
      const opened = await patiently(() => object.open(), { ...ports, deadline });
      if ('damage' in opened) continue;
      const { records } = opened;
      const left = index === current ? recordsAfter(records, after).length : 0;
      for (const record of records.slice(0, records.length - left)) object.treat(record);
    }
  }

  /** False where there was no time for all of it. */
  async sendObject(object: ObjectWork): Promise<boolean> {
    const { ports, deadline } = this.#sending;
    if (ports.clock.now() >= deadline) return false;
    const opened = await patiently(() => object.open(), { ...ports, deadline });
    if ('damage' in opened) {
      this.#end({ objectsDamaged: 1 }, [opened.damage]);
      return true;
    }
    const { after, entries } = this.#progress;
    const rest = recordsAfter(opened.records, after);
    for (const [at, record] of rest.entries()) {
      // Of the first one a part may have been sent before.
      const steps = stepsOf(record, object.treat(record)).slice(at === 0 ? entries : 0);
      for (const step of steps) if (!(await this.#take(step))) return false;
    }
    if (!(await this.#flush())) return false;
    this.#end({ objects: 1 }, []);
    return true;
  }

  async #take(step: Step): Promise<boolean> {
    const events = sizeOf(step);
    const isFull = this.#events + events > this.#sending.chunk || this.#steps.length >= MAX_STEPS;
    if (isFull && this.#steps.length > 0 && !(await this.#flush())) return false;
    this.#steps.push(step);
    this.#events += events;
    return true;
  }

  async #flush(): Promise<boolean> {
    const { sender, deadline, note, ports } = this.#sending;
    const loads = this.#steps.flatMap(({ send }) => send ?? []);
    if (loads.length > 0 && !(await sender.send(loads, deadline))) return false;
    for (const { counts, finding, next } of this.#steps) {
      const { object } = this.#progress;
      const { after = this.#progress.after, entries } = next;
      const sums = addTo(this.#progress, counts, finding ? [finding] : []);
      this.#progress = { object, entries, ...(after !== undefined && { after }), ...sums };
    }
    this.#steps = [];
    this.#events = 0;
    if (ports.clock.now() - this.#notedAt < NOTE_MS) return true;
    await note(this.progress);
    this.#notedAt = ports.clock.now();
    return true;
  }

  #end(counts: Readonly<Record<string, number>>, findings: readonly Finding[]): void {
    const sums = addTo(this.#progress, counts, findings);
    this.#progress = { object: this.#progress.object + 1, entries: 0, ...sums };
  }
}

function sizeOf({ send }: Step): number {
  return send && 'entry' in send ? eventsIn(send.entry) : send ? 1 : 0;
}

function recordsAfter(
  records: readonly ArchivedRecord[],
  after: string | undefined,
): readonly ArchivedRecord[] {
  return after === undefined
    ? records
    : records.slice(records.findIndex(({ sequence }) => sequence === after) + 1);
}

/** What the record itself came to counts with its last step. */
function stepsOf({ sequence }: ArchivedRecord, { entries, delivery, counts, finding }: Treated): Step[] {
  const end = { after: sequence, entries: 0 };
  if (delivery) return [{ send: { delivery }, counts: { ...counts, toQueue: 1 }, finding, next: end }];
  if (entries.length === 0) return [{ counts, finding, next: end }];
  return entries.map((entry, index) => {
    const sent = 'quarantine' in entry.draft ? { sentQuarantine: 1 } : { sent: eventsIn(entry) };
    return index < entries.length - 1
      ? { send: { entry }, counts: sent, next: { entries: index + 1 } }
      : { send: { entry }, counts: { ...counts, ...sent }, finding, next: end };
  });
}
