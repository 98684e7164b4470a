import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { DynamoQuarantine, decodeSample } from '../../lambdas/adapters/dynamo-quarantine.ts';
import { samplesKey } from '../../lambdas/adapters/dynamo-samples.ts';
import { type Cause, causeOf, type Sample } from '../../lambdas/domain/quarantine-reader.ts';

export type { Cause };

export interface QuarantineTables {
  readonly client: DynamoDBClient;
  readonly controlTable: string;
  readonly stateTable: string;
}

/** The causes of one tenant; or of all, for which the whole control table is read. */
export async function* readCauses(
  tables: QuarantineTables,
  tenant?: string,
  prefix = '',
): AsyncGenerator<Cause> {
  const quarantine = new DynamoQuarantine(tables.client, tables);
  const pages = tenant === undefined ? samplesOfAll(tables, prefix) : quarantine.samples(tenant, prefix);
  for await (const samples of pages)
    for (const sample of samples) yield causeOf(sample, await quarantine.days(sample));
}

async function* samplesOfAll(
  { client, controlTable }: QuarantineTables,
  prefix: string,
): AsyncGenerator<readonly Sample[]> {
  const pages = paginateScan(
    { client },
    {
      TableName: controlTable,
      FilterExpression: 'begins_with(pk, :pk) AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': { S: samplesKey('') }, ':sk': { S: prefix } },
    },
  );
  for await (const { Items = [] } of pages) yield Items.map(decodeSample);
}
