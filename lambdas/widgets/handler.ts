import type { Context } from 'aws-lambda';
import { DynamoActivity } from '../adapters/dynamo-activity.ts';
import { DynamoControl } from '../adapters/dynamo-control.ts';
import { dynamoClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { correlate, logger } from '../platform/logger.ts';
import { type Answer, answerWidget, type Widgets } from './answer-widget.ts';
import type { WidgetsEnv } from './env.ts';
import { showControl } from './show-control.ts';
import { showTenants } from './show-tenants.ts';

/** Time kept for drawing what was read, in ms. */
const MARGIN_MS = 3_000;

const env = readEnv<WidgetsEnv>(['STATE_TABLE', 'CONTROL_TABLE', 'ARCHIVE_BUCKET', 'STREAM_NAME', 'SLOS']);
const dynamo = dynamoClient();
const control = new DynamoControl(dynamo, env.CONTROL_TABLE);
const activity = new DynamoActivity(dynamo, env.CONTROL_TABLE);

const widgets: Widgets = {
  tenants: (call) => showTenants(activity, call),
  control: (call) => showControl(control, call),
};

/** Invoked by CloudWatch's dashboards, with the rights of whoever looks, and by the local console. */
export function handler(
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis' | 'invokedFunctionArn'>,
): Promise<Answer> {
  correlate({});
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
