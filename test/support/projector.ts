import type { Contracts } from '../../lambdas/domain/contract.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import { projectBatch } from '../../lambdas/project/project-batch.ts';
import { SealedPages } from '../../lambdas/project/sealed-pages.ts';
import { testContracts } from './contracts.ts';
import { MemoryProgress, MemorySamples } from './memory-consumers.ts';
import { MemoryFingerprints } from './memory-fingerprints.ts';
import { MemoryLog } from './memory-log.ts';
import { type Around, MemoryState, MemoryTable } from './memory-state.ts';

/** What all instances of the projector share. */
export class World {
  readonly table = new MemoryTable();
  readonly log = new MemoryLog();
  readonly samples = new MemorySamples();
  readonly progress = new MemoryProgress();
  readonly fingerprints = new MemoryFingerprints();
  /** Entries of sealed pages that each instance may remember. */
  cachedEntries = 1_000_000;
  readonly #contracts: Contracts;
  #random = 0;
  #now = 0;

  /** The instances' clock, ms; it moves as they wait. */
  get now(): number {
    return this.#now;
  }

  set now(ms: number) {
    this.#now = ms;
  }

  constructor(contracts: Contracts = testContracts) {
    this.#contracts = contracts;
  }

  /**
   * A cold projector: nothing cached. `around` is called around each call to any port; `staleness` is how many versions
   * behind its reads are.
   */
  instance(around: Around = () => {}, staleness: () => number = () => 0) {
    const state = new MemoryState(this.#contracts, this.table, around, staleness);
    const ports = {
      contracts: this.#contracts,
      state,
      sealed: new SealedPages(state, this.cachedEntries),
      samples: watched(this.samples, around),
      progress: watched(this.progress, around),
      fingerprints: watched(this.fingerprints, around),
      log: watched(this.log, around),
      clock: { now: () => this.#now },
      random: {
        fraction: () => 0.5,
        hex: (bytes: number) => (++this.#random).toString(16).padStart(bytes * 2, '0'),
      },
      sleep: async (ms: number) => {
        this.#now += ms;
      },
    };
    return (records: readonly LogRecord[]) => projectBatch(records, ports, this.#now + 60_000);
  }

  /**
   * Runs a batch in a cold process that dies at its n-th moment (before or after a call to a port). Says whether it came
   * so far.
   */
  async dyingAt(moment: number, records: readonly LogRecord[]): Promise<boolean> {
    let passed = 0;
    let died = () => {};
    const death = new Promise<boolean>((resolve) => {
      died = () => resolve(true);
    });
    const project = this.instance(() => {
      if (++passed < moment) return;
      died();
      return new Promise(() => {});
    });
    return Promise.race([death, project(records).then(() => false)]);
  }

  /** As the event source mapping does: from the earliest record that failed on, until nothing fails. */
  async deliver(records: readonly LogRecord[], project = this.instance(), tries = 50): Promise<void> {
    let rest = records;
    for (let attempt = 0; rest.length > 0; attempt++) {
      const { failedFrom, errors } = await project(rest);
      if (failedFrom === undefined) return;
      if (attempt >= tries) throw new Error(`not projected after ${tries} tries`, { cause: errors[0] });
      rest = rest.slice(failedFrom);
    }
  }
}

/** The port, with `around` called before and after each of its methods. */
function watched<T extends object>(port: T, around: Around): T {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        await around(String(name), 'before');
        const result: unknown = await value.apply(target, args);
        await around(String(name), 'after');
        return result;
      };
    },
  });
}
