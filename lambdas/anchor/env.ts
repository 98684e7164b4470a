/** What the anchor function needs to know. */
export interface AnchorEnv {
  /** DynamoDB table of manifests. */
  readonly CONTROL_TABLE: string;
  /** S3 bucket of anchors. */
  readonly AUDIT_BUCKET: string;
}
