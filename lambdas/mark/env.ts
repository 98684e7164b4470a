export interface MarkEnv {
  readonly STREAM_NAME: string;
  readonly BUILD: string;
}
