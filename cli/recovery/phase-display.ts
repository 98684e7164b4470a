import type { Sink } from '../platform/host.ts';
import { grouped, seconds } from '../platform/output.ts';
import { type Progress, startProgress } from '../platform/progress.ts';
import { StatusLine } from '../platform/status-line.ts';
import type { Phase } from './find-phase.ts';

/** Shows a run's phases one after the other: with a bar where it is known how much there is, else with a spinner. */
export class PhaseDisplay {
  readonly #sink: Sink;
  readonly #now: () => number;
  #phase: Phase | undefined;
  #started = 0;
  #line: StatusLine | undefined;
  #bar: Progress | undefined;

  constructor(sink: Sink, now: () => number) {
    this.#sink = sink;
    this.#now = now;
  }

  show(phase: Phase): void {
    if (phase.name !== this.#phase?.name) this.#change(phase);
    this.#phase = phase;
    this.#bar?.update(phase.done, `${grouped(phase.done)} of ${grouped(phase.total)}`);
  }

  stop(): void {
    this.#bar?.stop();
    this.#line?.stop();
    this.#bar = undefined;
    this.#line = undefined;
  }

  #change(phase: Phase): void {
    this.stop();
    if (this.#phase && this.#sink.isTTY)
      this.#sink.write(`✓ ${this.#phase.name} (${seconds(this.#now() - this.#started)})\n`);
    this.#started = this.#now();
    if (phase.total === 0) this.#line = new StatusLine(this.#sink, phase.name);
    else {
      if (!this.#sink.isTTY) this.#sink.write(`▸ ${phase.name}\n`);
      this.#bar = startProgress(this.#sink, phase.name, phase.total);
    }
  }
}
