/** What the repair function needs to know. */
export interface RepairEnv {
  /** DynamoDB table of manifests, repairs and the projector's progress. */
  readonly CONTROL_TABLE: string;
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  readonly ARCHIVE_BUCKET: string;
  /** S3 bucket of the audit. */
  readonly AUDIT_BUCKET: string;
  /** SQS queue of what could not be repaired. */
  readonly REPAIR_DEAD_QUEUE_URL: string;
  /** Code version, written into envelopes. */
  readonly BUILD: string;
}
