/**
 * Resource types that LocalStack's edition does not know and therefore only pretends to make, and why that is all right.
 * What they hold is asserted on the template instead.
 */
export const PRETENDED: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Dashboard': 'for people to look at; nothing of Weir reads it',
  'AWS::Logs::QueryDefinition':
    'for people to ask with; what they ask for is tried on the lines of the rooms',
  'AWS::Logs::MetricFilter':
    'metrics are written in embedded metric format, which the executor turns into metrics',
  'AWS::Lambda::CodeSigningConfig': 'refuses foreign code at deployment on a real account only',
  'AWS::ApplicationAutoScaling::ScalableTarget': 'capacity is not limited locally',
  'AWS::ApplicationAutoScaling::ScalingPolicy': 'capacity is not limited locally',
  'AWS::CDK::Metadata': 'says only which version of CDK made the template',
};

/** The types among these that no reason is known for: whatever needs one of them does not work locally. */
export const unexpectedlyPretended = (types: readonly string[]): string[] =>
  types.filter((type) => !(type in PRETENDED));

/** LocalStack says this of a resource that it reports as made, without having made anything. */
const PRETENDED_LINE = /Deployment of resource type (\S+) succeeded, but will fail in upcoming/g;

/** The types of resources that were only pretended, from LocalStack's log; each once. */
export const pretendedIn = (log: string): string[] =>
  [...new Set([...log.matchAll(PRETENDED_LINE)].map((match) => match[1] as string))].sort();
