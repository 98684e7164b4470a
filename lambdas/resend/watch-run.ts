import { LagGate } from '../domain/recovery/pace.ts';
import { passedAll } from '../domain/recovery/passed.ts';
import type { ProjectorPasses, Runs } from '../domain/recovery/ports.ts';
import { RunCancelledError, RunRefusedError } from '../domain/recovery/run.ts';
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

/** Stops what is under way where an operator has cancelled the run, or has begun another attempt. */
export async function assertRunning(
  runs: Pick<Runs, 'find'>,
  { requestId, attempt }: { readonly requestId: string; readonly attempt: number },
): Promise<void> {
  const run = await runs.find(requestId);
  if (!run) throw new RunRefusedError(`there is no run ${requestId}`);
  if (run.status !== 'running' || run.attempt !== attempt)
    throw new RunCancelledError(`attempt ${attempt} of ${requestId} is not running: ${run.status}`);
}

/** Looks after a run while it sends: whether it goes on, and how far behind the live projector is. */
export class RunWatch {
  readonly #ports: WatchPorts;
  readonly #run: { readonly requestId: string; readonly attempt: number };
  readonly #gate: LagGate;
  /** The last mark that the projector has passed everywhere, as last seen. */
  #passed: string | undefined;
  #runAt: number;
  #lagAt = Number.NEGATIVE_INFINITY;
  #markAt = Number.NEGATIVE_INFINITY;

  /** The caller has just seen that the run is running. */
  constructor(
    ports: WatchPorts,
    run: { readonly requestId: string; readonly attempt: number },
    maxLagSeconds: number,
  ) {
    this.#ports = ports;
    this.#run = run;
    this.#gate = new LagGate(maxLagSeconds);
    this.#runAt = ports.clock.now();
  }

  /** Whether more may be sent now. @throws RunCancelledError; and what the stores throw */
  async mayGo(deadline: number): Promise<boolean> {
    const { clock, runs } = this.#ports;
    const waiting = { ...this.#ports, deadline };
    if (clock.now() - this.#runAt >= RUN_MS) {
      await patiently(() => assertRunning(runs, this.#run), waiting);
      this.#runAt = clock.now();
    }
    if (clock.now() - this.#lagAt >= LAG_MS) {
      await patiently(() => this.#look(), waiting);
      this.#lagAt = clock.now();
    }
    const lag = this.#lagSeconds();
    const tooOld = lag === undefined || lag * 1000 >= MARK_MS;
    if (tooOld && clock.now() - this.#markAt >= MARK_MS) {
      this.#markAt = clock.now();
      // Without the mark the lag grows, and that stops what is sent: nothing more is to be done about it here.
      await putMarks(this.#ports, clock.now() + MARK_TRY_MS).catch(() => undefined);
    }
    return this.#gate.mayGo(lag);
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
