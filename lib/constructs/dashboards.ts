import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  CustomWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryWidget,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Curve, DashboardSpec, Widget } from '../observability/dashboard.ts';
import { isPlanned } from '../observability/metrics.ts';
import { logGroupsOf } from '../observability/queries.ts';
import type { Alarms } from './alarms.ts';
import { metricMath } from './catalogue-metric.ts';

export interface DashboardsProps {
  /** Begins the dashboards' names. */
  readonly name: string;
  readonly dashboards: readonly DashboardSpec[];
  readonly alarms: Alarms;
  /** Draws custom widgets. @default - there are none */
  readonly widgets?: IFunction;
  /** Also curves of what nothing writes yet. @default false */
  readonly planned?: boolean;
}

/** Columns of a dashboard. */
const WIDTH = 24;

/** The dashboards of the catalogue: CloudWatch's first three, of up to 50 metrics each, are free. */
export class Dashboards extends Construct {
  readonly #props: DashboardsProps;

  constructor(scope: Construct, id: string, props: DashboardsProps) {
    super(scope, id);
    this.#props = props;
    for (const spec of props.dashboards) this.#addDashboard(spec);
  }

  #addDashboard({ id, purpose, rows }: DashboardSpec): void {
    const widgets = rows.map((row) => row.flatMap((widget) => this.#widget(widget, WIDTH / row.length)));
    new Dashboard(this, id, {
      dashboardName: `${this.#props.name}-${id}`,
      defaultInterval: Duration.hours(id === 'executive' ? 24 * 30 : 3),
      widgets: [
        [new TextWidget({ markdown: `# ${purpose}`, width: WIDTH, height: 1 })],
        ...widgets.filter((row) => row.length > 0),
      ],
    });
  }

  #widget(widget: Widget, width: number): readonly IWidget[] {
    const { name } = this.#props;
    switch (widget.kind) {
      case 'text': {
        const height = 1 + widget.markdown.split('\n').length;
        return [new TextWidget({ markdown: widget.markdown, width, height })];
      }
      case 'alarms':
        return [
          new AlarmStatusWidget({ title: widget.title, width, height: 4, alarms: this.#alarms(widget) }),
        ];
      case 'custom': {
        const { title, params, height } = widget;
        const { widgets } = this.#props;
        if (!widgets) return [];
        return [new CustomWidget({ title, functionArn: widgets.functionArn, params, width, height })];
      }
      case 'logs': {
        const { question: title, query } = widget.query;
        const logGroupNames = [...logGroupsOf(name, widget.query)];
        return [new LogQueryWidget({ title, width, height: 6, logGroupNames, queryLines: [...query] })];
      }
      case 'graph': {
        const left = this.#curves(widget.curves, widget.periodSeconds);
        return left.length === 0 ? [] : [new GraphWidget({ title: widget.title, width, height: 6, left })];
      }
      case 'number': {
        const metrics = this.#curves(widget.curves, widget.periodSeconds);
        if (metrics.length === 0) return [];
        return [new SingleValueWidget({ title: widget.title, width, height: 4, metrics })];
      }
    }
  }

  #curves(curves: readonly Curve[], periodSeconds: number): IMetric[] {
    const { name, planned = false } = this.#props;
    return curves
      .filter(({ readings }) => planned || Object.values(readings).every(([metric]) => !isPlanned(metric)))
      .map((curve, index) => {
        const { label, readings, expression } = withOwnNames(curve, index);
        return metricMath(name, readings, expression, periodSeconds, label);
      });
  }

  #alarms({ severity }: { readonly severity: 'page' | 'ticket' }) {
    return this.#props.alarms.speaking(severity);
  }
}

/** Within a widget, each name stands for one metric. */
function withOwnNames({ label, readings, expression }: Curve, index: number): Curve {
  if (expression === undefined) return { label, readings };
  const own = (text: string) =>
    text.replace(/\b[a-z]\w*\b/g, (word) => (word in readings ? `${word}${index}` : word));
  return {
    label,
    readings: Object.fromEntries(Object.entries(readings).map(([key, reading]) => [own(key), reading])),
    expression: own(expression),
  };
}
