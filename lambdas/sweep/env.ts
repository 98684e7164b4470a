/** What the sweep function needs to know. */
export interface SweepEnv {
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  /** DynamoDB table of fingerprints. */
  readonly CONTROL_TABLE: string;
  /** SQS queue of deliveries that could not be normalised. */
  readonly DEAD_LETTER_QUEUE_URL: string;
  /** Seconds that a delivery may wait there for whoever mends what failed. */
  readonly SWEEP_AFTER_SECONDS: string;
  /** Code version, written into envelopes. */
  readonly BUILD: string;
}
