/** What the fold function needs to know. */
export interface FoldEnv {
  /** DynamoDB table of buckets. */
  readonly STATE_TABLE: string;
  /** DynamoDB table of runs and manifests. */
  readonly CONTROL_TABLE: string;
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  readonly ARCHIVE_BUCKET: string;
  /** S3 bucket of runs' files. */
  readonly RUNS_BUCKET: string;
  /** Code version, written into marks. */
  readonly BUILD: string;
}
