/** What the probe needs to know. */
export interface ProbeEnv {
  /** Where senders reach the API, without a slash at the end. */
  readonly API_URL: string;
  /** Names the API on an endpoint of one's own, which has no host name for it. */
  readonly API_ID: string;
  /** ARN of the secret with the probe's key, without its `wp_`. */
  readonly KEY_SECRET: string;
  /** ARN of the secret with the client certificate that the API wants to see, or `none`. */
  readonly CERTIFICATE_SECRET: string;
  /** DynamoDB table, in which the probe makes its key known. */
  readonly CONTROL_TABLE: string;
  /** Seconds that the projector gathers records. */
  readonly GATHER_SECONDS: string;
}
