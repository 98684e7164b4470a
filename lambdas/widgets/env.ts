/** What the widgets function needs to know. */
export interface WidgetsEnv {
  /** DynamoDB table of buckets. */
  readonly STATE_TABLE: string;
  /** DynamoDB table of manifests, progress, quarantine's samples, runs, activity, and what the control plane decided. */
  readonly CONTROL_TABLE: string;
  /** S3 bucket of the archive. */
  readonly ARCHIVE_BUCKET: string;
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  /** SQS queue of what the projector gave up. */
  readonly REPAIR_QUEUE_URL: string;
  /** SQS queue of what could not be repaired. */
  readonly REPAIR_DEAD_QUEUE_URL: string;
  /** JSON: the service levels whose error budgets are shown, as `lambdas/domain/read-slos.ts` reads them. */
  readonly SLOS: string;
}
