export interface ProjectEnv {
  readonly STATE_TABLE: string;
  readonly CONTROL_TABLE: string;
  readonly STREAM_NAME: string;
  readonly BUILD: string;
}
