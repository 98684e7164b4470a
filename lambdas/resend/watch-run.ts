import { LagGate, Rounds } from '../domain/recovery/pace.ts';
import { passedAll } from '../domain/recovery/passed.ts';
import type { ProjectorPasses, Runs } from '../domain/recovery/ports.ts';
import { type Attempt, assertRunning } from '../platform/assert-running.ts';
import { patiently } from '../platform/patience.ts';
import { type MarkPorts, putMarks } from '../platform/put-marks.ts';

export interface WatchPorts extends MarkPorts {
  readonly runs: Pick<Runs, 'find'>;
  readonly passes: ProjectorPasses;
}

/** How often it is looked whether the run is cancelled, in ms. */
const RUN_MS = 3_000;
/** How often it is looked how far the projector is, in ms. */
const LAG_MS = 2_000;
/** How often marks are put, in ms. Those of each minute would say of half a minute's lag only that it is below a minute. */
const MARK_MS = 5_000;
/** Longest that a mark is tried to be put, in ms: the next one will do. */
const MARK_TRY_MS = 2_000;

/** Looks after a run while it sends: whether it goes on, and how far behind the live projector is. */
export class RunWatch {
  readonly #ports: WatchPorts;
  readonly #run: Attempt;
  readonly #gate: LagGate;
  readonly #rounds: Rounds;
  /** The last mark of its own. The next is later, so that none before a round's end is taken for it. */
  #put: string | undefined;
  /** The mark after the present round, once that is over. */
  #roundEnd: string | undefined;
  /** The last mark that the projector has passed everywhere, as last seen. */
  #passed: string | undefined;
  #runAt: number;
  #lagAt = Number.NEGATIVE_INFINITY;
  #markAt = Number.NEGATIVE_INFINITY;

  /**
   * The caller has just seen that the run is running.
   * @param rate events a second that are sent under this watch at most
   */
  constructor(ports: WatchPorts, run: Attempt, maxLagSeconds: number, rate: number) {
    this.#ports = ports;
    this.#run = run;
    this.#gate = new LagGate(maxLagSeconds);
    this.#rounds = new Rounds(rate, maxLagSeconds);
    this.#runAt = ports.clock.now();
  }

  /** So many events were sent. */
  sent(events: number): void {
    this.#rounds.sent(events);
  }

  /** Whether more may be sent now. @throws RunCancelledError; and what the stores throw */
  async mayGo(deadline: number): Promise<boolean> {
    const { clock, runs } = this.#ports;
    const waiting = { ...this.#ports, deadline };
    if (clock.now() - this.#runAt >= RUN_MS) {
      await patiently(() => assertRunning(runs, this.#run), waiting);
      this.#runAt = clock.now();
    }
    if (this.#roundEnd !== undefined || clock.now() - this.#lagAt >= LAG_MS) {
      await patiently(() => this.#look(), waiting);
      this.#lagAt = clock.now();
    }
    this.#closeRound();
    const lag = this.#lagSeconds();
    const tooOld = lag === undefined || lag * 1000 >= MARK_MS;
    const ends = this.#rounds.isOver && this.#roundEnd === undefined;
    if (ends || (tooOld && clock.now() - this.#markAt >= MARK_MS)) {
      this.#markAt = clock.now();
      // Without the mark the lag grows, and that stops what is sent: nothing more is to be done about it here.
      const after = latestOf(this.#passed, this.#put);
      const marks = await putMarks(this.#ports, clock.now() + MARK_TRY_MS, after).catch(() => undefined);
      this.#put = latestOf(this.#put, marks?.mark);
      if (ends) this.#roundEnd = marks?.mark;
    }
    return this.#gate.mayGo(lag) && !this.#rounds.isOver;
  }

  #closeRound(): void {
    if (this.#roundEnd === undefined || this.#passed === undefined || this.#passed < this.#roundEnd) return;
    this.#rounds.projected((this.#ports.clock.now() - Date.parse(this.#roundEnd)) / 1000);
    this.#roundEnd = undefined;
  }

  #lagSeconds(): number | undefined {
    return this.#passed === undefined
      ? undefined
      : (this.#ports.clock.now() - Date.parse(this.#passed)) / 1000;
  }

  async #look(): Promise<void> {
    const { clock, shards, passes } = this.#ports;
    const listed = new Date(clock.now()).toISOString();
    const all = await shards.list();
    this.#passed = passedAll(all, await passes.read(), listed);
  }
}

function latestOf(one: string | undefined, other: string | undefined): string | undefined {
  return one === undefined || (other !== undefined && other > one) ? other : one;
}
