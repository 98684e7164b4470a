/** What the room is told by its environment. */
export interface MarkEnv {
  readonly STREAM_NAME: string;
  /** Code version, written into every envelope. */
  readonly BUILD: string;
}
