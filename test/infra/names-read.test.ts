import { describe, expect, it } from 'vitest';
import { readQuantities } from '../../cli/cost/read-quantities.ts';
import { checkDeadLetters } from '../../cli/doctor/check-dead-letters.ts';
import { checkWatched } from '../../cli/doctor/check-watched.ts';
import { checkProtection } from '../../cli/doctor/production/check-protection.ts';
import { stackNames } from '../../cli/platform/stack-outputs.ts';
import { MetricTable } from '../support/metric-table.ts';
import { configOf, synthesize } from '../support/synth.ts';

/** Another name than the usual one: what is written out somewhere shows. */
const NAME = 'blue-1';
const all = synthesize(configOf({ name: NAME }));
const templates = [all.data, all.ingress, all.processing, all.recovery, all.observability];

/** Values of a property of all resources of a type. */
function named(type: string, property: string): readonly string[] {
  return templates.flatMap((template) =>
    Object.values(template.findResources(type)).map(({ Properties }) => String(Properties[property])),
  );
}

const functions = named('AWS::Lambda::Function', 'FunctionName').filter((name) =>
  name.startsWith(`${NAME}-`),
);

/** Dimensions of metrics that AWS writes, and the names that they may have here. */
const known: Readonly<Record<string, readonly string[]>> = {
  TableName: named('AWS::DynamoDB::GlobalTable', 'TableName'),
  StreamName: named('AWS::Kinesis::Stream', 'Name'),
  QueueName: named('AWS::SQS::Queue', 'QueueName'),
  FunctionName: functions,
  LogGroupName: named('AWS::Logs::LogGroup', 'LogGroupName'),
  GlobalSecondaryIndexName: templates.flatMap((template) =>
    Object.values(template.findResources('AWS::DynamoDB::GlobalTable')).flatMap(({ Properties }) =>
      (Properties.GlobalSecondaryIndexes ?? []).map(({ IndexName }: { IndexName: string }) => IndexName),
    ),
  ),
  Stage: named('AWS::ApiGateway::Stage', 'StageName'),
  ApiName: named('AWS::ApiGateway::RestApi', 'Name'),
};

/** A client that notes what it is asked for. */
function noting(answer: unknown) {
  const asked: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: Record<string, unknown> }) => {
    asked.push(input);
    return answer;
  };
  return { client: { send } as never, asked };
}

describe('what the command line reads by its name is deployed under that name', () => {
  it('what weir cost adds up (F13)', async () => {
    const metrics = new MetricTable();
    const priced = functions.map((name) => ({ name, memoryMb: 512 }));
    await readQuantities({ name: NAME, metrics, functions: priced }, 0, 3_600_000);
    const aws = metrics.asked.filter(({ query }) => query.namespace.startsWith('AWS/'));
    expect(new Set(aws.map(({ query }) => query.namespace)).size).toBeGreaterThan(4);
    for (const { query } of aws)
      for (const [dimension, value] of Object.entries(query.dimensions))
        expect(known[dimension] ?? [], `${query.namespace} ${query.name} by ${dimension}`).toContain(value);
  });

  it('of all tables it adds up what is written', async () => {
    const metrics = new MetricTable();
    await readQuantities({ name: NAME, metrics, functions: [] }, 0, 3_600_000);
    const read = metrics.asked.flatMap(({ query }) => query.dimensions.TableName ?? []);
    expect([...new Set(read)].toSorted()).toEqual(known.TableName!.toSorted());
  });

  it('what weir doctor looks at', async () => {
    const queues = noting({ QueueUrl: 'url' });
    await checkDeadLetters(queues.client, NAME);
    expect(known.QueueName).toContain(queues.asked[0]!.QueueName);

    const dashboards = noting({});
    const alarms = { all: async () => [] };
    for await (const _ of checkWatched({ name: NAME, alarms, cloudWatch: dashboards.client }));
    const names = named('AWS::CloudWatch::Dashboard', 'DashboardName');
    expect(dashboards.asked.map(({ DashboardName }) => DashboardName).toSorted()).toEqual(names.toSorted());

    const keys = noting({});
    const outputs = { stateTable: '', controlTable: '', archiveBucket: '', auditBucket: '' };
    const nothing = noting({}).client;
    const estate = {
      name: NAME,
      outputs,
      dynamo: nothing,
      s3: nothing,
      formation: nothing,
      kms: keys.client,
    };
    for await (const _ of checkProtection(estate as never));
    const aliases = named('AWS::KMS::Alias', 'AliasName');
    expect(keys.asked.map(({ KeyId }) => KeyId).toSorted()).toEqual(aliases.toSorted());
  });

  it('the stacks', () => {
    expect(stackNames(NAME).toSorted()).toEqual(
      all.assembly.stacks.map(({ stackName }) => stackName).toSorted(),
    );
  });
});
