import type { Sink } from '../../cli/platform/host.ts';
import { seconds } from '../../cli/platform/output.ts';
import { StatusLine } from '../../cli/platform/status-line.ts';

/** Runs the steps of a start one by one, says which one is under way and how long each took. */
export class Phases {
  readonly #sink: Sink;
  #status: StatusLine | undefined;
  /** Name → ms. */
  readonly took: Record<string, number> = {};

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Takes a line of progress of the step that is under way. */
  readonly report = (line: string): void => {
    const text = `  ${line.trimEnd()}`;
    if (this.#status) this.#status.print(text);
    else this.#sink.write(`${text}\n`);
  };

  /** A step that says nothing of itself but by `report`. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#status = new StatusLine(this.#sink, name);
    const started = Date.now();
    try {
      const result = await work();
      this.#done(name, started);
      return result;
    } finally {
      this.#status.stop();
      this.#status = undefined;
    }
  }

  /** A step that shows its own progress. */
  async runWithBar<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#sink.write(`▸ ${name}\n`);
    const started = Date.now();
    const result = await work();
    this.#done(name, started);
    return result;
  }

  #done(name: string, started: number): void {
    this.took[name] = Date.now() - started;
    this.#status?.stop();
    this.#sink.write(`✓ ${name} (${seconds(this.took[name])})\n`);
  }
}
