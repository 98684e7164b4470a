/** What the room is told by its environment. */
export interface CatalogueEnv {
  readonly CONTROL_TABLE: string;
}
