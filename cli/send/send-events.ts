import { type BatchLimits, makeBatches } from './make-batches.ts';
import type { NotAccepted, SendableEvent } from './read-events.ts';
import { type BatchOutcome, type Counted, type SendBatchProps, sendBatch } from './send-batch.ts';

export interface SendEventsProps extends Omit<SendBatchProps, 'count'> {
  readonly limits: BatchLimits;
  /** Requests at once. */
  readonly connections: number;
  /** The first line of the input that is to be sent. @default 1 */
  readonly fromLine?: number;
  readonly report: (problem: NotAccepted) => void;
  /** Called after each batch with the counts so far. */
  readonly progress: (soFar: SendCounts) => void;
}

export interface SendCounts {
  /** Events judged by Weir. */
  readonly judged: number;
  readonly accepted: number;
  readonly requests: number;
  readonly retries: number;
  /** How often an event was shed: told to come again later. */
  readonly shed: number;
  /** How many of those times it was sent again. */
  readonly shedSentAgain: number;
}

export interface SendResult extends SendCounts {
  /** The first line whose event is not known to be judged: where to go on. Undefined where all were. */
  readonly resumeLine: number | undefined;
  /** Why it ended before the end. */
  readonly stopped: string | undefined;
}

/** Sends a stream of events, a few batches at once, and no more in memory than those and one that is being filled. */
export async function sendEvents(
  props: SendEventsProps,
  events: AsyncGenerator<SendableEvent>,
): Promise<SendResult> {
  const run = new Run(props);
  for await (const batch of untilInterrupted(makeBatches(events, props.limits), props.interrupted)) {
    await run.admit(batch);
    if (run.stopped !== undefined) break;
  }
  await run.finish();
  return run.result();
}

/** The same for batches that are made already: the caller's order and cuts are kept. */
export async function sendBatches(
  props: Omit<SendEventsProps, 'limits'>,
  batches: Iterable<readonly SendableEvent[]>,
): Promise<SendResult> {
  const run = new Run(props);
  for (const batch of batches) {
    await run.admit(batch);
    if (run.stopped !== undefined || props.interrupted.aborted) break;
  }
  await run.finish();
  return run.result();
}

/** Sends batches side by side and remembers what is not known to have arrived. */
class Run {
  readonly #props: Omit<SendEventsProps, 'limits'>;
  readonly #inFlight = new Set<Promise<void>>();
  /** First lines of batches that are under way or were given up. */
  readonly #open = new Set<number>();
  #lastLine: number;
  #stopped: string | undefined;
  readonly #counts = { judged: 0, accepted: 0, requests: 0, retries: 0, shed: 0, shedSentAgain: 0 };

  constructor(props: Omit<SendEventsProps, 'limits'>) {
    this.#props = props;
    this.#lastLine = (props.fromLine ?? 1) - 1;
  }

  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** Begins to send a batch once there is a connection for it. */
  async admit(batch: readonly SendableEvent[]): Promise<void> {
    const first = batch[0]!.line;
    this.#open.add(first);
    while (this.#inFlight.size >= this.#props.connections) await Promise.race(this.#inFlight);
    if (this.#stopped !== undefined || this.#props.interrupted.aborted) return;
    const sending = this.#send(batch, first).finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
  }

  async #send(batch: readonly SendableEvent[], first: number): Promise<void> {
    const count = (what: Counted, times = 1) => {
      this.#counts[what] += times;
    };
    const outcome = await sendBatch({ ...this.#props, count }, batch);
    this.#note(outcome);
    if (outcome.gaveUp === undefined) {
      this.#open.delete(first);
      this.#lastLine = Math.max(this.#lastLine, batch.at(-1)!.line);
    } else this.#stopped ??= outcome.gaveUp;
    this.#props.progress(this.#counts);
  }

  #note({ accepted, notAccepted }: BatchOutcome): void {
    this.#counts.accepted += accepted;
    this.#counts.judged += accepted + notAccepted.length;
    for (const problem of notAccepted) this.#props.report(problem);
  }

  async finish(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.race(this.#inFlight);
    if (this.#props.interrupted.aborted) this.#stopped ??= 'interrupted';
  }

  result(): SendResult {
    const open = [...this.#open];
    const resumeLine = open.length > 0 ? Math.min(...open) : this.#lastLine + 1;
    return {
      ...this.#counts,
      resumeLine: this.#stopped === undefined ? undefined : resumeLine,
      stopped: this.#stopped,
    };
  }
}

/** Ends when interrupted, also while it waits for input that may never come. */
async function* untilInterrupted<T>(source: AsyncGenerator<T>, interrupted: AbortSignal): AsyncGenerator<T> {
  while (!interrupted.aborted) {
    const next = await orAborted(source.next(), interrupted);
    if (next === undefined || next.done || interrupted.aborted) return;
    yield next.value;
  }
}

/** A listener for each wait, taken off again: one promise raced over and over would keep every batch in memory. */
function orAborted<T>(arriving: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    arriving.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
