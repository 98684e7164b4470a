/** What the plan function needs to know. */
export interface PlanEnv {
  /** DynamoDB table of runs, manifests and the projector's progress. */
  readonly CONTROL_TABLE: string;
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  readonly ARCHIVE_BUCKET: string;
  /** S3 bucket of runs' files. */
  readonly RUNS_BUCKET: string;
  /** S3 bucket of anchors. */
  readonly AUDIT_BUCKET: string;
  /** SQS queue of what the projector gave up. */
  readonly REPAIR_QUEUE_URL: string;
  /** Functions that may work on a run at once. */
  readonly CONCURRENCY: string;
  /** Days after which an archive object may be in Deep Archive. */
  readonly DEEP_AFTER_DAYS: string;
  /** Days after which an archive object expires; `Infinity` where it never does. */
  readonly RETENTION_DAYS: string;
  /** Code version, written into marks. */
  readonly BUILD: string;
}
