import {
  type APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetUsagePlansCommand,
  paginateGetApiKeys,
} from '@aws-sdk/client-api-gateway';

/** A copy younger than this may belong to a command that is still running. */
const STRAY_AFTER_MS = 3_600_000;

/** API Gateway's copies of keys: by them it throttles, and refuses what has none. It keeps their text itself. */
export class GatewayKeys {
  readonly #client: APIGatewayClient;
  readonly #usagePlans: Readonly<Record<string, string>>;

  constructor(client: APIGatewayClient, usagePlans: Readonly<Record<string, string>>) {
    this.#client = client;
    this.#usagePlans = usagePlans;
  }

  get tiers(): readonly string[] {
    return Object.keys(this.#usagePlans);
  }

  /** Makes a copy and puts it under the limits of a tier. @returns API Gateway's id of it */
  async create(name: string, value: string, tier: string): Promise<string> {
    const { id = '' } = await this.#client.send(new CreateApiKeyCommand({ name, value, enabled: true }));
    try {
      const usagePlanId = this.#usagePlans[tier]!;
      await this.#client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId: id, keyType: 'API_KEY' }));
    } catch (error) {
      await this.remove(id).catch(() => {});
      throw error;
    }
    return id;
  }

  /** What is gone already is well. */
  async remove(id: string): Promise<void> {
    // AWS would take it out of its plan by itself; LocalStack answers with 500 to a plan's key that is gone.
    const { items: plans = [] } = await this.#client.send(new GetUsagePlansCommand({ keyId: id }));
    for (const { id: usagePlanId } of plans) {
      await orGone(this.#client.send(new DeleteUsagePlanKeyCommand({ usagePlanId, keyId: id })));
    }
    await orGone(this.#client.send(new DeleteApiKeyCommand({ apiKey: id })));
  }

  /** Removes copies that a command ended halfway has left. Without a credential they open nothing, but they count. */
  async removeStrays(prefix: string, known: ReadonlySet<string>, now: number): Promise<void> {
    const pages = paginateGetApiKeys({ client: this.#client }, { nameQuery: prefix, includeValues: false });
    for await (const { items = [] } of pages) {
      for (const { id, name, createdDate } of items) {
        const isOld = createdDate !== undefined && now - createdDate.getTime() > STRAY_AFTER_MS;
        if (id && name?.startsWith(prefix) && isOld && !known.has(id)) await this.remove(id);
      }
    }
  }
}

async function orGone(removing: Promise<unknown>): Promise<void> {
  try {
    await removing;
  } catch (error) {
    if ((error as Error).name !== 'NotFoundException') throw error;
  }
}
