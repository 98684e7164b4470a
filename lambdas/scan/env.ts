/** What the scan function needs to know. */
export interface ScanEnv {
  /** DynamoDB table of buckets. */
  readonly STATE_TABLE: string;
  /** DynamoDB table of runs and manifests. */
  readonly CONTROL_TABLE: string;
  readonly ARCHIVE_BUCKET: string;
  /** S3 bucket of runs' files. */
  readonly RUNS_BUCKET: string;
  /** Days after which an archive object expires; `Infinity` where it never does. */
  readonly RETENTION_DAYS: string;
}
