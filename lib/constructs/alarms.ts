import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  type AlarmBase as CdkAlarm,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarmRule,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import {
  type AlarmBase,
  type AlarmSpec,
  type CompositeAlarm as CompositeSpec,
  type MetricAlarm,
  type Missing,
  type Rule,
  runbookOf,
} from '../observability/alarm.ts';
import { inOrder } from '../observability/catalogue.ts';
import type { AlarmTopics } from './alarm-topics.ts';
import { metricMath } from './catalogue-metric.ts';

/** What alarms of a deployment have in common. */
export interface AlarmNaming {
  /** Begins the alarms' names. */
  readonly name: string;
  /** Where the runbook is read. @default - `docs/runbook.md` */
  readonly runbookUrl?: string;
}

export interface AlarmsProps extends AlarmNaming {
  readonly catalogue: readonly AlarmSpec[];
  readonly topics: AlarmTopics;
}

const OPERATORS = {
  '>': ComparisonOperator.GREATER_THAN_THRESHOLD,
  '>=': ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  '<': ComparisonOperator.LESS_THAN_THRESHOLD,
} as const;

const TREATMENTS: Readonly<Record<Missing, TreatMissingData>> = {
  breaching: TreatMissingData.BREACHING,
  notBreaching: TreatMissingData.NOT_BREACHING,
  ignore: TreatMissingData.IGNORE,
  missing: TreatMissingData.MISSING,
};

/** The alarms of a catalogue. */
export class Alarms extends Construct {
  readonly #made = new Map<string, CdkAlarm>();
  readonly #props: AlarmsProps;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#props = props;
    const { metric, composite } = inOrder(props.catalogue);
    for (const spec of metric) this.#add(spec, metricAlarm(this, props, spec));
    for (const spec of composite) this.#add(spec, this.#compositeAlarm(spec));
  }

  /** Those that page, or those that make tickets. */
  speaking(severity: 'page' | 'ticket'): CdkAlarm[] {
    const { catalogue } = this.#props;
    return catalogue.filter((spec) => spec.severity === severity).map(({ id }) => this.#made.get(id)!);
  }

  #add({ id, severity }: AlarmSpec, alarm: CdkAlarm): void {
    if (severity !== 'part') alarm.addAlarmAction(new SnsAction(this.#props.topics[severity]));
    this.#made.set(id, alarm);
  }

  #compositeAlarm(spec: CompositeSpec): CompositeAlarm {
    const { id, rule, quiet } = spec;
    return new CompositeAlarm(this, id, {
      compositeAlarmName: `${this.#props.name}-${id}`,
      alarmDescription: describe(spec, this.#props),
      alarmRule: this.#rule(rule),
      ...(quiet && {
        actionsSuppressor: this.#made.get(quiet.while)!,
        actionsSuppressorWaitPeriod: Duration.seconds(quiet.waitSeconds),
        actionsSuppressorExtensionPeriod: Duration.seconds(quiet.extensionSeconds),
      }),
    });
  }

  #rule(rule: Rule): IAlarmRule {
    if (typeof rule === 'string') return AlarmRule.fromAlarm(this.#made.get(rule)!, AlarmState.ALARM);
    if ('all' in rule) return AlarmRule.allOf(...rule.all.map((part) => this.#rule(part)));
    return AlarmRule.anyOf(...rule.any.map((part) => this.#rule(part)));
  }
}

/** An alarm of the catalogue, called after the deployment and its id. */
export function metricAlarm(scope: Construct, naming: AlarmNaming, spec: MetricAlarm): Alarm {
  const { name } = naming;
  const { id, readings, expression, periodSeconds, datapoints, breaches, threshold, missing } = spec;
  const percentile = Object.values(readings).some(([, stat]) => /^p\d/.test(stat));
  return new Alarm(scope, id, {
    alarmName: `${name}-${id}`,
    alarmDescription: describe(spec, naming),
    metric: metricMath(name, readings, expression, periodSeconds),
    datapointsToAlarm: datapoints[0],
    evaluationPeriods: datapoints[1],
    comparisonOperator: OPERATORS[breaches],
    threshold,
    treatMissingData: TREATMENTS[missing[0]],
    // Of few samples, a percentile is one of them.
    ...(percentile && { evaluateLowSampleCountPercentile: 'ignore' }),
  });
}

/** What the message of an alarm says: it may be read on a phone, at night, by somebody who has not seen it before. */
function describe(spec: AlarmBase, naming: AlarmNaming): string {
  const { severity, owner, impact, failures } = spec;
  return [
    impact,
    `Runbook: ${linkTo(runbookOf(spec), naming)}`,
    `Severity: ${severity}. Owner: ${owner}.${failures.length > 0 ? ` Failures: ${failures.join(', ')}.` : ''}`,
  ].join('\n');
}

/** A heading of the runbook. */
export const linkTo = (heading: string, { runbookUrl = 'docs/runbook.md' }: AlarmNaming): string =>
  `${runbookUrl}#${heading}`;
