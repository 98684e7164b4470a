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
import { deployLocal, type LocalOutputs } from '../deploy-local.ts';
import { type Comparison, compareEvents, compareTotals } from './compare-totals.ts';
import { compareWebhooks } from './compare-webhooks.ts';
import { goRound } from './go-round.ts';
import { makeDemo, writeProfile } from './make-demo.ts';
import { makeWebhooks } from './make-webhooks.ts';
import type { Phases } from './phases.ts';
import { type DeliveryPlan, planDeliveries } from './plan-deliveries.ts';
import { planRequests, type RequestPlan } from './plan-requests.ts';
import { sendDeliveries } from './send-deliveries.ts';
import { type Sent, sendSamples } from './send-samples.ts';
import { waitUntilDrained } from './wait-until-drained.ts';
import { waitUntilNormalised } from './wait-until-normalised.ts';

const root = join(import.meta.dirname, '..', '..');
export const PROFILE_PATH = join(root, DEFAULT_PROFILE);
const DATA_DIR = join(root, '.weir', 'local');
/** Where people expect LocalStack; any other port does where this one is taken. */
const USUAL_PORT = 4566;
/** Where a queue or the log has had nothing for a while, LocalStack would look again only after up to ten seconds. */
const IDLE_POLL_SECONDS = '2';

/** What runs, and how to reach it. */
export interface Up {
  readonly running: RunningLocalStack;
  readonly outputs: LocalOutputs;
  readonly profile: Profile;
}

export interface DemoResult {
  readonly comparisons: readonly Comparison[];
  readonly sent: Sent;
  readonly plan: Omit<RequestPlan<unknown>, 'requests'>;
  readonly webhooks: { readonly sent: number; readonly comparisons: readonly Comparison[] };
  /** Resource types that LocalStack only pretended to make and that nobody expected. */
  readonly pretended: readonly string[];
}

/** Builds, starts LocalStack and deploys. `started` gets what runs as soon as it runs, so that it can be ended. */
export async function bringUp(
  phases: Phases,
  now: number,
  started: (running: RunningLocalStack) => void,
): Promise<Up> {
  const { report } = phases;
  await phases.run('Build', () => build({ report }));
  const running = await phases.run('Start LocalStack', async () => {
    const port = process.env.WEIR_PORT ? undefined : await freePort(USUAL_PORT).catch(() => undefined);
    const env = { LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC: IDLE_POLL_SECONDS };
    return startLocalStack({ dataDir: DATA_DIR, report, env, ...(port !== undefined && { port }) });
  });
  started(running);
  const outputs = await phases.run('Deploy', () => deployLocal({ endpoint: running.endpoint, report }));
  await phases.run('Send an event as a customer does, and see it counted', async () => {
    const lambda = new LambdaClient(credentialsFor(running.endpoint));
    report(await goRound(lambda, outputs.ProbeFunction));
  });
  const profile = await phases.run('Make a demo tenant, producer and key', async () => {
    const demo = await makeDemo({ endpoint: running.endpoint, outputs, tenant: tenantFor(running, now) });
    writeProfile(PROFILE_PATH, demo);
    return demo;
  });
  return { running, outputs, profile };
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
  up: Up,
  { now, seed, sink }: { readonly now: number; readonly seed: number; readonly sink: Sink },
): Promise<DemoResult> {
  const { profile } = up;
  const clients = clientsFor(profile);
  const events = readSamples(now);
  const deliveries = planDeliveries(now);
  const { requests, ...plan } = planRequests(events, seed);
  const began = Date.now();
  // Webhooks first: their queue empties while the rest is sent.
  const delivered = await phases.runWithBar(describeDeliveries(deliveries), async () =>
    sendDeliveries(await makeWebhooks(profile), deliveries, sink),
  );
  const sent = await phases.runWithBar(describePlan(events.length, { requests, ...plan }, seed), () =>
    sendSamples(profile, { requests, ...plan }, sink),
  );
  await waitUntilCounted(phases, up, clients, began, sink);
  return phases.run('Read the totals back', async () => {
    const totals = await compareTotals(profile, events[0]!.ms, now);
    const distinct = await compareEvents(clients.dynamo, profile);
    const webhooks = await compareWebhooks(clients.dynamo, profile, deliveries, Date.now());
    return {
      ...{ sent, plan, comparisons: [...totals, ...distinct] },
      webhooks: { sent: delivered, comparisons: webhooks },
      pretended: unexpectedlyPretended(await up.running.pretended()),
    };
  });
}

async function waitUntilCounted(
  phases: Phases,
  { outputs, profile }: Up,
  clients: ReturnType<typeof clientsFor>,
  began: number,
  sink: Sink,
): Promise<void> {
  await phases.run('Wait until the queue of webhooks is empty', () =>
    waitUntilNormalised(clients.sqs, outputs.WebhookQueueUrl),
  );
  await phases.runWithBar('Wait until the log is drained', () =>
    waitUntilDrained(clients.lambda, clients, profile, began, sink),
  );
}

function describePlan(events: number, plan: RequestPlan<unknown>, seed: number): string {
  const { requests, repeatedEvents, repeatedRequests } = plan;
  return (
    `Send ${grouped(events)} events in ${requests.length} requests: ${grouped(repeatedEvents)} events twice and out of ` +
    `order, ${repeatedRequests} requests repeated whole (seed ${seed})`
  );
}

function describeDeliveries({ github, stripe }: DeliveryPlan): string {
  return (
    `Send ${stripe.length} webhooks as Stripe and ${github.length} as GitHub: signed, some of them repeated, ` +
    'refunds before their charges'
  );
}

function credentialsFor(endpoint: string, region = 'us-east-1') {
  return { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}

function clientsFor({ endpoint, region }: Profile) {
  const aws = credentialsFor(endpoint, region);
  return {
    dynamo: new DynamoDBClient(aws),
    // HTTP/1.1: this client's HTTP/2 default fails on LocalStack.
    kinesis: new KinesisClient({ ...aws, requestHandler: new NodeHttpHandler() }),
    lambda: new LambdaClient(aws),
    sqs: new SQSClient(aws),
  };
}
