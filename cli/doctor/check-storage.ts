import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { type LambdaClient, paginateListEventSourceMappings } from '@aws-sdk/client-lambda';
import type { StackOutputs } from '../platform/stack-outputs.ts';
import { bad, type Finding, good } from './finding.ts';

const REDEPLOY = 'Deploy again: npx cdk deploy --all (locally: npm start).';

export interface Storage {
  readonly dynamo: DynamoDBClient;
  readonly kinesis: KinesisClient;
  readonly lambda: LambdaClient;
  readonly outputs: StackOutputs;
}

/** Whether tables and log are there, and both consumers read the log. */
export async function* checkStorage({ dynamo, kinesis, lambda, outputs }: Storage): AsyncGenerator<Finding> {
  for (const table of [outputs.stateTable, outputs.controlTable]) {
    const status = await orMissing(async () => {
      const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: table }));
      return Table?.TableStatus;
    });
    yield status === 'ACTIVE' || status === 'UPDATING'
      ? good('table', `${table} ${status}`)
      : bad('table', `${table} is ${status}`, REDEPLOY);
  }
  let arn: string | undefined;
  const status = await orMissing(async () => {
    const { StreamDescriptionSummary: summary } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: outputs.stream }),
    );
    arn = summary?.StreamARN;
    return summary?.StreamStatus;
  });
  if (arn === undefined) {
    yield bad('log', `${outputs.stream} is ${status}`, REDEPLOY);
    return;
  }
  yield status === 'ACTIVE' || status === 'UPDATING'
    ? good('log', `${outputs.stream} ${status}`)
    : bad('log', `${outputs.stream} is ${status}`, REDEPLOY);
  yield* checkMappings(lambda, arn, { projector: outputs.projectFunction, archive: outputs.archiveFunction });
}

async function* checkMappings(
  lambda: LambdaClient,
  streamArn: string,
  consumers: Readonly<Record<string, string>>,
): AsyncGenerator<Finding> {
  const states = new Map<string, string>();
  const pages = paginateListEventSourceMappings({ client: lambda }, { EventSourceArn: streamArn });
  for await (const { EventSourceMappings = [] } of pages) {
    // …:function:<name> or …:function:<name>:<alias>
    for (const { FunctionArn = '', State = '' } of EventSourceMappings)
      states.set(FunctionArn.split(':')[6] ?? '', State);
  }
  for (const [check, name] of Object.entries(consumers)) {
    const state = states.get(name);
    if (state === undefined) yield bad(check, `${name} does not read the log`, REDEPLOY);
    else if (/^(Enabled|Enabling|Updating|Creating)$/.test(state)) yield good(check, `${name} reads the log`);
    else {
      const next =
        'Enable it: aws lambda update-event-source-mapping --enabled. The log keeps what is waiting, for its retention.';
      yield bad(check, `${name}'s mapping is ${state}: nothing is read`, next);
    }
  }
}

/** "missing" where there is no such thing. */
async function orMissing(describe: () => Promise<string | undefined>): Promise<string> {
  try {
    return (await describe()) ?? 'unknown';
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return 'missing';
    throw error;
  }
}
