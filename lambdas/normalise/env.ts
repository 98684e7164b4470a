/** What the normalise function needs to know. */
export interface NormaliseEnv {
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  /** DynamoDB table of webhook endpoints and fingerprints. */
  readonly CONTROL_TABLE: string;
  /** DynamoDB table of first receipts. */
  readonly DELIVERIES_TABLE: string;
  /** S3 bucket of bodies too large for the queue. */
  readonly BODY_BUCKET: string;
  /** Code version, written into envelopes. */
  readonly BUILD: string;
}
