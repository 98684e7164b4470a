/** What the usage function needs to know. */
export interface UsageEnv {
  /** DynamoDB table of buckets. */
  readonly STATE_TABLE: string;
  /** DynamoDB table of credentials and of the projector's progress. */
  readonly CONTROL_TABLE: string;
  /** Kinesis stream: the log. */
  readonly STREAM_NAME: string;
  /** SQS queue of what the projector gave up. */
  readonly REPAIR_QUEUE_URL: string;
  /** SQS queue of what could not be repaired. */
  readonly REPAIR_DEAD_QUEUE_URL: string;
}
