import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { SweepEnv } from '../../lambdas/sweep/env.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import type { WebhookQueue } from './webhook-queue.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface SweepProps extends RoomProps {
  readonly log: EventLog;
  readonly control: DurableTable;
  readonly webhooks: WebhookQueue;
}

const EVERY = Duration.minutes(15);
/** Time for whoever mends what failed to send dead letters back; SQS would forget them after 14 days. */
const SWEEP_AFTER = Duration.hours(12);

/** Moves dead letters into quarantine before SQS forgets them. */
export class Sweep extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: SweepProps) {
    super(scope, id);
    const { config, log, control, webhooks } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'sweep',
      description: 'Moves webhooks that could not be normalised into quarantine',
      timeout: Duration.minutes(2),
      environment: {
        STREAM_NAME: log.stream.streamName,
        CONTROL_TABLE: control.table.tableName,
        DEAD_LETTER_QUEUE_URL: webhooks.deadLetters.queueUrl,
        SWEEP_AFTER_SECONDS: String(SWEEP_AFTER.toSeconds()),
        BUILD: props.assets.build('sweep'),
      } satisfies SweepEnv,
    });
    log.grantPublish(this.handler);
    control.grant(this.handler, ['dynamodb:UpdateItem'], ['FINGERPRINTS#*']);
    webhooks.grantSweep(this.handler);
    new Rule(this, 'EachQuarter', {
      ruleName: `${config.name}-sweep`,
      description: 'Moves webhooks that could not be normalised into quarantine',
      schedule: Schedule.rate(EVERY),
      // The next sweep takes what this one leaves.
      targets: [new LambdaFunction(this.handler.function, { retryAttempts: 0, maxEventAge: EVERY })],
    });
  }
}
