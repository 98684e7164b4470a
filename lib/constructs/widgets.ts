import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { SloReading } from '../../lambdas/domain/error-budget.ts';
import type { WidgetsEnv } from '../../lambdas/widgets/env.ts';
import type { ArchiveBucket } from './archive-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import { allow } from './grants.ts';
import type { RepairQueue } from './repair-queue.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface WidgetsProps extends RoomProps {
  readonly log: EventLog;
  readonly state: DurableTable;
  readonly control: DurableTable;
  readonly bucket: ArchiveBucket;
  readonly repair: RepairQueue;
  /** The service levels whose error budgets are shown. */
  readonly slos: readonly SloReading[];
}

/**
 * Draws what operators look at: CloudWatch's custom widgets, and the local console's. It can only read. Dashboards invoke
 * it in the name of whoever looks, who needs `lambda:InvokeFunction` on it; nobody else is let in.
 */
export class Widgets extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: WidgetsProps) {
    super(scope, id);
    const { log, state, control, bucket, repair, slos } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'widgets',
      description:
        'Draws dashboards’ custom widgets: events, buckets, tenants, quarantine, runs, budgets, control',
      memorySize: 512,
      // Dashboards wait for half a minute at most.
      timeout: Duration.seconds(25),
      environment: {
        STATE_TABLE: state.table.tableName,
        CONTROL_TABLE: control.table.tableName,
        ARCHIVE_BUCKET: bucket.bucket.bucketName,
        STREAM_NAME: log.stream.streamName,
        REPAIR_QUEUE_URL: repair.queue.queueUrl,
        REPAIR_DEAD_QUEUE_URL: repair.deadLetters.queueUrl,
        SLOS: JSON.stringify(slos),
      } satisfies WidgetsEnv,
    });
    this.#grantReads(props);
  }

  #grantReads({ log, state, control, bucket, repair }: WidgetsProps): void {
    const { handler } = this;
    state.grant(handler, ['dynamodb:BatchGetItem', 'dynamodb:Query']);
    control.grant(handler, ['dynamodb:GetItem'], ['CONTROL', 'RUNS', 'MANIFEST#*']);
    const queried = [
      'MANIFESTS',
      'MANIFEST#*',
      'PROGRESS#project',
      'QUARANTINE#*',
      'TENANTS',
      'RUNS',
      'ACTIVITY#*',
    ];
    control.grant(handler, ['dynamodb:Query'], queried);
    bucket.grantRead(handler);
    log.grantListShards(handler);
    log.grantRead(handler);
    repair.grantCount(handler);
    // It has no resources to name.
    allow(handler, ['cloudwatch:GetMetricData'], ['*']);
  }
}
