/** What the guard function needs to know. */
export interface GuardEnv {
  /** DynamoDB table of the control item, activity, producers and the projector's progress. */
  readonly CONTROL_TABLE: string;
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  /** S3 bucket of the audit. */
  readonly AUDIT_BUCKET: string;
  /** JSON list: names of the alarms that it listens to. */
  readonly GUARDING_ALARMS: string;
  /** JSON of {@link GuardSettings}. */
  readonly SETTINGS: string;
  /** JSON object: events a second that a producer may send, by tier. `standard` is for whom no tier is known. */
  readonly BUDGETS: string;
}
