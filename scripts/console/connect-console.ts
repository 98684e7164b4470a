import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { couldNotRun } from '../../cli/platform/errors.ts';
import type { AwsSettings } from '../../cli/platform/target.ts';
import { CloudWatchMetrics } from '../../lambdas/adapters/cloudwatch-metrics.ts';
import type { Charts, ConsoleSource, WidgetParams } from './ports.ts';
import { readCharts } from './read-charts.ts';

/** A widget may read much; its function ends it well before. */
const INVOKE_MS = 40_000;
const METRICS_MS = 10_000;
const LOCAL_POLL_MS = 5_000;
/** Metrics are there after a minute or so, and each asking costs. */
const AWS_POLL_MS = 30_000;

/** Which deployment, and where. */
export interface Deployment {
  readonly name: string;
  readonly where: string;
  readonly aws: AwsSettings;
}

/** What a deployment's console shows: its metrics in CloudWatch, and what its widgets' function answers. */
export function connectConsole({ name, where, aws }: Deployment): ConsoleSource {
  const cloudWatch = new CloudWatchClient({ ...aws, requestHandler: patience(METRICS_MS), maxAttempts: 2 });
  const lambda = new LambdaClient({ ...aws, requestHandler: patience(INVOKE_MS), maxAttempts: 1 });
  const metrics = new CloudWatchMetrics(cloudWatch);
  const kind = aws.endpoint === undefined ? 'aws' : 'local';
  const pollMs = kind === 'aws' ? AWS_POLL_MS : LOCAL_POLL_MS;
  const functionName = `${name}-widgets`;
  return {
    about: { name, where, kind, pollMs },
    readCharts: atMostEvery(pollMs / 2, () => readCharts(metrics, name, Date.now())),
    callWidget: (params) => callWidget(lambda, functionName, params),
    isWidgets: (endpoint) => new RegExp(`^arn:[^ ]*:function:${functionName}(:[\\w-]+)?$`).test(endpoint),
  };
}

const patience = (ms: number) =>
  new NodeHttpHandler({ connectionTimeout: 2_000, requestTimeout: ms, throwOnRequestTimeout: true });

/** However many pages are open, CloudWatch is asked once in `ms`. What failed is asked for again. */
function atMostEvery(ms: number, read: () => Promise<Charts>): () => Promise<Charts> {
  let latest: { readonly at: number; readonly charts: Promise<Charts> } | undefined;
  return () => {
    if (latest && Date.now() - latest.at < ms) return latest.charts;
    const asked = { at: Date.now(), charts: read() };
    asked.charts.catch(() => {
      if (latest === asked) latest = undefined;
    });
    latest = asked;
    return asked.charts;
  };
}

async function callWidget(lambda: LambdaClient, functionName: string, params: WidgetParams): Promise<string> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(params) }),
  );
  const text = Buffer.from(Payload ?? []).toString('utf8');
  if (FunctionError) {
    throw couldNotRun(
      `${functionName} failed: ${reasonIn(text)}`,
      `Its logs are in /aws/lambda/${functionName}.`,
    );
  }
  const answer: unknown = JSON.parse(text || 'null');
  return typeof answer === 'string' ? answer : `<pre>${escaped(JSON.stringify(answer, null, 2))}</pre>`;
}

function reasonIn(text: string): string {
  try {
    return (JSON.parse(text) as { errorMessage?: string }).errorMessage ?? 'no reason given';
  } catch {
    return 'no reason given';
  }
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
