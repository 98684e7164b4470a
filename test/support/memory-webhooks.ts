import { hash } from 'node:crypto';
import type { DeadLetter, DeadLetters } from '../../lambdas/domain/webhooks/dead-letters.ts';
import {
  type BodyClaim,
  type Deliveries,
  DeliveryBusyError,
  type FirstReceipt,
} from '../../lambdas/domain/webhooks/deliveries.ts';
import type { Endpoint, EndpointStore, Secret, SecretStore } from '../../lambdas/domain/webhooks/endpoint.ts';
import { compileMapping } from '../../lambdas/domain/webhooks/mapping.ts';
import { presets } from '../../lambdas/domain/webhooks/presets.ts';
import type {
  BodyReference,
  BodyStore,
  DeliveryQueue,
  QueuedMessage,
} from '../../lambdas/domain/webhooks/queued.ts';

/** An endpoint, as its preset has it but for what a test wants otherwise. */
export function endpointOf(more: Partial<Endpoint> = {}): Endpoint {
  const provider = more.provider ?? 'github';
  const { scheme, mapping } = { ...presets.get(provider)!, ...more };
  const endpoint = more.endpoint ?? `we_${'e'.repeat(32)}`;
  return {
    endpoint,
    name: 'hook',
    tenant: 'acme',
    provider,
    scheme,
    mapping,
    headers: compileMapping(mapping).headers,
    url: `https://api.example.com/v1/webhooks/${endpoint}`,
    status: 'active',
    secretId: `weir/webhooks/${endpoint}`,
    ...more,
  };
}

/** Endpoints in memory. `down` makes them unreachable; `asked` counts the look-ups. */
export class MemoryEndpoints implements EndpointStore {
  down = false;
  asked = 0;
  readonly endpoints = new Map<string, Endpoint>();

  constructor(...endpoints: readonly Endpoint[]) {
    for (const endpoint of endpoints) this.endpoints.set(endpoint.endpoint, endpoint);
  }

  async find(endpoint: string): Promise<Endpoint | undefined> {
    this.asked += 1;
    if (this.down) throw new Error('the control table is down');
    return this.endpoints.get(endpoint);
  }
}

/** Secrets in memory. */
export class MemorySecrets implements SecretStore {
  down = false;
  asked = 0;
  readonly secrets = new Map<string, readonly Secret[]>();

  async find(secretId: string): Promise<readonly Secret[]> {
    this.asked += 1;
    const found = this.secrets.get(secretId);
    if (this.down || !found) throw new Error('the secret can not be read');
    return found;
  }
}

/** The queue in memory: what it has acknowledged. */
export class MemoryQueue implements DeliveryQueue {
  down = false;
  readonly messages: QueuedMessage[] = [];

  async send(message: QueuedMessage): Promise<void> {
    if (this.down) throw new Error('the queue is down');
    this.messages.push(structuredClone(message));
  }
}

/** Bodies in memory. */
export class MemoryBodies implements BodyStore {
  down = false;
  readonly bodies = new Map<string, Buffer>();

  async put(tenant: string, body: Buffer): Promise<BodyReference> {
    if (this.down) throw new Error('the bucket is down');
    const sha256 = hash('sha256', body, 'hex');
    const key = `webhooks/${tenant}/${sha256}`;
    if (!this.bodies.has(key)) this.bodies.set(key, Buffer.from(body));
    return { bucket: 'memory', key, sha256, bytes: body.length };
  }

  async get({ key }: BodyReference): Promise<Buffer> {
    const body = this.bodies.get(key);
    if (this.down || !body) throw new Error('the body can not be read');
    return body;
  }
}

/** First receipts in memory, that end as they do in DynamoDB. `before` runs before each call, and may throw in its place. */
export class MemoryDeliveries implements Deliveries {
  before: (call: 'fix' | 'claimBody') => void = () => {};
  readonly busy = new Set<string>();
  readonly claims = new Map<string, BodyClaim>();
  readonly #firsts = new Map<string, FirstReceipt & { readonly until: number }>();
  readonly #now: () => number;

  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
  }

  async fix(
    endpoint: string,
    deliveryId: string,
    first: FirstReceipt,
    keepSeconds: number,
  ): Promise<FirstReceipt> {
    this.before('fix');
    if (deliveryId === '') throw new Error('there is no key');
    const key = `${endpoint}#${deliveryId}`;
    if (this.busy.has(key)) throw new DeliveryBusyError();
    const known = this.#firsts.get(key);
    if (known && known.until >= this.#now()) return { time: known.time, hash: known.hash };
    this.#firsts.set(key, { ...first, until: this.#now() + keepSeconds * 1000 });
    return first;
  }

  async claimBody(endpoint: string, bodyHash: string, claim: BodyClaim): Promise<BodyClaim> {
    this.before('claimBody');
    const key = `${endpoint}#body#${bodyHash}`;
    const known = this.claims.get(key) ?? claim;
    this.claims.set(key, known);
    return known;
  }
}

/** A dead letter queue in memory. */
export class MemoryDeadLetters implements DeadLetters {
  readonly waiting: DeadLetter[] = [];
  readonly taken: DeadLetter[] = [];

  async take(): Promise<readonly DeadLetter[]> {
    const some = this.waiting.splice(0, 10);
    this.taken.push(...some);
    return some;
  }

  async remove(letters: readonly DeadLetter[]): Promise<void> {
    for (const letter of letters) this.taken.splice(this.taken.indexOf(letter), 1);
  }

  async release(letters: readonly DeadLetter[]): Promise<void> {
    await this.remove(letters);
    this.waiting.push(...letters);
  }
}
