/** What the receive function needs to know. */
export interface ReceiveEnv {
  /** DynamoDB table of webhook endpoints. */
  readonly CONTROL_TABLE: string;
  /** SQS queue of verified deliveries. */
  readonly WEBHOOK_QUEUE_URL: string;
  /** S3 bucket of bodies too large for the queue. */
  readonly BODY_BUCKET: string;
}
