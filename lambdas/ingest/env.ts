/** What the ingest function needs to know. */
export interface IngestEnv {
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  /** DynamoDB table of credentials, fingerprints, the control item and activity. */
  readonly CONTROL_TABLE: string;
  /** Code version, written into envelopes and shown by /health. */
  readonly BUILD: string;
}
