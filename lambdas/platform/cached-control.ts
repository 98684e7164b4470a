import { type Control, NO_CONTROL } from '../domain/control/control.ts';
import type { ControlStore } from '../domain/control/ports.ts';
import type { Clock, Sleep } from '../domain/ports.ts';

/** How long what was read is gone by, in ms: so soon a decision reaches every instance. */
const FRESH_MS = 5_000;
/** Longest that reading it may hold a request up, in ms. */
const PATIENCE_MS = 1_000;

export interface CachedControlProps {
  readonly store: Pick<ControlStore, 'read'>;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Told why the control item could not be read. */
  readonly report: (error: unknown) => void;
}

/**
 * What the control plane has decided, as far as is known. Where it can't be read, the last that is known stays, and where
 * nothing is, nothing is in force: to steer must never be what fails.
 */
export class CachedControl {
  readonly #props: CachedControlProps;
  #known = NO_CONTROL;
  /** When it was last begun to be read, whatever came of it. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #underWay: Promise<void> | undefined;

  constructor(props: CachedControlProps) {
    this.#props = props;
  }

  /** Never rejects. The same object until it is read again. */
  async current(): Promise<Control> {
    const now = this.#props.clock.now();
    // A clock that is set back must not keep it in force until it comes there again.
    if (Math.abs(now - this.#askedAt) >= FRESH_MS) {
      this.#askedAt = now;
      this.#underWay = this.#read();
    }
    // Whoever comes meanwhile waits for the same answer.
    await this.#underWay;
    return this.#known;
  }

  async #read(): Promise<void> {
    const { store, sleep, report } = this.#props;
    const late = sleep(PATIENCE_MS).then(() => {
      throw new Error(`the control item was not read within ${PATIENCE_MS} ms`);
    });
    try {
      this.#known = await Promise.race([store.read(), late]);
    } catch (error) {
      report(error);
    }
  }
}
