/** A metric as CloudWatch knows it. */
export interface MetricSpec {
  /** Of ours `Weir/{name}`, so that what two deployments of an account count is not mixed. */
  readonly namespace: string;
  readonly name: string;
  /** `{name}` stands for the deployment's name. Few values, and ours: each combination is a metric that is paid for. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds' | 'Bytes';
  readonly meaning: string;
  /** Room, AWS service or person that writes it. */
  readonly emittedBy: string;
  /** Nothing writes it yet: what needs it is in the catalogue, and deployed from the day that this goes. */
  readonly planned?: true;
}

/** Namespace of the metrics that our functions write. `{name}` stands for the deployment's name. */
export const OURS = 'Weir/{name}';

/** Statistics that alarms and dashboards use. `PR(:300)` is the share in percent of values up to 300. */
export type Stat = 'Sum' | 'Maximum' | 'Minimum' | 'SampleCount' | `p${number}` | `PR(:${number})`;

type Options = Pick<MetricSpec, 'planned'> & {
  readonly outcome?: string;
  readonly unit?: MetricSpec['unit'];
};

/** One of ours: written by Powertools as EMF, with `service` and, where given, `outcome` as its only dimensions. */
export function ours(service: string, name: string, meaning: string, options: Options = {}): MetricSpec {
  const { outcome, unit = 'Count', planned } = options;
  return {
    namespace: OURS,
    name,
    dimensions: { service, ...(outcome !== undefined && { outcome }) },
    unit,
    meaning,
    emittedBy: service,
    ...(planned && { planned }),
  };
}

/** One that AWS writes. */
export function theirs(
  service: 'ApiGateway' | 'DynamoDB' | 'Kinesis' | 'Lambda' | 'SQS',
  name: string,
  dimensions: MetricSpec['dimensions'],
  meaning: string,
  unit: MetricSpec['unit'] = 'Count',
): MetricSpec {
  const namespace = `AWS/${service}`;
  return { namespace, name, dimensions, unit, meaning, emittedBy: namespace };
}

/** A metric as CloudWatch has it of the deployment of that name. */
export function inDeployment(
  { namespace, name, dimensions }: MetricSpec,
  deployment: string,
): Pick<MetricSpec, 'namespace' | 'name' | 'dimensions'> {
  const fill = (text: string) => text.replace('{name}', deployment);
  return {
    namespace: fill(namespace),
    name,
    dimensions: Object.fromEntries(
      Object.entries(dimensions).map(([dimension, value]) => [dimension, fill(value)]),
    ),
  };
}
