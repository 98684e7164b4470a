import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { UsageEnv } from '../../lambdas/usage/env.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import type { RepairQueue } from './repair-queue.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface UsageProps extends RoomProps {
  readonly log: EventLog;
  readonly state: DurableTable;
  readonly control: DurableTable;
  readonly repair: RepairQueue;
}

/** Answers what has been used, and how far the projector has come. */
export class Usage extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: UsageProps) {
    super(scope, id);
    const { log, state, control, repair } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'usage',
      description: 'GET /v1/usage: reads buckets and says how far the projector has come',
      memorySize: 512,
      timeout: Duration.seconds(25),
      environment: {
        STATE_TABLE: state.table.tableName,
        CONTROL_TABLE: control.table.tableName,
        STREAM_NAME: log.stream.streamName,
        REPAIR_QUEUE_URL: repair.queue.queueUrl,
        REPAIR_DEAD_QUEUE_URL: repair.deadLetters.queueUrl,
      } satisfies UsageEnv,
    });
    state.grant(this.handler, ['dynamodb:Query']);
    control.grant(this.handler, ['dynamodb:GetItem'], ['KEY#*', 'PROBE']);
    control.grant(this.handler, ['dynamodb:Query'], ['PROGRESS#project']);
    log.grantListShards(this.handler);
    repair.grantCount(this.handler);
  }
}
