/** What the room is told by its environment. */
export interface UsageEnv {
  readonly STATE_TABLE: string;
  readonly CONTROL_TABLE: string;
  readonly STREAM_NAME: string;
  readonly REPAIR_QUEUE_URL: string;
}
