import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { ArchiveBucket } from '../constructs/archive-bucket.ts';
import { AuditBucket } from '../constructs/audit-bucket.ts';
import { DeliveriesTable } from '../constructs/deliveries-table.ts';
import { DurableTable } from '../constructs/durable-table.ts';
import { EncryptionKeys } from '../constructs/encryption-keys.ts';
import { EventLog } from '../constructs/event-log.ts';
import { RepairQueue } from '../constructs/repair-queue.ts';
import { RunsBucket } from '../constructs/runs-bucket.ts';
import { WebhookQueue } from '../constructs/webhook-queue.ts';
import { WebhookSecrets } from '../constructs/webhook-secrets.ts';

export interface DataStackProps extends StackProps {
  readonly config: WeirConfig;
}

/** Everything that can't be made again: keys, log, state, archive, audit, and what waits: for repair, or to be normalised. */
export class DataStack extends Stack {
  readonly keys: EncryptionKeys;
  readonly log: EventLog;
  readonly state: DurableTable;
  readonly control: DurableTable;
  readonly archive: ArchiveBucket;
  readonly runs: RunsBucket;
  readonly audit: AuditBucket;
  readonly repair: RepairQueue;
  readonly webhooks: WebhookQueue;
  readonly webhookSecrets: WebhookSecrets;
  readonly deliveries: DeliveriesTable;

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
    this.control = new DurableTable(this, 'Control', {
      ...shared,
      tableName: `${config.name}-control`,
      timeToLiveAttribute: 'ttl',
    });
    this.archive = new ArchiveBucket(this, 'Archive', shared);
    const logged = { ...shared, accessLogs: this.archive.accessLogs };
    this.runs = new RunsBucket(this, 'Runs', logged);
    this.audit = new AuditBucket(this, 'Audit', logged);
    this.repair = new RepairQueue(this, 'Repair', shared);
    this.webhooks = new WebhookQueue(this, 'Webhooks', shared);
    this.webhookSecrets = new WebhookSecrets(this, 'WebhookSecrets', shared);
    this.deliveries = new DeliveriesTable(this, 'Deliveries', shared);
    this.#addOutputs();
    this.#keepExports();
  }

  #addOutputs(): void {
    new CfnOutput(this, 'StateTable', { value: this.state.table.tableName });
    new CfnOutput(this, 'ControlTable', { value: this.control.table.tableName });
    new CfnOutput(this, 'Stream', { value: this.log.stream.streamName });
    new CfnOutput(this, 'ArchiveBucket', { value: this.archive.bucket.bucketName });
    new CfnOutput(this, 'RunsBucket', { value: this.runs.bucket.bucketName });
    new CfnOutput(this, 'AuditBucket', { value: this.audit.bucket.bucketName });
    new CfnOutput(this, 'RepairDeadQueueUrl', { value: this.repair.deadLetters.queueUrl });
    new CfnOutput(this, 'DeliveriesTable', { value: this.deliveries.table.tableName });
    new CfnOutput(this, 'WebhookQueueUrl', { value: this.webhooks.queue.queueUrl });
    new CfnOutput(this, 'WebhookDeadLettersUrl', { value: this.webhooks.deadLetters.queueUrl });
    new CfnOutput(this, 'WebhookSecretPrefix', { value: this.webhookSecrets.prefix });
    new CfnOutput(this, 'DataKey', { value: this.keys.data.keyArn });
  }

  /**
   * Exports whatever other stacks use or used, always: an export that vanished with its last user could not be deployed,
   * as this stack goes first and CloudFormation would still see the user.
   */
  #keepExports(): void {
    const { keys, log, state, control, archive, runs, audit, repair, webhooks, deliveries } = this;
    for (const { table } of [state, control, deliveries]) {
      this.exportValue(table.tableName);
      this.exportValue(table.tableArn);
    }
    this.exportValue(log.stream.streamName);
    this.exportValue(log.stream.streamArn);
    for (const { bucket } of [archive, runs, audit]) {
      this.exportValue(bucket.bucketName);
      this.exportValue(bucket.bucketArn);
    }
    for (const queue of [repair.queue, repair.deadLetters, webhooks.queue, webhooks.deadLetters]) {
      this.exportValue(queue.queueArn);
      this.exportValue(queue.queueUrl);
    }
    this.exportValue(keys.data.keyArn);
    this.exportValue(keys.logs.keyArn);
  }
}
