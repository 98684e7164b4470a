import type { WebhookPorts } from '../../cli/webhooks/manage-webhooks.ts';
import type { Webhook } from '../../cli/webhooks/webhook.ts';
import { WebhookExistsError } from '../../cli/webhooks/webhook-store.ts';
import type { Endpoint } from '../../lambdas/domain/webhooks/endpoint.ts';
import { MemoryEndpoints, MemorySecrets } from './memory-webhooks.ts';

/** What `weir webhooks` works with, in memory. `before` and `after` run around each write, and may throw. */
export class MemoryWebhookAdmin extends MemorySecrets {
  readonly webhooks = new Map<string, Webhook>();
  readonly endpoints = new MemoryEndpoints();
  readonly clock: { now: number };
  before: (call: string) => void = () => {};
  /** After a write has happened: an answer that is lost. */
  after: (call: string) => void = () => {};

  constructor(start = Date.parse('2026-11-21T10:00:00Z')) {
    super();
    this.clock = { now: start };
  }

  get ports(): WebhookPorts {
    return {
      store: {
        find: async (tenant, name) => this.webhooks.get(`${tenant} ${name}`),
        create: (endpoint, created) => this.#write('create', () => this.#create(endpoint, created)),
        setStatus: (webhook, status) => this.#write('setStatus', () => this.#setStatus(webhook, status)),
      },
      secrets: {
        find: (secretId) => this.find(secretId),
        create: (secretId, _, secrets) =>
          this.#write('createSecret', () => this.secrets.set(secretId, secrets)),
        replace: (secretId, secrets) => this.#write('replace', () => this.secrets.set(secretId, secrets)),
        remove: (secretId) => this.#write('remove', () => this.secrets.delete(secretId)),
      },
      endpoints: this.endpoints,
      apiUrl: 'https://api.example.com/live',
      secretPrefix: 'weir/webhooks/',
      now: () => this.clock.now,
    };
  }

  async #write(call: string, write: () => unknown): Promise<void> {
    this.before(call);
    write();
    this.after(call);
  }

  #create(endpoint: Endpoint, created: string): void {
    const { tenant, name, provider, status } = endpoint;
    if (this.webhooks.has(`${tenant} ${name}`)) throw new WebhookExistsError();
    this.webhooks.set(`${tenant} ${name}`, {
      ...{ endpoint: endpoint.endpoint, tenant, name, provider, status, created },
    });
    this.endpoints.endpoints.set(endpoint.endpoint, endpoint);
  }

  #setStatus(webhook: Webhook, status: Webhook['status']): void {
    this.webhooks.set(`${webhook.tenant} ${webhook.name}`, { ...webhook, status });
    const endpoint = this.endpoints.endpoints.get(webhook.endpoint)!;
    this.endpoints.endpoints.set(webhook.endpoint, { ...endpoint, status });
  }
}
