import { contractsHash } from '../../build/contracts/counting.mjs';
import { CloudWatchMetrics } from '../adapters/cloudwatch-metrics.ts';
import { DynamoActivity } from '../adapters/dynamo-activity.ts';
import { DynamoControl } from '../adapters/dynamo-control.ts';
import { DynamoManifest } from '../adapters/dynamo-manifest.ts';
import { DynamoProducerKeys } from '../adapters/dynamo-producer-keys.ts';
import { DynamoTenants } from '../adapters/dynamo-tenants.ts';
import { DynamoWatch } from '../adapters/dynamo-watch.ts';
import { cloudWatchClient, dynamoClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { logger } from '../platform/logger.ts';
import { systemClock } from '../platform/system.ts';
import type { WatchEnv } from './env.ts';
import { lookAround } from './look-around.ts';
import { measure, write } from './report.ts';

const env = readEnv<WatchEnv>(['CONTROL_TABLE', 'METRICS_NAMESPACE', 'BUILDS']);
const dynamo = dynamoClient();
const ports = {
  clock: systemClock,
  store: new DynamoWatch(dynamo, env.CONTROL_TABLE),
  activity: new DynamoActivity(dynamo, env.CONTROL_TABLE),
  control: new DynamoControl(dynamo, env.CONTROL_TABLE),
  metrics: new CloudWatchMetrics(cloudWatchClient()),
  manifest: new DynamoManifest(dynamo, env.CONTROL_TABLE),
  producers: new DynamoProducerKeys(dynamo, env.CONTROL_TABLE, new DynamoTenants(dynamo, env.CONTROL_TABLE)),
};
const running = { builds: JSON.parse(env.BUILDS) as Record<string, string>, contracts: contractsHash };

/** Run each minute by a rule; `{"now":true}` looks at producers and keys at once. */
export const handler = invocation(async (event: { readonly now?: unknown } | null): Promise<object> => {
  const around = { running, namespace: env.METRICS_NAMESPACE, now: event?.now === true };
  const report = await lookAround(ports, around);
  measure(report);
  write(report);
  for (const error of report.errors)
    logger.error('a look failed; it is taken again in a minute', error as Error);
  if (report.errors.length > 0) throw new Error(`${report.errors.length} looks failed: see the log`);
  const { silent, expiring, compared, deploy } = report;
  return { silent, expiring, ...(compared && { gap: compared.gap }), deployed: deploy !== undefined };
});
