/** What watch needs to know. */
export interface WatchEnv {
  /** DynamoDB table of activity, manifests, producers, and of what watch keeps. */
  readonly CONTROL_TABLE: string;
  /** Namespace of the deployment's metrics. */
  readonly METRICS_NAMESPACE: string;
  /** Each room's build, as a JSON object: it tells whether something else runs than before. */
  readonly BUILDS: string;
}
