/** What the ingest function needs to know. */
export interface IngestEnv {
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  /** DynamoDB table of credentials and fingerprints. */
  readonly CONTROL_TABLE: string;
  /** Code version, written into envelopes and shown by /health. */
  readonly BUILD: string;
}
