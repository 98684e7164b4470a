import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { ArchiveBucket } from '../constructs/archive-bucket.ts';
import { DurableTable } from '../constructs/durable-table.ts';
import { EncryptionKeys } from '../constructs/encryption-keys.ts';
import { EventLog } from '../constructs/event-log.ts';
import { RepairQueue } from '../constructs/repair-queue.ts';

export interface DataStackProps extends StackProps {
  readonly config: WeirConfig;
}

/** Everything that can't be made again: keys, log, state, archive, and what waits for repair. */
export class DataStack extends Stack {
  readonly keys: EncryptionKeys;
  readonly log: EventLog;
  readonly state: DurableTable;
  readonly control: DurableTable;
  readonly archive: ArchiveBucket;
  readonly repair: RepairQueue;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: props.config.keepData });
    const { config } = props;
    this.keys = new EncryptionKeys(this, 'Keys', { config });
    const shared = { config, key: this.keys.data };
    this.log = new EventLog(this, 'Log', shared);
    this.state = new DurableTable(this, 'State', {
      ...shared,
      tableName: `${config.name}-state`,
      index: 'touched',
    });
    this.control = new DurableTable(this, 'Control', { ...shared, tableName: `${config.name}-control` });
    this.archive = new ArchiveBucket(this, 'Archive', shared);
    this.repair = new RepairQueue(this, 'Repair', shared);
    this.#addOutputs();
    this.#keepExports();
  }

  #addOutputs(): void {
    new CfnOutput(this, 'StateTable', { value: this.state.table.tableName });
    new CfnOutput(this, 'ControlTable', { value: this.control.table.tableName });
    new CfnOutput(this, 'Stream', { value: this.log.stream.streamName });
    new CfnOutput(this, 'ArchiveBucket', { value: this.archive.bucket.bucketName });
  }

  /**
   * Exports whatever other stacks use or used, always: an export that vanished with its last user could not be deployed,
   * as this stack goes first and CloudFormation would still see the user.
   */
  #keepExports(): void {
    const { keys, log, state, control, archive, repair } = this;
    for (const { table } of [state, control]) {
      this.exportValue(table.tableName);
      this.exportValue(table.tableArn);
    }
    this.exportValue(log.stream.streamName);
    this.exportValue(log.stream.streamArn);
    this.exportValue(archive.bucket.bucketName);
    this.exportValue(archive.bucket.bucketArn);
    this.exportValue(repair.queue.queueArn);
    this.exportValue(repair.queue.queueUrl);
    this.exportValue(keys.data.keyArn);
    this.exportValue(keys.logs.keyArn);
  }
}
