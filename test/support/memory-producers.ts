import type { ProducerPorts } from '../../cli/producers/manage-producers.ts';
import type { Producer, ProducerKey } from '../../cli/producers/producer.ts';
import { ChangedMeanwhileError } from '../../cli/producers/producer-store.ts';

/** Producers in memory. `before` runs before each call, and may throw in its place. */
export class MemoryProducers {
  readonly producers = new Map<string, Producer>();
  readonly credentials = new Map<string, ProducerKey>();
  before: (call: string) => void = () => {};
  /** Runs after a write has happened: an answer that is lost. */
  after: (call: string) => void = () => {};

  async find(tenant: string, producer: string): Promise<Producer | undefined> {
    this.before('find');
    return this.producers.get(`${tenant} ${producer}`);
  }

  async hasCredential(hash: string): Promise<boolean> {
    this.before('hasCredential');
    return this.credentials.has(hash);
  }

  async create(producer: Producer): Promise<void> {
    this.before('create');
    const name = `${producer.tenant} ${producer.producer}`;
    if (this.producers.has(name)) throw new ChangedMeanwhileError();
    this.#write(name, producer);
    this.after('create');
  }

  async replaceKeys(seen: Producer, keys: readonly ProducerKey[]): Promise<void> {
    this.before('replaceKeys');
    const name = `${seen.tenant} ${seen.producer}`;
    if (JSON.stringify(this.producers.get(name)?.keys) !== JSON.stringify(seen.keys))
      throw new ChangedMeanwhileError();
    this.#write(name, { ...seen, keys });
    this.after('replaceKeys');
  }

  #write(name: string, producer: Producer): void {
    this.producers.set(name, producer);
    for (const key of producer.keys) this.credentials.set(key.hash, key);
  }
}

/** API Gateway's keys in memory. */
export class MemoryGateway {
  readonly keys = new Map<
    string,
    { readonly name: string; readonly value: string; readonly created: number }
  >();
  readonly tiers = ['standard', 'bulk'];
  before: (call: string) => void = () => {};
  #next = 1;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async create(name: string, value: string): Promise<string> {
    this.before('create');
    const id = `k${this.#next++}`;
    this.keys.set(id, { name, value, created: this.#now() });
    return id;
  }

  async remove(id: string): Promise<void> {
    this.before('remove');
    this.keys.delete(id);
  }

  async removeStrays(prefix: string, known: ReadonlySet<string>, now: number): Promise<void> {
    for (const [id, { name, created }] of this.keys) {
      if (name.startsWith(prefix) && !known.has(id) && now - created > 3_600_000) this.keys.delete(id);
    }
  }
}

export function memoryPorts(start = Date.parse('2026-11-21T10:00:00Z')) {
  const clock = { now: start };
  const store = new MemoryProducers();
  const gateway = new MemoryGateway(() => clock.now);
  const ports: ProducerPorts = { store, gateway, now: () => clock.now };
  return { ports, store, gateway, clock };
}
