import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Command } from 'commander';
import { DynamoRuns } from '../../lambdas/adapters/dynamo-runs.ts';
import { S3Anchors } from '../../lambdas/adapters/s3-anchors.ts';
import type { Context, Use } from '../platform/context.ts';
import { CliError, EXIT, explain } from '../platform/errors.ts';
import { printable } from '../platform/output.ts';
import type { Target } from '../platform/target.ts';
import { checkApi } from './check-api.ts';
import { checkFlow } from './check-flow.ts';
import { checkRecovery } from './check-recovery.ts';
import { checkStorage } from './check-storage.ts';
import { bad, type Finding, good } from './finding.ts';

export function addDoctor(program: Command, context: Context): void {
  program
    .command('doctor')
    .description('check a deployment, and say what to do where something is wrong')
    .option('--tenant <tenant>', "only this tenant's quarantine")
    .addHelpText('after', '\nExits with 1 where something is wrong.\n\nExample:\n  $ weir doctor')
    .action((options: { tenant?: string }) => context.run((use) => doctor(options.tenant, use)));
}

async function doctor(tenant: string | undefined, { output, target, host }: Use): Promise<number> {
  const found = target();
  output.say(`Checking ${found.label}`);
  let wrong = 0;
  for await (const finding of examine(found, tenant)) {
    if (host.interrupted.aborted) return EXIT.interrupted;
    if (finding.state === 'bad') wrong += 1;
    output.emit(finding);
    const { green, yellow, red } = output.colors;
    const sign = { good: green('✓'), note: yellow('!'), bad: red('✗') }[finding.state];
    output.say(`${sign} ${finding.check.padEnd(12)}${printable(finding.detail)}`);
    if (finding.next) output.say(`  ${''.padEnd(12)}${finding.next}`);
  }
  output.say(wrong === 0 ? 'All is well.' : `${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong.`);
  return wrong === 0 ? EXIT.done : EXIT.differs;
}

/** All checks in order. One that can't be made is a finding too, and the others go on. */
async function* examine(target: Target, tenant: string | undefined): AsyncGenerator<Finding> {
  yield* guarded('API', target, checkApi(target));
  const outputs = await target.outputs().catch((error: unknown) => explain(error, target.label));
  if (outputs instanceof CliError) {
    yield bad('stacks', outputs.message, outputs.hint ?? 'Deploy first: npx cdk deploy --all.');
    return;
  }
  yield good('stacks', `state in ${outputs.stateTable}, log ${outputs.stream}`);
  const { aws } = target;
  const clients = {
    dynamo: new DynamoDBClient(aws),
    // HTTP/1.1: this client's HTTP/2 default fails on LocalStack.
    kinesis: new KinesisClient({ ...aws, requestHandler: new NodeHttpHandler() }),
    lambda: new LambdaClient(aws),
    sqs: new SQSClient(aws),
  };
  const flow = { ...clients, outputs, tenant, now: Date.now() };
  yield* guarded('storage', target, checkStorage(flow));
  yield* guarded('flow', target, checkFlow(flow));
  const s3 = new S3Client({ ...aws, forcePathStyle: aws.endpoint !== undefined });
  const recovery = {
    anchors: new S3Anchors(s3, outputs.auditBucket),
    runs: new DynamoRuns(clients.dynamo, outputs.controlTable),
  };
  yield* guarded('recovery', target, checkRecovery({ ...flow, ...recovery }));
}

async function* guarded(
  check: string,
  target: Target,
  findings: AsyncGenerator<Finding>,
): AsyncGenerator<Finding> {
  try {
    yield* findings;
  } catch (error) {
    const { message, hint } = explain(error, target.label);
    yield bad(check, message, hint ?? '--debug shows more.');
  }
}
