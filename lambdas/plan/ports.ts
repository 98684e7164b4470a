import type { Contracts } from '../domain/contract.ts';
import type { Anchors } from '../domain/recovery/anchors.ts';
import type {
  ArchiveReader,
  ManifestReader,
  ProjectorPasses,
  RunFiles,
  Runs,
  Tenants,
} from '../domain/recovery/ports.ts';
import type { ProjectorProgress } from '../domain/usage-reader.ts';
import type { MarkPorts } from '../platform/put-marks.ts';

export interface PlanPorts extends MarkPorts {
  readonly contracts: Contracts;
  readonly runs: Runs;
  readonly files: RunFiles;
  readonly manifest: ManifestReader;
  readonly archive: ArchiveReader;
  readonly anchors: Anchors;
  readonly tenants: Tenants;
  readonly projector: ProjectorPasses;
  readonly repairs: Pick<ProjectorProgress, 'pendingRepairs'>;
  readonly settings: PlanSettings;
}

export interface PlanSettings {
  /** Workers at once. */
  readonly concurrency: number;
  /** Age at which an archive object may be in Deep Archive. */
  readonly deepAfterDays: number;
  /** Age at which an archive object expires. @default - never */
  readonly retentionDays?: number;
}
