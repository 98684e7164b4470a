import { hash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { contracts } from '../build/contracts/validating.mjs';
import { KinesisLog, type KinesisLogProps } from '../lambdas/adapters/kinesis-log.ts';
import { NO_CONTROL } from '../lambdas/domain/control/control.ts';
import type { CredentialStore } from '../lambdas/domain/credential.ts';
import type { Clock } from '../lambdas/domain/ports.ts';
import { RecordActivity } from '../lambdas/ingest/record-activity.ts';
import { createTakeEvents } from '../lambdas/ingest/take-events.ts';
import { createAuthenticate } from '../lambdas/platform/authenticate.ts';
import { CachedControl } from '../lambdas/platform/cached-control.ts';
import { CachedCredentials } from '../lambdas/platform/cached-credentials.ts';
import type { HttpRequest } from '../lambdas/platform/http.ts';
import { systemRandom, systemSleep } from '../lambdas/platform/system.ts';
import { CONTROL } from './tables.ts';
import { type Batch, TENANT } from './workloads.ts';

export const KEY = `wk_${'b'.repeat(43)}`;
const KEY_HASH = hash('sha256', KEY);
const REMAINING_MS = 25_000;
export const PRODUCER = 'agents';

export type TakeEvents = (request: HttpRequest) => Promise<void>;

export interface IngestParts {
  readonly client: KinesisLogProps['client'];
  readonly clock: Clock;
  readonly credentials: CredentialStore;
}

/** Ingest's route for events, put together as its handler does it. Throws unless all of a request is accepted. */
export function startIngest({ client, clock, credentials }: IngestParts): TakeEvents {
  const random = systemRandom;
  // Both are calls by the clock, not by the event: what they cost is not measured here, what they take of each request is.
  const aside = { clock, sleep: systemSleep, report: () => {} };
  const takeEvents = createTakeEvents({
    contracts,
    clock,
    random,
    sleep: systemSleep,
    authenticate: createAuthenticate({
      credentials: new CachedCredentials(credentials, clock),
      clock,
      random,
    }),
    control: new CachedControl({ ...aside, store: { read: async () => NO_CONTROL } }),
    activity: new RecordActivity({ ...aside, activity: { add: async () => {} } }),
    log: new KinesisLog({ client, clock, random, sleep: systemSleep, streamName: 'log', build: 'bench' }),
    // Nothing is refused here, so nothing has a fingerprint.
    fingerprints: { admit: async (_tenant, _producer, fingerprint) => fingerprint },
  });
  return async (request) => {
    const { status, body } = await takeEvents(request, () => REMAINING_MS);
    if (status !== 202)
      throw new Error(`the bench's events were not all accepted (${status}): ${body.slice(0, 400)}`);
  };
}

/** Puts the bench's credential into the control table. */
export async function putCredential(client: DynamoDBClient): Promise<void> {
  const texts = (values: readonly string[]) => ({ L: values.map((S) => ({ S })) });
  await client.send(
    new PutItemCommand({
      TableName: CONTROL.name,
      Item: {
        ...{
          pk: { S: `KEY#${KEY_HASH}` },
          sk: { S: 'KEY' },
          tenant: { S: TENANT },
          producer: { S: PRODUCER },
        },
        ...{ types: texts(['*']), scopes: texts(['events:write', 'usage:read']), status: { S: 'active' } },
        keyId: { S: KEY_HASH.slice(0, 12) },
      },
    }),
  );
}

/** The same credential, from nowhere. */
export const MEMORY_CREDENTIAL: CredentialStore = {
  find: async () => ({
    ...{ tenant: TENANT, producer: PRODUCER, types: ['*'], scopes: ['events:write'] },
    ...{ status: 'active', keyId: KEY_HASH.slice(0, 12) },
  }),
};

let requests = 0;

/** A batch as one POST /v1/events. */
export function requestOf({ events }: Pick<Batch, 'events'>): HttpRequest {
  requests += 1;
  const body = Buffer.from(JSON.stringify(events));
  const headers = new Map([
    ['content-type', ['application/cloudevents-batch+json']],
    ['x-api-key', [KEY]],
  ]);
  const receipt = `0b7ad2c5-4f0c-4a55-9d6e-${String(requests).padStart(12, '0')}`;
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  return { method: 'POST', route: '/v1/events', path: {}, query: new Map(), headers, body, receipt, trace };
}
