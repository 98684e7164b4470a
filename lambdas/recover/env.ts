/** What the recover function needs to know. */
export interface RecoverEnv {
  /** DynamoDB table of runs. */
  readonly CONTROL_TABLE: string;
  /** S3 bucket of the audit. */
  readonly AUDIT_BUCKET: string;
  /** The state machine that a run is an execution of. */
  readonly STATE_MACHINE_ARN: string;
}
