/** Calls at once: more gain little, and take from others. */
const AT_ONCE = 16;

/** Runs tasks as they come, a few at a time, so that a list of any length needs no memory. */
export class KeepGoing {
  readonly #running = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];

  /** Starts the task when there is room for it. @throws what one of those before it threw */
  async add(task: () => Promise<unknown>): Promise<void> {
    while (this.#running.size >= AT_ONCE) await Promise.race(this.#running);
    this.#throwFailure();
    const running: Promise<void> = task()
      .then(
        () => {},
        (error: unknown) => void this.#failures.push(error),
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Waits for all. @throws what one of them threw */
  async done(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
