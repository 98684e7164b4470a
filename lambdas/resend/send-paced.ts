import type { LogEntry, LogWriter } from '../domain/log.ts';
import type { Clock, Random, Sleep } from '../domain/ports.ts';
import type { Pace } from '../domain/recovery/pace.ts';
import { eventsIn } from '../domain/recovery/replay-envelope.ts';
import type { DeliveryQueue, QueuedMessage } from '../domain/webhooks/queued.ts';
import { backoffMs, patiently } from '../platform/patience.ts';
import type { RunWatch } from './watch-run.ts';

/** Something for the log, or for the webhooks' queue. */
export type ToSend = { readonly entry: LogEntry } | { readonly delivery: QueuedMessage };

export interface SendPorts {
  readonly log: LogWriter;
  readonly deliveries: DeliveryQueue;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** The log did not take what was to be sent again, after several tries. */
export class LogRefusedError extends Error {
  override readonly name = 'LogRefusedError';
  constructor(entries: number) {
    super(
      `the log did not acknowledge ${entries} records in ${MAX_TRIES} tries; what was acknowledged is noted, and the next try begins after it`,
    );
  }
}

const MAX_TRIES = 5;
/** Longest that one try may take, in ms. */
const TRY_MS = 6_000;
/** Longest pause between two looks at the run, in ms. */
const STEP_MS = 1_000;

/** Sends entries at a pace, while the projector keeps up and nobody has cancelled the run. */
export class PacedSender {
  readonly #ports: SendPorts;
  readonly #pace: Pace;
  readonly #watch: Pick<RunWatch, 'mayGo' | 'sent'>;
  /** Time spent waiting for the projector, in ms. */
  waitedMs = 0;

  constructor(ports: SendPorts, pace: Pace, watch: Pick<RunWatch, 'mayGo' | 'sent'>) {
    this.#ports = ports;
    this.#pace = pace;
    this.#watch = watch;
  }

  /**
   * Resolves once all are acknowledged; or with false where there was no time for it, and none is sent.
   * @param deadline ms since the epoch, until when it waits for its turn; what is being sent then takes half a minute more
   * @throws LogRefusedError; RunCancelledError; what the queue throws
   */
  async send(loads: readonly ToSend[], deadline: number): Promise<boolean> {
    const { clock, deliveries } = this.#ports;
    const entries = loads.flatMap((load) => ('entry' in load ? load.entry : []));
    const messages = loads.flatMap((load) => ('delivery' in load ? load.delivery : []));
    const events = entries.reduce((sum, entry) => sum + eventsIn(entry), messages.length);
    const turn = clock.now() + this.#pace.take(events, clock.now());
    if (!(await this.#wait(turn, deadline))) return false;
    this.#watch.sent(events);
    if (entries.length > 0) await this.#publish(entries);
    const waiting = { ...this.#ports, deadline: clock.now() + MAX_TRIES * TRY_MS };
    for (const message of messages) await patiently(() => deliveries.send(message), waiting);
    return true;
  }

  /** Waits for a moment, and until the projector keeps up; false where the deadline is before that. */
  async #wait(turn: number, deadline: number): Promise<boolean> {
    const { clock, sleep } = this.#ports;
    for (;;) {
      if (clock.now() >= deadline) return false;
      const mayGo = await this.#watch.mayGo(deadline);
      const left = turn - clock.now();
      if (mayGo && left <= 0) return true;
      const pause = Math.min(mayGo ? left : STEP_MS, STEP_MS, Math.max(1, deadline - clock.now()));
      await sleep(pause);
      if (!mayGo) this.waitedMs += pause;
    }
  }

  async #publish(entries: readonly LogEntry[]): Promise<void> {
    const { log, clock, random, sleep } = this.#ports;
    let rest = entries;
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const acknowledged = await log.publish(rest, clock.now() + TRY_MS);
      rest = rest.filter((_, index) => !acknowledged[index]);
      if (rest.length === 0) return;
      await sleep(backoffMs(attempt, random));
    }
    throw new LogRefusedError(rest.length);
  }
}
