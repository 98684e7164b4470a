/** What the conclude function needs to know. */
export interface ConcludeEnv {
  /** DynamoDB table of runs. */
  readonly CONTROL_TABLE: string;
  /** S3 bucket of runs' files. */
  readonly RUNS_BUCKET: string;
  /** S3 bucket of the audit. */
  readonly AUDIT_BUCKET: string;
}
