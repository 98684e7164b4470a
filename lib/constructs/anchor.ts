import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { AnchorEnv } from '../../lambdas/anchor/env.ts';
import type { AuditBucket } from './audit-bucket.ts';
import type { DurableTable } from './durable-table.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface AnchorProps extends RoomProps {
  readonly control: DurableTable;
  readonly audit: AuditBucket;
}

/** Each day writes down, where nobody can change it, where every shard's chain ends. */
export class Anchor extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: AnchorProps) {
    super(scope, id);
    const { config, control, audit } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'anchor',
      description: "Writes down where the archive's chains end, each day, under Object Lock",
      timeout: Duration.minutes(5),
      environment: {
        CONTROL_TABLE: control.table.tableName,
        AUDIT_BUCKET: audit.bucket.bucketName,
      } satisfies AnchorEnv,
    });
    control.grant(this.handler, ['dynamodb:Query'], ['MANIFESTS']);
    control.grant(this.handler, ['dynamodb:GetItem'], ['MANIFEST#*']);
    audit.grantAppend(this.handler, 'anchors');
    new Rule(this, 'EachDay', {
      ruleName: `${config.name}-anchor`,
      description: "Anchors the archive's chains, so that nobody can write them anew unseen",
      schedule: Schedule.cron({ minute: '5', hour: '0' }),
      targets: [
        new LambdaFunction(this.handler.function, { retryAttempts: 2, maxEventAge: Duration.hours(6) }),
      ],
    });
  }
}
