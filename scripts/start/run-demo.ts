import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Sink } from '../../cli/platform/host.ts';
import { grouped } from '../../cli/platform/output.ts';
import { DEFAULT_PROFILE, type Profile } from '../../cli/platform/profile.ts';
import { freePort } from '../../localstack/ports.ts';
import { unexpectedlyPretended } from '../../localstack/pretended.ts';
import { type RunningLocalStack, startLocalStack } from '../../localstack/start.ts';
import { readSamples } from '../../samples/read-samples.ts';
import { build } from '../build.ts';
import { deployLocal } from '../deploy-local.ts';
import { type Comparison, compareEvents, compareTotals } from './compare-totals.ts';
import { makeDemo, writeProfile } from './make-demo.ts';
import type { Phases } from './phases.ts';
import { planRequests, type RequestPlan } from './plan-requests.ts';
import { type Sent, sendSamples } from './send-samples.ts';
import { waitUntilDrained } from './wait-until-drained.ts';

const root = join(import.meta.dirname, '..', '..');
export const PROFILE_PATH = join(root, DEFAULT_PROFILE);
const DATA_DIR = join(root, '.weir', 'local');
/** Where people expect LocalStack; any other port does where this one is taken. */
const USUAL_PORT = 4566;

export interface DemoResult {
  readonly comparisons: readonly Comparison[];
  readonly sent: Sent;
  readonly plan: Omit<RequestPlan<unknown>, 'requests'>;
  /** Resource types that LocalStack only pretended to make and that nobody expected. */
  readonly pretended: readonly string[];
}

/** Builds, starts LocalStack and deploys. `started` gets what runs as soon as it runs, so that it can be ended. */
export async function bringUp(
  phases: Phases,
  now: number,
  started: (running: RunningLocalStack) => void,
): Promise<{ readonly running: RunningLocalStack; readonly profile: Profile }> {
  const { report } = phases;
  await phases.run('Build', () => build({ report }));
  const running = await phases.run('Start LocalStack', async () => {
    const port = process.env.WEIR_PORT ? undefined : await freePort(USUAL_PORT).catch(() => undefined);
    return startLocalStack({ dataDir: DATA_DIR, report, ...(port !== undefined && { port }) });
  });
  started(running);
  const outputs = await phases.run('Deploy', () => deployLocal({ endpoint: running.endpoint, report }));
  const profile = await phases.run('Make a demo tenant, producer and key', async () => {
    const demo = await makeDemo({ endpoint: running.endpoint, outputs, tenant: tenantFor(running, now) });
    writeProfile(PROFILE_PATH, demo);
    return demo;
  });
  return { running, profile };
}

/** A LocalStack that is not ours may still hold an earlier week's samples: those are another tenant's then. */
function tenantFor({ pid }: RunningLocalStack, now: number): string {
  if (pid !== undefined) return 'demo';
  const latest = readSamples(now).at(-1)!;
  return `demo-${new Date(latest.ms).toISOString().slice(0, 10)}`;
}

/** Sends the samples and reads back what they came to. */
export async function runDemo(
  phases: Phases,
  { running, profile }: { readonly running: RunningLocalStack; readonly profile: Profile },
  options: { readonly now: number; readonly seed: number; readonly sink: Sink },
): Promise<DemoResult> {
  const { now, seed, sink } = options;
  const clients = clientsFor(profile);
  const events = readSamples(now);
  const { requests, ...plan } = planRequests(events, seed);
  const began = Date.now();
  const sent = await phases.runWithBar(describePlan(events.length, { requests, ...plan }, seed), () =>
    sendSamples(profile, { requests, ...plan }, sink),
  );
  await phases.runWithBar('Wait until the log is drained', () =>
    waitUntilDrained(clients.lambda, clients, profile, began, sink),
  );
  const comparisons = await phases.run('Read the totals back', async () => [
    ...(await compareTotals(profile, events[0]!.ms, now)),
    ...(await compareEvents(clients.dynamo, profile)),
  ]);
  return { comparisons, sent, plan, pretended: unexpectedlyPretended(await running.pretended()) };
}

function describePlan(events: number, plan: RequestPlan<unknown>, seed: number): string {
  const { requests, repeatedEvents, repeatedRequests } = plan;
  return (
    `Send ${grouped(events)} events in ${requests.length} requests: ${grouped(repeatedEvents)} events twice and out of ` +
    `order, ${repeatedRequests} requests repeated whole (seed ${seed})`
  );
}

function clientsFor({ endpoint, region }: Profile) {
  const aws = { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  return {
    dynamo: new DynamoDBClient(aws),
    // HTTP/1.1: this client's HTTP/2 default fails on LocalStack.
    kinesis: new KinesisClient({ ...aws, requestHandler: new NodeHttpHandler() }),
    lambda: new LambdaClient(aws),
    sqs: new SQSClient(aws),
  };
}
