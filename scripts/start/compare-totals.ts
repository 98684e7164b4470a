import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { Profile } from '../../cli/platform/profile.ts';
import { readUsage } from '../../cli/usage/read-usage.ts';
import { headKey, subjectKey } from '../../lambdas/domain/keys.ts';
import { expectedTotals } from '../../samples/expected-totals.ts';
import { readReadings, sampleFiles } from '../../samples/read-samples.ts';

/** One meter of one subject: as Weir counted it, and as the files have it. */
export interface Comparison {
  readonly subject: string;
  readonly type: string;
  readonly meter: string;
  /** Undefined where Weir has nothing. */
  readonly counted: string | undefined;
  readonly expected: string;
  readonly agree: boolean;
}

const HOUR_MS = 3_600_000;

/** Reads the totals back through GET /v1/usage. The times are ms since the epoch; what is between them is added up. */
export async function compareTotals(
  profile: Profile,
  fromMs: number,
  toMs: number,
): Promise<readonly Comparison[]> {
  const span = { from: hour(Math.floor(fromMs / HOUR_MS)), to: hour(Math.floor(toMs / HOUR_MS) + 1) };
  const counted = new Map<string, string>();
  for (const { subject, type } of sampleFiles) {
    const { rows } = await readUsage(profile, { subject, type, ...span, by: 'total' });
    for (const { meter, group, value } of rows)
      if (group === 'all') counted.set(`${subject} ${type} ${meter}`, value);
  }
  return expectedTotals().map(({ subject, type, meter, value }) => {
    const found = counted.get(`${subject} ${type} ${meter}`);
    return { subject, type, meter, counted: found, expected: value, agree: found === value };
  });
}

/** How many distinct events each file's subject has in state, read from the table as billing would. */
export async function compareEvents(
  dynamo: DynamoDBClient,
  profile: Profile,
): Promise<readonly Comparison[]> {
  return Promise.all(
    sampleFiles.map(async ({ name, subject, type }) => {
      const counted = String(await countEvents(dynamo, profile, subject, type));
      const expected = String(readReadings(name).length);
      return { subject, type, meter: 'distinct events', counted, expected, agree: counted === expected };
    }),
  );
}

async function countEvents(
  dynamo: DynamoDBClient,
  profile: Profile,
  subject: string,
  type: string,
): Promise<number> {
  const pages = paginateQuery(
    { client: dynamo },
    {
      TableName: profile.stateTable,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ProjectionExpression: 'n',
      ConsistentRead: true,
      ExpressionAttributeValues: {
        ':pk': { S: subjectKey(profile.tenant, subject) },
        ':sk': { S: headKey(type, '') },
      },
    },
  );
  let events = 0;
  for await (const { Items = [] } of pages) for (const { n } of Items) events += Number(n?.N);
  return events;
}

function hour(hours: number): string {
  return new Date(hours * HOUR_MS).toISOString().replace('.000Z', 'Z');
}
