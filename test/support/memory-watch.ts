import type { Deploy } from '../../lambdas/domain/watch/deploys.ts';
import type { Looks, WatchStore } from '../../lambdas/domain/watch/ports.ts';
import type { Slot } from '../../lambdas/domain/watch/seen-slots.ts';

/** What watch keeps, in memory. */
export class MemoryWatch implements WatchStore {
  readonly deploys: Deploy[] = [];
  writes = 0;
  #looks: Looks = {};
  readonly #slots = new Map<number, Slot>();

  async looks(): Promise<Looks> {
    return structuredClone(this.#looks);
  }

  async note<K extends keyof Looks>(look: K, found: NonNullable<Looks[K]>): Promise<void> {
    this.#looks = { ...this.#looks, [look]: structuredClone(found) };
  }

  async slots(): Promise<ReadonlyMap<number, Slot>> {
    return new Map(this.#slots);
  }

  async writeSlot(number: number, slot: Slot): Promise<void> {
    this.writes += 1;
    this.#slots.set(number, slot);
  }

  async addDeploy(deploy: Deploy): Promise<void> {
    this.deploys.push(deploy);
  }
}
