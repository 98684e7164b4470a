import {
  type AttributeValue,
  type DynamoDBClient,
  paginateQuery,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { encodePart } from '../../lambdas/domain/keys.ts';

type Item = Record<string, AttributeValue>;

const TENANTS = 'TENANT#';

/** Partition of the control table where all that a tenant owns stands. */
export function tenantKey(tenant: string): string {
  return `${TENANTS}${encodePart(tenant)}`;
}

/** What a tenant owns of one kind, by what its sort keys begin with; or what all own, for which the whole table is read. */
export async function* tenantItems(
  { client, table }: { readonly client: DynamoDBClient; readonly table: string },
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
