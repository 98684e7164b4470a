import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { encodePart } from '../domain/keys.ts';
import type { Tenants } from '../domain/recovery/ports.ts';
import type { KeyEnd, ProducerKeys } from '../domain/watch/expiring-keys.ts';
import { mapAtMost } from '../platform/map-at-most.ts';

type Item = Record<string, AttributeValue>;

/** Tenants that are read at the same time. */
const READERS = 8;

/** Producers and the ends of their keys, as `weir producers` writes them into the control table. Hashes are not read. */
export class DynamoProducerKeys {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #tenants: Pick<Tenants, 'list'>;

  constructor(client: DynamoDBClient, table: string, tenants: Pick<Tenants, 'list'>) {
    this.#client = client;
    this.#table = table;
    this.#tenants = tenants;
  }

  async *list(): AsyncGenerator<readonly ProducerKeys[]> {
    for await (const tenants of this.#tenants.list())
      yield (await mapAtMost(READERS, tenants, (tenant) => this.#of(tenant))).flat();
  }

  async #of(tenant: string): Promise<readonly ProducerKeys[]> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: {
          ':pk': { S: `TENANT#${encodePart(tenant)}` },
          ':sk': { S: 'PRODUCER#' },
        },
        ProjectionExpression: 'tenant, producer, #keys',
        ExpressionAttributeNames: { '#keys': 'keys' },
      },
    );
    const found: ProducerKeys[] = [];
    for await (const { Items = [] } of pages) found.push(...Items.map(decode));
    return found;
  }
}

function decode({ tenant, producer, keys }: Item): ProducerKeys {
  return {
    tenant: tenant?.S ?? '',
    producer: producer?.S ?? '',
    keys: (keys?.L ?? []).map(({ M = {} }) => decodeKey(M)),
  };
}

function decodeKey({ keyId, status, expires }: Item): KeyEnd {
  const endsMs = Date.parse(expires?.S ?? '');
  return {
    keyId: keyId?.S ?? '',
    revoked: status?.S !== 'active',
    ...(!Number.isNaN(endsMs) && { endsMs }),
  };
}
