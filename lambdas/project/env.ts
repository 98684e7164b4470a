/** What the room is told by its environment. */
export interface ProjectEnv {
  readonly STATE_TABLE: string;
  readonly CONTROL_TABLE: string;
  readonly STREAM_NAME: string;
  /** Code version, written into every envelope. */
  readonly BUILD: string;
}
