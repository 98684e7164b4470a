import type { LogEntry, LogWriter } from '../../lambdas/domain/log.ts';
import { Pace, shareOf } from '../../lambdas/domain/recovery/pace.ts';
import { eventsIn } from '../../lambdas/domain/recovery/replay-envelope.ts';
import { PacedSender, type SendPorts } from '../../lambdas/resend/send-paced.ts';
import { RunWatch, type WatchPorts } from '../../lambdas/resend/watch-run.ts';
import { SHARD } from './records.ts';

const START = Date.parse('2026-11-21T09:00:00.000Z');
const LIVE_EVERY_MS = 100;
const MINUTE_MS = 60_000;

export interface Traffic {
  /** Events a second that the projector gets done, of which so many are live. */
  readonly capacity: number;
  readonly live: number;
  /** Of the replay: events a second, its workers, and how long it would go on at that rate. */
  readonly rate: number;
  readonly workers: number;
  readonly seconds: number;
  readonly maxLagSeconds: number;
  /** How long the projector gathers a batch, in ms. */
  readonly batchMs: number;
}

/**
 * One shard of the log in time that is not real: live traffic and a replay go in, a projector of bounded speed takes
 * them out in order. The replay's side is the real code.
 */
export class SharedLog {
  readonly #traffic: Traffic;
  /** Whoever sleeps, until when. */
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  readonly #marks: { readonly mark: string; readonly passedAt: number }[] = [];
  now = START;
  /** When all that is in the log is projected. */
  #busyUntil = START;
  #liveAt = START;
  /** Longest that a live event had to wait until it was projected, in seconds. */
  longestWait = 0;
  sent = 0;

  constructor(traffic: Traffic) {
    this.#traffic = traffic;
  }

  /** Runs the replay for so long at most. @param stops whether it heeds the lag */
  async replay(limitSeconds: number, stops: boolean): Promise<void> {
    const { workers, rate } = this.#traffic;
    const until = START + limitSeconds * 1000;
    let working = workers;
    for (let worker = 0; worker < workers; worker++) {
      void this.#work(worker, shareOf(rate, workers), until, stops).then(() => working--);
    }
    for (;;) {
      await new Promise(setImmediate);
      if (working === 0) break;
      const next = this.#sleepers.reduce((a, b) => (b.at < a.at ? b : a));
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
      this.#advance(next.at);
      next.wake();
    }
    this.#advance(until);
  }

  async #work(worker: number, rate: number, until: number, stops: boolean): Promise<void> {
    const ports = this.#ports();
    // No two marks are of the very same millisecond, those of each minute included.
    await ports.sleep(worker * 7 + 3);
    const watch = stops
      ? new RunWatch(ports, { requestId: 'r', attempt: 1 }, this.#traffic.maxLagSeconds, rate)
      : { mayGo: async () => true, sent: () => {} };
    const pace = new Pace(rate, this.now);
    const sender = new PacedSender(ports, pace, watch);
    for (let left = rate * this.#traffic.seconds; left > 0; left -= pace.chunk) {
      const events = Array.from({ length: pace.chunk }, () => ({}));
      const entry = { draft: { events, replay: 'r' }, partitionKey: 'p' } as unknown as LogEntry;
      if (!(await sender.send([{ entry }], until))) return;
    }
  }

  #ports(): SendPorts & WatchPorts {
    const log: LogWriter = {
      publish: async (entries) => {
        for (const entry of entries) this.#put(entry);
        return entries.map(() => true);
      },
    };
    return {
      log,
      clock: { now: () => this.now },
      random: { fraction: () => 0.5, hex: () => '0' },
      sleep: (ms) => new Promise((wake) => this.#sleepers.push({ at: this.now + ms, wake })),
      deliveries: { send: async () => {} },
      shards: {
        list: async () => [{ shardId: SHARD, parents: [], open: true, startingHashKey: '0' }],
      },
      passes: {
        read: async () => {
          const mark = this.#marks.findLast(({ passedAt }) => passedAt <= this.now)?.mark;
          return new Map(mark === undefined ? [] : [[SHARD, { mark, sequence: '1' }]]);
        },
      },
      runs: {
        find: async () => ({ attempt: 1, status: 'running' }) as never,
      },
    };
  }

  #put({ draft }: LogEntry): void {
    if ('mark' in draft) {
      this.#mark();
      return;
    }
    const events = eventsIn({ draft } as LogEntry);
    this.sent += events;
    this.#take(events);
  }

  #take(events: number): void {
    this.#busyUntil = Math.max(this.#busyUntil, this.now) + (events * 1000) / this.#traffic.capacity;
  }

  /** What is in the log now is projected with its batch. */
  #projectedAt(): number {
    const { batchMs } = this.#traffic;
    return Math.ceil(Math.max(this.#busyUntil, this.now) / batchMs) * batchMs;
  }

  #mark(): void {
    this.#marks.push({ mark: new Date(this.now).toISOString(), passedAt: this.#projectedAt() });
  }

  #advance(to: number): void {
    for (; this.#liveAt <= to; this.#liveAt += LIVE_EVERY_MS) {
      this.now = this.#liveAt;
      if ((this.now - START) % MINUTE_MS === 0) this.#mark();
      this.#take((this.#traffic.live * LIVE_EVERY_MS) / 1000);
      this.longestWait = Math.max(this.longestWait, (this.#projectedAt() - this.now) / 1000);
    }
    this.now = to;
  }
}
