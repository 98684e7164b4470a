import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { intrinsics, type Template } from '../intrinsics.ts';
import { type AlarmRule, nameOf, parseAlarmRule } from './alarm-rule.ts';
import type { Criterion, Treatment } from './evaluate-datapoints.ts';
import { type Evaluate, parseExpression } from './expression.ts';
import { type MetricKey, metricKey } from './metric-data.ts';
import type { Suppression } from './suppress-actions.ts';

interface Alarm {
  readonly name: string;
  readonly description: string;
  /** Names of the topics that hear of ALARM. */
  readonly topics: readonly string[];
}

export interface MetricAlarm extends Alarm {
  readonly kind: 'metric';
  readonly readings: Readonly<Record<string, { readonly metric: MetricKey; readonly stat: string }>>;
  readonly evaluate: Evaluate;
  readonly periodMinutes: number;
  readonly criterion: Criterion;
  readonly breaches: (value: number) => boolean;
  /** `EvaluateLowSampleCountPercentile: ignore` */
  readonly ignoresFewSamples: boolean;
}

export interface CompositeAlarm extends Alarm {
  readonly kind: 'composite';
  readonly rule: AlarmRule;
  readonly suppressor?: Suppression & { readonly name: string };
}

type Properties = Readonly<Record<string, unknown>>;
type Resolve = (value: unknown) => string;

/**
 * The alarms of a stack, composites after what they name.
 *
 * @param stack part of its name. @default - all stacks
 * @throws Error for what the simulator does not know
 */
export function readAlarms(assembly: CloudAssembly, stack = ''): readonly (MetricAlarm | CompositeAlarm)[] {
  const resolveIn = intrinsics(assembly);
  const metric: MetricAlarm[] = [];
  const composite: CompositeAlarm[] = [];
  for (const { stackName, template } of assembly.stacks) {
    if (!stackName.includes(stack)) continue;
    const resolve: Resolve = (value) => resolveIn(stackName, value);
    for (const { Type, Properties } of Object.values((template as Template).Resources)) {
      if (Type === 'AWS::CloudWatch::Alarm') metric.push(readMetricAlarm(Properties, resolve));
      if (Type === 'AWS::CloudWatch::CompositeAlarm') composite.push(readComposite(Properties, resolve));
    }
  }
  return [...metric, ...sorted(composite, new Set(metric.map(({ name }) => name)))];
}

const KNOWN = new Set([
  ...[
    'AlarmName',
    'AlarmDescription',
    'AlarmActions',
    'TreatMissingData',
    'EvaluateLowSampleCountPercentile',
  ],
  ...['ComparisonOperator', 'Threshold', 'DatapointsToAlarm', 'EvaluationPeriods', 'Period', 'Metrics'],
  ...['Namespace', 'MetricName', 'Dimensions', 'Statistic', 'ExtendedStatistic'],
  ...['AlarmRule', 'ActionsSuppressor', 'ActionsSuppressorWaitPeriod', 'ActionsSuppressorExtensionPeriod'],
]);

function readAlarm(properties: Properties, resolve: Resolve): Alarm {
  const unknown = Object.keys(properties).filter((key) => !KNOWN.has(key));
  const name = resolve(properties.AlarmName);
  if (unknown.length > 0) throw new Error(`${name} has ${unknown.join(', ')}: teach the simulator.`);
  const topics = ((properties.AlarmActions ?? []) as unknown[]).map(resolve);
  return { name, description: resolve(properties.AlarmDescription), topics };
}

interface MetricDataQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData: boolean;
  readonly MetricStat?: { readonly Metric: Properties; readonly Period: number; readonly Stat: string };
}

