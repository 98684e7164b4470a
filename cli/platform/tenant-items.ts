import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { encodePart, TENANTS_KEY } from '../../lambdas/domain/keys.ts';

type Item = Record<string, AttributeValue>;

interface Where {
  readonly client: DynamoDBClient;
  readonly table: string;
}

const TENANTS = 'TENANT#';

/** Partition of the control table where all that a tenant owns stands. */
export function tenantKey(tenant: string): string {
  return `${TENANTS}${encodePart(tenant)}`;
}

/**
 * Puts a tenant into the list of all, by which recovery finds buckets of those of whom the archive knows nothing. Before
 * what it may send with is there; and not in one transaction with it, as transactions of others of the same tenant would
 * conflict. Doing it again is harmless.
 */
export async function listTenant({ client, table }: Where, tenant: string): Promise<void> {
  const Item = { pk: { S: TENANTS_KEY }, sk: { S: tenant } };
  await client.send(new PutItemCommand({ TableName: table, Item }));
}

/** What a tenant owns of one kind, by what its sort keys begin with; or what all own, for which the whole table is read. */
export async function* tenantItems(
  { client, table }: Where,
  kind: 'PRODUCER#' | 'WEBHOOK#',
  tenant: string | undefined,
): AsyncGenerator<Item> {
  const values = (pk: string) => ({ ':pk': { S: pk }, ':sk': { S: kind } });
  const pages =
    tenant === undefined
      ? paginateScan(
          { client },
          {
            TableName: table,
            FilterExpression: 'begins_with(pk, :pk) AND begins_with(sk, :sk)',
            ExpressionAttributeValues: values(TENANTS),
          },
        )
      : paginateQuery(
          { client },
          {
            TableName: table,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
            ExpressionAttributeValues: values(tenantKey(tenant)),
          },
        );
  for await (const { Items = [] } of pages) yield* Items;
}
