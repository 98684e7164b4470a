import { documents } from '../../build/contracts/documents.mjs';
import { DynamoCredentials } from '../adapters/dynamo-credentials.ts';
import { createAuthenticate } from '../platform/authenticate.ts';
import { CachedCredentials } from '../platform/cached-credentials.ts';
import { dynamoClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { serve } from '../platform/serve.ts';
import { systemClock, systemRandom } from '../platform/system.ts';
import { createCatalogue } from './answer-contracts.ts';
import type { CatalogueEnv } from './env.ts';

const env = readEnv<CatalogueEnv>(['CONTROL_TABLE']);
const credentials = new CachedCredentials(
  new DynamoCredentials(dynamoClient(), env.CONTROL_TABLE),
  systemClock,
);
const authenticate = createAuthenticate({ credentials, clock: systemClock, random: systemRandom });

export const handler = serve(createCatalogue(documents, authenticate), systemRandom);
