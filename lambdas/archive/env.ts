export interface ArchiveEnv {
  readonly CONTROL_TABLE: string;
  readonly ARCHIVE_BUCKET: string;
  readonly STREAM_NAME: string;
}
