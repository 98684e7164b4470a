/** What the room is told by its environment. */
export interface IngestEnv {
  readonly STREAM_NAME: string;
  readonly CONTROL_TABLE: string;
  /** Code version, written into every envelope. */
  readonly BUILD: string;
}
