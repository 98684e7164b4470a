import type { Sink } from '../../cli/platform/host.ts';
import { seconds } from '../../cli/platform/output.ts';

/** Runs the steps of a start one by one, says which one is under way and how long each took. */
export class Phases {
  readonly #sink: Sink;
  /** Name → ms. */
  readonly took: Record<string, number> = {};

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Takes a line of progress of the step that is under way. */
  readonly report = (line: string): void => {
    this.#sink.write(`  ${line.trimEnd()}\n`);
  };

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#sink.write(`▸ ${name}\n`);
    const started = Date.now();
    const result = await work();
    this.took[name] = Date.now() - started;
    this.#sink.write(`✓ ${name} (${seconds(this.took[name])})\n`);
    return result;
  }
}