function readMetricAlarm(properties: Properties, resolve: Resolve): MetricAlarm {
  const alarm = readAlarm(properties, resolve);
  const { readings, evaluate, periods } = readData(properties);
  if (new Set(periods).size !== 1) throw new Error(`${alarm.name} has metrics of several periods.`);
  const n = properties.EvaluationPeriods as number;
  return {
    ...alarm,
    kind: 'metric',
    readings,
    evaluate,
    periodMinutes: periods[0]! / 60,
    criterion: {
      n,
      m: (properties.DatapointsToAlarm as number | undefined) ?? n,
      treatment: treatmentOf(properties, Object.values(readings)),
    },
    breaches: comparison(properties.ComparisonOperator as string, properties.Threshold as number),
    ignoresFewSamples: properties.EvaluateLowSampleCountPercentile === 'ignore',
  };
}

function readData(
  properties: Properties,
): Pick<MetricAlarm, 'readings' | 'evaluate'> & { periods: number[] } {
  if (!properties.Metrics) {
    const stat = (properties.Statistic ?? properties.ExtendedStatistic) as string;
    return {
      readings: { m: { metric: metricKey(properties), stat } },
      evaluate: ({ m }) => m!,
      periods: [properties.Period as number],
    };
  }
  const queries = properties.Metrics as readonly MetricDataQuery[];
  const returned = queries.filter(({ ReturnData }) => ReturnData);
  const [expression] = queries.filter((query) => query.Expression !== undefined);
  if (returned.length !== 1 || returned[0] !== expression) {
    throw new Error(`The simulator wants one expression, which is returned: ${JSON.stringify(queries)}.`);
  }
  const stats = queries.flatMap(({ Id, MetricStat }) => (MetricStat ? [{ Id, ...MetricStat }] : []));
  return {
    readings: Object.fromEntries(
      stats.map(({ Id, Metric, Stat }) => [Id, { metric: metricKey(Metric), stat: Stat }]),
    ),
    evaluate: parseExpression(expression!.Expression!),
    periods: stats.map(({ Period }) => Period),
  };
}

/** "Alarms that evaluate metrics in the AWS/DynamoDB namespace always ignore missing data". */
function treatmentOf(properties: Properties, readings: readonly { readonly metric: MetricKey }[]): Treatment {
  if (readings.some(({ metric }) => metric.startsWith('AWS/DynamoDB '))) return 'ignore';
  return (properties.TreatMissingData as Treatment | undefined) ?? 'missing';
}

function comparison(operator: string, threshold: number): (value: number) => boolean {
  switch (operator) {
    case 'GreaterThanThreshold':
      return (value) => value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return (value) => value >= threshold;
    case 'LessThanThreshold':
      return (value) => value < threshold;
    default:
      throw new Error(`The simulator knows no ${operator}: teach it to.`);
  }
}

function readComposite(properties: Properties, resolve: Resolve): CompositeAlarm {
  const suppressor = properties.ActionsSuppressor;
  return {
    ...readAlarm(properties, resolve),
    kind: 'composite',
    rule: parseAlarmRule(resolve(properties.AlarmRule)),
    ...(suppressor !== undefined && {
      suppressor: {
        name: nameOf(resolve(suppressor)),
        waitPeriod: properties.ActionsSuppressorWaitPeriod as number,
        extensionPeriod: properties.ActionsSuppressorExtensionPeriod as number,
      },
    }),
  };
}

function sorted(alarms: readonly CompositeAlarm[], known: ReadonlySet<string>): readonly CompositeAlarm[] {
  if (alarms.length === 0) return [];
  const needs = ({ rule, suppressor }: CompositeAlarm) => [
    ...rule.names,
    ...(suppressor ? [suppressor.name] : []),
  ];
  const ready = alarms.filter((alarm) => needs(alarm).every((name) => known.has(name)));
  if (ready.length === 0) {
    throw new Error(
      `In a circle, or naming what is not there: ${alarms.map(({ name }) => name).join(', ')}.`,
    );
  }
  const rest = alarms.filter((alarm) => !ready.includes(alarm));
  return [...ready, ...sorted(rest, new Set([...known, ...ready.map(({ name }) => name)]))];
}
