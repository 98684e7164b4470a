import { GetUsagePlanCommand } from '@aws-sdk/client-api-gateway';
import { DescribeLimitsCommand } from '@aws-sdk/client-kinesis';
import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import type { MetricReader } from '../../../lambdas/domain/metric-reader.ts';
import { percent } from '../../platform/bar.ts';
import type { LogFacts } from '../../platform/deployment.ts';
import { grouped } from '../../platform/output.ts';
import { bad, type Finding, good, note } from '../finding.ts';
import type { Estate } from './clients.ts';

const WEEK_MS = 7 * 86_400_000;
/** Of what there is, so much may be in use at the worst: the rest is for a storm. */
const BUSY = 0.7;
/** Ingest alone holds one for each request that is under way: with fewer than this a storm is refused at the door. */
const LEAST_CONCURRENCY = 100;
const SHARD_BYTES_PER_MINUTE = 60 * 1024 * 1024;

/** Whether there is room to grow. */
export async function* checkCapacity(
  estate: Estate,
  metrics: MetricReader,
  log: Pick<LogFacts, 'openShards' | 'onDemand'>,
): AsyncGenerator<Finding> {
  yield await checkConcurrency(estate, metrics);
  yield await checkShards(estate, metrics, log);
  yield* checkPlans(estate);
}

async function worst(
  metrics: MetricReader,
  now: number,
  query: { namespace: string; name: string; dimensions: Record<string, string>; stat: string },
): Promise<number> {
  const [points = []] = await metrics.read([{ ...query, periodSeconds: 60 }], now - WEEK_MS, now);
  return points.reduce((most, { value }) => Math.max(most, value), 0);
}

async function checkConcurrency({ lambda, now }: Estate, metrics: MetricReader): Promise<Finding> {
  const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
  const { ConcurrentExecutions: limit = 0, UnreservedConcurrentExecutions: free = 0 } = AccountLimit ?? {};
  const name = 'ConcurrentExecutions';
  const used = await worst(metrics, now, { namespace: 'AWS/Lambda', name, dimensions: {}, stat: 'Maximum' });
  const detail = `of ${limit} functions at once ${free} are not reserved; at most ${used} were in use this week`;
  const next = 'Ask for more in Service Quotas: Lambda, concurrent executions.';
  if (free < LEAST_CONCURRENCY) return bad('concurrency', detail, next);
  return used > BUSY * free ? note('concurrency', detail, next) : good('concurrency', detail);
}

async function checkShards(
  { kinesis, now, outputs }: Estate,
  metrics: MetricReader,
  { openShards, onDemand }: Pick<LogFacts, 'openShards' | 'onDemand'>,
): Promise<Finding> {
  if (onDemand) return good('shards', 'on demand');
  const { ShardLimit = 0, OpenShardCount = 0 } = await kinesis.send(new DescribeLimitsCommand({}));
  const dimensions = { StreamName: outputs.stream };
  const bytes = await worst(metrics, now, {
    ...{ namespace: 'AWS/Kinesis', name: 'IncomingBytes', dimensions, stat: 'Sum' },
  });
  const busy = bytes / (openShards * SHARD_BYTES_PER_MINUTE);
  const detail = `${openShards} open; at most ${percent(busy)} of their bytes were in use in a minute of this week`;
  if (busy > BUSY) {
    const next = 'Raise stream.shards in lib/config/settings.ts, or set the mode on-demand.';
    return bad('shards', detail, next);
  }
  if (ShardLimit - OpenShardCount < openShards) {
    const quota = `the account may have ${grouped(ShardLimit)} and has ${grouped(OpenShardCount)}`;
    return note(
      'shards',
      `${detail}; ${quota}`,
      'Doubling them needs more: ask in Service Quotas: Kinesis, shards.',
    );
  }
  return good('shards', detail);
}

async function* checkPlans({ api, outputs }: Estate): AsyncGenerator<Finding> {
  for (const [tier, usagePlanId] of Object.entries(outputs.usagePlans)) {
    const { throttle, quota } = await api.send(new GetUsagePlanCommand({ usagePlanId }));
    const limit = quota ? `, ${grouped(quota.limit ?? 0)} a ${quota.period?.toLowerCase()}` : '';
    yield throttle?.rateLimit
      ? good('plans', `${tier}: ${throttle.rateLimit} requests a second${limit}`)
      : bad('plans', `${tier} has no limit`, 'Deploy again: npx cdk deploy --all.');
  }
}
