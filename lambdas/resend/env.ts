/** What the resend function needs to know. */
export interface ResendEnv {
  /** DynamoDB table of runs, manifests and the projector's progress. */
  readonly CONTROL_TABLE: string;
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  readonly ARCHIVE_BUCKET: string;
  /** S3 bucket of runs' files. */
  readonly RUNS_BUCKET: string;
  /** SQS queue of deliveries, to which dead letters go back. */
  readonly WEBHOOK_QUEUE_URL: string;
  readonly WEBHOOK_DEAD_LETTERS_ARN: string;
  /** Functions that may work on a run at once: they share its rate. */
  readonly CONCURRENCY: string;
  /** Code version, written into envelopes. */
  readonly BUILD: string;
}
