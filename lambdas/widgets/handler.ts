import type { Context } from 'aws-lambda';
import { contracts } from '../../build/contracts/counting.mjs';
import { awsTrace } from '../adapters/aws-trace.ts';
import { CloudWatchMetrics } from '../adapters/cloudwatch-metrics.ts';
import { DynamoActivity } from '../adapters/dynamo-activity.ts';
import { DynamoControl } from '../adapters/dynamo-control.ts';
import { DynamoQuarantine } from '../adapters/dynamo-quarantine.ts';
import { DynamoRuns } from '../adapters/dynamo-runs.ts';
import { DynamoTenants } from '../adapters/dynamo-tenants.ts';
import { readSlos } from '../domain/read-slos.ts';
import { compareState } from '../domain/trace/compare-state.ts';
import { traceEvent } from '../domain/trace/trace-event.ts';
import { cloudWatchClient, dynamoClient, kinesisClient, s3Client, sqsClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { correlate, logger } from '../platform/logger.ts';
import { systemClock, systemSleep } from '../platform/system.ts';
import { type Answer, answerWidget, type Widgets } from './answer-widget.ts';
import type { WidgetsEnv } from './env.ts';
import { showBudget } from './show-budget.ts';
import { showControl } from './show-control.ts';
import { showEvent } from './show-event.ts';
import { showQuarantine } from './show-quarantine.ts';
import { showRuns } from './show-runs.ts';
import { showState } from './show-state.ts';
import { showTenants } from './show-tenants.ts';

/** Time kept for drawing what was read, in ms. */
const MARGIN_MS = 3_000;

const env = readEnv<WidgetsEnv>([
  ...(['STATE_TABLE', 'CONTROL_TABLE', 'ARCHIVE_BUCKET', 'STREAM_NAME', 'SLOS'] as const),
  ...(['REPAIR_QUEUE_URL', 'REPAIR_DEAD_QUEUE_URL'] as const),
]);
const dynamo = dynamoClient();
const control = new DynamoControl(dynamo, env.CONTROL_TABLE);
const activity = new DynamoActivity(dynamo, env.CONTROL_TABLE);
const tables = { controlTable: env.CONTROL_TABLE, stateTable: env.STATE_TABLE };
const quarantine = {
  quarantine: new DynamoQuarantine(dynamo, tables),
  tenants: new DynamoTenants(dynamo, env.CONTROL_TABLE),
};
const runs = new DynamoRuns(dynamo, env.CONTROL_TABLE);
const metrics = new CloudWatchMetrics(cloudWatchClient());
const slos = readSlos(env.SLOS);
const trace = awsTrace({
  ...{ dynamo, s3: s3Client(), kinesis: kinesisClient(3), sqs: sqsClient(), ...tables },
  repairQueueUrls: [env.REPAIR_QUEUE_URL, env.REPAIR_DEAD_QUEUE_URL],
  ...{ archiveBucket: env.ARCHIVE_BUCKET, stream: env.STREAM_NAME },
  ...{ contracts, clock: systemClock, sleep: systemSleep },
});

const widgets: Widgets = {
  event: (call) => showEvent((question) => traceEvent(question, trace), call),
  state: (call) => showState((key, limits) => compareState(key, limits, trace), call),
  tenants: (call) => showTenants(activity, call),
  quarantine: (call) => showQuarantine(quarantine, call),
  runs: ({ nowMs }) => showRuns(runs, nowMs),
  budget: ({ nowMs }) => showBudget(slos, metrics, nowMs),
  control: (call) => showControl(control, call),
};

/** Invoked by CloudWatch's dashboards, with the rights of whoever looks, and by the local console. */
export function handler(
  event: unknown,
  context: Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis' | 'invokedFunctionArn'>,
): Promise<Answer> {
  correlate({ invocation: context.awsRequestId });
  const nowMs = Date.now();
  const call = {
    self: context.invokedFunctionArn,
    nowMs,
    deadline: nowMs + context.getRemainingTimeInMillis() - MARGIN_MS,
  };
  return answerWidget(event, widgets, call, (error) =>
    logger.error('a widget could not be shown', error as Error),
  );
}
