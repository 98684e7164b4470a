import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * What goes wrong at a call: the process dies before it or after it, or the call is done and its answer is lost, in
 * which case the SDK makes it again.
 */
export type Mishap = 'dies before' | 'dies after' | 'answer lost';

/** The process is gone. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}

/** One instance's fate: the mishap at its n-th call. When it has died, no call of it gets out any more. */
export class Fate {
  readonly #mishap: Mishap | undefined;
  readonly #at: number;
  #calls = 0;
  #underWay = 0;
  #dead = false;
  struck = false;

  /** @param at from 1; a process without so many calls dies at the end of its batch */
  constructor(mishap?: Mishap, at = 0) {
    this.#mishap = mishap;
    this.#at = at;
  }

  get calls(): number {
    return this.#calls;
  }

  /** Lets the mishap happen to this client's calls. */
  befall(client: DynamoDBClient): void {
    client.middlewareStack.add(
      (next) => async (args) => {
        this.#calls += 1;
        const strikes = this.#calls === this.#at;
        if (this.#dead || (strikes && this.#mishap === 'dies before')) throw this.#die();
        this.#underWay += 1;
        try {
          const result = await next(args);
          if (strikes && this.#mishap === 'dies after') throw this.#die();
          return result;
        } finally {
          this.#underWay -= 1;
        }
      },
      { step: 'initialize', name: 'weirDeath', priority: 'high' },
    );
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        if (this.#mishap !== 'answer lost' || this.#calls < this.#at || this.struck) return result;
        this.struck = true;
        throw Object.assign(new Error('the answer did not come'), { name: 'TimeoutError' });
      },
      { step: 'deserialize', name: 'weirLostAnswer', priority: 'high' },
    );
  }

  /** Called when the batch is done and before it is acknowledged. */
  endOfBatch(): void {
    const dies = this.#mishap === 'dies before' || this.#mishap === 'dies after';
    if (dies && !this.struck) throw this.#die();
  }

  /** Calls that were out when the process died reach the table all the same: waits for them. */
  async settled(): Promise<void> {
    while (this.#underWay > 0) await sleep(1);
  }

  #die(): ProcessDied {
    this.#dead = true;
    this.struck = true;
    return new ProcessDied('the process died here');
  }
}
