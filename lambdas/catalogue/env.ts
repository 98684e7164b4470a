/** What the catalogue function needs to know. */
export interface CatalogueEnv {
  /** DynamoDB table of credentials. */
  readonly CONTROL_TABLE: string;
}
