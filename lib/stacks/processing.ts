import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { Archive } from '../constructs/archive.ts';
import { Mark } from '../constructs/mark.ts';
import { Normalise } from '../constructs/normalise.ts';
import { Project } from '../constructs/project.ts';
import { releaseOf } from '../constructs/release.ts';
import type { RoomAssets } from '../constructs/room-assets.ts';
import { Sweep } from '../constructs/sweep.ts';
import type { DataStack } from './data.ts';

export interface ProcessingStackProps extends StackProps {
  readonly config: WeirConfig;
  readonly assets: RoomAssets;
  readonly data: DataStack;
}

/** The consumers of queue and log, and the marks by which they know how far they have come. It holds no data. */
export class ProcessingStack extends Stack {
  readonly project: Project;
  readonly archive: Archive;
  readonly mark: Mark;
  readonly normalise: Normalise;
  readonly sweep: Sweep;

  constructor(scope: Construct, id: string, props: ProcessingStackProps) {
    super(scope, id, props);
    const { config, assets, data } = props;
    const { log, state, control, repair, archive: bucket, webhooks, deliveries } = data;
    const room = { config, assets, logKey: data.keys.logs };
    const release = releaseOf(this, config, 'processing');
    const released = { ...room, ...(release && { release }) };
    this.project = new Project(this, 'Project', { ...released, log, state, control, repair });
    this.archive = new Archive(this, 'Archive', { ...released, log, control, bucket });
    this.mark = new Mark(this, 'Mark', { ...room, log });
    this.normalise = new Normalise(this, 'Normalise', {
      ...released,
      ...{ log, control, deliveries, webhooks, bucket },
    });
    this.sweep = new Sweep(this, 'Sweep', { ...room, log, control, webhooks });
    // What writes a new kind of event goes live after what reads it.
    if (release)
      this.normalise.handler.live.node.addDependency(this.project.handler.live, this.archive.handler.live);
    new CfnOutput(this, 'RepairQueueUrl', { value: repair.queue.queueUrl });
    for (const [key, { handler }] of Object.entries({
      ProjectFunction: this.project,
      ArchiveFunction: this.archive,
      MarkFunction: this.mark,
      SweepFunction: this.sweep,
    })) {
      new CfnOutput(this, key, { value: handler.function.functionName });
    }
  }
}
