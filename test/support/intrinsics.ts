import type { CloudAssembly } from 'aws-cdk-lib/cx-api';

/** What is used here of a CloudFormation template. */
export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>
  >;
}

interface Place {
  readonly name: string;
  readonly template: Template;
  readonly region: string;
  readonly account: string;
}

/** The property that names a resource, and its ARN's service and kind, by type. */
const NAMED: Readonly<Record<string, { readonly property: string; readonly arn: (name: string) => string }>> =
  {
    'AWS::DynamoDB::GlobalTable': { property: 'TableName', arn: (name) => `dynamodb:@:table/${name}` },
    'AWS::Kinesis::Stream': { property: 'Name', arn: (name) => `kinesis:@:stream/${name}` },
    'AWS::SQS::Queue': { property: 'QueueName', arn: (name) => `sqs:@:${name}` },
    'AWS::S3::Bucket': { property: 'BucketName', arn: (name) => `s3:::${name}` },
    'AWS::Logs::LogGroup': { property: 'LogGroupName', arn: (name) => `logs:@:log-group:${name}:*` },
    'AWS::Lambda::Function': { property: 'FunctionName', arn: (name) => `lambda:@:function:${name}` },
    'AWS::CloudWatch::Alarm': { property: 'AlarmName', arn: (name) => `cloudwatch:@:alarm:${name}` },
    'AWS::CloudWatch::CompositeAlarm': { property: 'AlarmName', arn: (name) => `cloudwatch:@:alarm:${name}` },
    'AWS::SNS::Topic': { property: 'TopicName', arn: (name) => `sns:@:${name}` },
    'AWS::KMS::Key': { property: 'KeyId', arn: (name) => `kms:@:key/${name}` },
  };

/**
 * Resolves CloudFormation's intrinsic functions as far as templates allow: names and ARNs as they will be, imports
 * through the exports of the other stacks, and `{LogicalId}` for a name that only the deployment gives.
 */
export function intrinsics(assembly: CloudAssembly): (stackName: string, value: unknown) => string {
  const places = assembly.stacks.map(({ stackName, template, environment }) => ({
    name: stackName,
    template: template as Template,
    region: environment.region,
    account: environment.account,
  }));
  const resolveIn = (place: Place, value: unknown): string => {
    if (typeof value === 'string') return value;
    const [call, argument] = Object.entries(value as object)[0] ?? [];
    switch (call) {
      case 'Ref':
        return reference(place, argument as string, (inner) => resolveIn(place, inner));
      case 'Fn::GetAtt':
        return attribute(place, argument as [string, string], (inner) => resolveIn(place, inner));
      case 'Fn::Join':
        return (argument[1] as unknown[]).map((part) => resolveIn(place, part)).join(argument[0]);
      case 'Fn::ImportValue':
        return imported(places, resolveIn(place, argument), resolveIn);
      default:
        throw new Error(`test/support/intrinsics.ts can't resolve ${JSON.stringify(value)}: teach it to.`);
    }
  };
  return (stackName, value) => {
    const place = places.find(({ name }) => name === stackName);
    if (!place) throw new Error(`There is no stack ${stackName}.`);
    return resolveIn(place, value);
  };
}

function imported(
  places: readonly Place[],
  name: string,
  resolveIn: (place: Place, value: unknown) => string,
): string {
  for (const place of places) {
    for (const output of Object.values(place.template.Outputs ?? {})) {
      if (output.Export && resolveIn(place, output.Export.Name) === name)
        return resolveIn(place, output.Value);
    }
  }
  throw new Error(`No stack exports ${name}.`);
}

function reference(place: Place, id: string, resolve: (value: unknown) => string): string {
  const pseudo: Record<string, string> = {
    'AWS::Region': place.region,
    'AWS::AccountId': place.account,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': place.name,
  };
  if (pseudo[id] !== undefined) return pseudo[id];
  // Of a secret it is the ARN, with an ending that the service makes up.
  if (place.template.Resources[id]?.Type === 'AWS::SecretsManager::Secret')
    return `arn:aws:secretsmanager:${place.region}:${place.account}:secret:{${id}}`;
  return nameOf(place, id, resolve);
}

function attribute(place: Place, [id, name]: [string, string], resolve: (value: unknown) => string): string {
  const arn = NAMED[place.template.Resources[id]?.Type ?? '']?.arn;
  if (name !== 'Arn' || !arn) return `{${id}.${name}}`;
  return `arn:aws:${arn(nameOf(place, id, resolve)).replace('@', `${place.region}:${place.account}`)}`;
}

function nameOf({ template }: Place, id: string, resolve: (value: unknown) => string): string {
  const resource = template.Resources[id];
  const property = NAMED[resource?.Type ?? '']?.property;
  const given = property === undefined ? undefined : resource?.Properties[property];
  return given === undefined ? `{${id}}` : resolve(given);
}
