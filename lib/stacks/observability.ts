import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { AlarmTopics } from '../constructs/alarm-topics.ts';
import { Alarms } from '../constructs/alarms.ts';
import { Dashboards } from '../constructs/dashboards.ts';
import { Guard } from '../constructs/guard.ts';
import { Probe } from '../constructs/probe.ts';
import { GATHER_SECONDS } from '../constructs/project.ts';
import type { RoomAssets } from '../constructs/room-assets.ts';
import { SavedQueries } from '../constructs/saved-queries.ts';
import { Watch } from '../constructs/watch.ts';
import { Widgets } from '../constructs/widgets.ts';
import { alarmCatalogue, guardingAlarms, workingAlarms } from '../observability/catalogue.ts';
import { withCustomWidgets } from '../observability/custom-widgets.ts';
import { dashboardsOf } from '../observability/dashboards.ts';
import { sloReadingsOf } from '../observability/slo-readings.ts';
import type { DataStack } from './data.ts';
import type { IngressStack } from './ingress.ts';

export interface ObservabilityStackProps extends StackProps {
  readonly config: WeirConfig;
  readonly assets: RoomAssets;
  readonly data: DataStack;
  readonly ingress: IngressStack;
  /** Also the alarms whose metrics nothing writes yet: for tests of the catalogue. @default false */
  readonly planned?: boolean;
}

/** Alarms, where they go, and dashboards, all from the catalogue. It watches the other stacks by the names of what is in them. */
export class ObservabilityStack extends Stack {
  readonly topics: AlarmTopics;
  readonly alarms: Alarms;
  readonly widgets: Widgets;
  readonly probe: Probe;
  readonly watch: Watch;
  readonly guard: Guard;

  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props);
    const { config, planned = false } = props;
    const { name } = config;
    const deployment = {
      retentionHours: config.streamRetentionHours,
      gatherSeconds: GATHER_SECONDS[config.freshness],
      writesPerEvent: config.costBudget.writesPerEvent,
    };
    const all = alarmCatalogue(deployment);
    this.topics = new AlarmTopics(this, 'Topics', { config });
    this.alarms = new Alarms(this, 'Alarms', {
      name,
      ...(config.runbookUrl !== undefined && { runbookUrl: config.runbookUrl }),
      catalogue: planned ? all : workingAlarms(all),
      topics: this.topics,
    });
    const { assets, data, ingress } = props;
    this.widgets = new Widgets(this, 'Widgets', {
      ...{ config, assets, logKey: data.keys.logs },
      ...{ log: data.log, state: data.state, control: data.control, bucket: data.archive },
      repair: data.repair,
      slos: sloReadingsOf(name, deployment),
    });
    this.probe = new Probe(this, 'Probe', {
      ...{ config, assets, logKey: data.keys.logs, dataKey: data.keys.data },
      ...{ api: ingress.publicApi, control: data.control },
    });
    this.guard = new Guard(this, 'Guard', {
      ...{ config, assets, logKey: data.keys.logs, log: data.log, control: data.control, audit: data.audit },
      alarms: guardingAlarms(workingAlarms(all)).map(({ id }) => `${name}-${id}`),
    });
    this.watch = new Watch(this, 'Watch', { config, assets, logKey: data.keys.logs, control: data.control });
    new Dashboards(this, 'Dashboards', {
      name,
      dashboards: withCustomWidgets(dashboardsOf(deployment)),
      alarms: this.alarms,
      widgets: this.widgets.handler.function,
      planned,
    });
    new SavedQueries(this, 'Queries', { name });
    new CfnOutput(this, 'PageTopic', { value: this.topics.page.topicArn });
    new CfnOutput(this, 'WidgetsFunction', { value: this.widgets.handler.function.functionName });
    new CfnOutput(this, 'GuardFunction', { value: this.guard.handler.function.functionName });
    new CfnOutput(this, 'ProbeFunction', { value: this.probe.handler.function.functionName });
    new CfnOutput(this, 'WatchFunction', { value: this.watch.handler.function.functionName });
    new CfnOutput(this, 'TicketTopic', { value: this.topics.ticket.topicArn });
  }
}
