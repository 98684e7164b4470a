/** A metric as CloudWatch knows it. */
export interface MetricSpec {
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
    namespace: 'Weir',
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
