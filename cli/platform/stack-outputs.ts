import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { couldNotRun } from './errors.ts';
import type { Profile } from './profile.ts';
import type { AwsSettings } from './target.ts';

/** What the commands need to know of a deployment. */
export type StackOutputs = Omit<Profile, 'endpoint' | 'apiKey' | 'region' | 'tenant' | 'producer'>;

const STACKS = ['Data', 'Ingress', 'Processing', 'Recovery', 'Observability'];

/** The stacks of a deployment: lib/weir.ts. */
export function stackNames(name: string): readonly string[] {
  const prefix = name.charAt(0).toUpperCase() + name.slice(1);
  return STACKS.map((stack) => `${prefix}-${stack}`);
}

/** Reads the outputs of a deployment's stacks. @throws CliError that names the stack or the output that is missing */
export async function findOutputs(aws: AwsSettings, name: string): Promise<StackOutputs> {
  const client = new CloudFormationClient(aws);
  const found = await Promise.all(stackNames(name).map((stack) => describe(client, stack)));
  return readOutputs(new Map(found.flat()), aws.endpoint);
}

async function describe(client: CloudFormationClient, stack: string): Promise<[string, string][]> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    return (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [
      OutputKey ?? '',
      OutputValue ?? '',
    ]);
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) {
      throw couldNotRun(
        `There is no stack ${stack} here.`,
        'Deploy first (npm start, or npx cdk deploy --all), or say which with --name, --region and AWS_PROFILE.',
      );
    }
    throw error;
  }
}

/** The outputs by our names. On an endpoint of one's own the API hangs below it, whatever host the stack names. */
export function readOutputs(
  outputs: ReadonlyMap<string, string>,
  endpoint: string | undefined,
): StackOutputs {
  const of = (key: string): string => {
    const value = outputs.get(key);
    if (value === undefined) {
      throw couldNotRun(
        `The stacks have no output ${key}.`,
        'They are of another version: deploy them again.',
      );
    }
    return value;
  };
  const plans = [...outputs].filter(([key]) => key.startsWith('UsagePlan'));
  const apiId = of('ApiId');
  return {
    apiId,
    apiUrl: endpoint
      ? `${endpoint.replace(/\/+$/, '')}/_aws/execute-api/${apiId}/live`
      : of('ApiUrl').replace(/\/+$/, ''),
    stateTable: of('StateTable'),
    controlTable: of('ControlTable'),
    stream: of('Stream'),
    archiveBucket: of('ArchiveBucket'),
    repairQueueUrl: of('RepairQueueUrl'),
    repairDeadQueueUrl: of('RepairDeadQueueUrl'),
    runsBucket: of('RunsBucket'),
    auditBucket: of('AuditBucket'),
    recoverFunction: of('RecoverFunction'),
    recoveryStateMachine: of('RecoveryStateMachine'),
    projectFunction: of('ProjectFunction'),
    archiveFunction: of('ArchiveFunction'),
    markFunction: of('MarkFunction'),
    guardFunction: of('GuardFunction'),
    probeFunction: of('ProbeFunction'),
    widgetsFunction: of('WidgetsFunction'),
    webhookSecretPrefix: of('WebhookSecretPrefix'),
    dataKey: of('DataKey'),
    usagePlans: Object.fromEntries(
      plans.map(([key, id]) => [key.slice('UsagePlan'.length).toLowerCase(), id]),
    ),
  };
}
