import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { recoveryExamples } from '../config/recovery-examples.ts';
import { Anchor } from '../constructs/anchor.ts';
import { Conclude } from '../constructs/conclude.ts';
import { Fold } from '../constructs/fold.ts';
import { Plan } from '../constructs/plan.ts';
import { Recover } from '../constructs/recover.ts';
import { RecoveryMachine } from '../constructs/recovery-machine.ts';
import { Repair } from '../constructs/repair.ts';
import { Resend } from '../constructs/resend.ts';
import type { RoomAssets } from '../constructs/room-assets.ts';
import { Scan } from '../constructs/scan.ts';
import { Schedules } from '../constructs/schedules.ts';
import { TestEvents } from '../constructs/test-events.ts';
import type { DataStack } from './data.ts';

export interface RecoveryStackProps extends StackProps {
  readonly config: WeirConfig;
  readonly assets: RoomAssets;
  readonly data: DataStack;
}

/** The way back: runs that operators start, and what watches and heals by itself. It holds no data. */
export class RecoveryStack extends Stack {
  readonly recover: Recover;
  readonly machine: RecoveryMachine;
  readonly repair: Repair;
  readonly anchor: Anchor;

  constructor(scope: Construct, id: string, props: RecoveryStackProps) {
    super(scope, id, props);
    const { config, assets, data } = props;
    const { log, state, control, repair, runs, audit, archive: bucket, webhooks } = data;
    const room = { config, assets, logKey: data.keys.logs };
    const plan = new Plan(this, 'Plan', { ...room, log, control, bucket, runs, audit, repair });
    const scan = new Scan(this, 'Scan', { ...room, state, control, bucket, runs });
    const fold = new Fold(this, 'Fold', { ...room, log, state, control, bucket, runs });
    const resend = new Resend(this, 'Resend', { ...room, log, control, bucket, runs, webhooks });
    const conclude = new Conclude(this, 'Conclude', { ...room, control, runs, audit });
    this.machine = new RecoveryMachine(this, 'Machine', {
      ...room,
      runs,
      rooms: {
        plan: plan.handler,
        scan: scan.handler,
        fold: fold.handler,
        resend: resend.handler,
        conclude: conclude.handler,
      },
    });
    this.recover = new Recover(this, 'Recover', { ...room, control, audit, machine: this.machine });
    this.repair = new Repair(this, 'Repair', { ...room, log, control, bucket, audit, repair });
    this.anchor = new Anchor(this, 'Anchor', { ...room, control, audit });
    new Schedules(this, 'Schedules', { config, handler: this.recover.handler });
    new TestEvents(this, 'TestEvents', {
      config,
      handler: this.recover.handler,
      examples: recoveryExamples,
    });
    new CfnOutput(this, 'RecoverFunction', { value: this.recover.handler.function.functionName });
    new CfnOutput(this, 'RecoveryStateMachine', { value: this.machine.machine.stateMachineArn });
    new CfnOutput(this, 'AnchorFunction', { value: this.anchor.handler.function.functionName });
  }
}
