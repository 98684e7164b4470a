import type { Contracts } from '../domain/contract.ts';
import type { ArchiveReader, BucketStore, ManifestReader, RunFiles, Runs } from '../domain/recovery/ports.ts';
import type { Plan } from '../domain/recovery/run.ts';
import type { ShuffleLine } from '../domain/recovery/shuffle.ts';
import type { MarkPorts } from '../platform/put-marks.ts';
import type { DifferencesFile } from './differences-file.ts';

export interface FoldPorts extends MarkPorts {
  readonly contracts: Contracts;
  readonly files: RunFiles;
  readonly runs: Pick<Runs, 'find'>;
  readonly buckets: BucketStore;
  readonly manifest: ManifestReader;
  readonly archive: ArchiveReader;
}

/** Lines that can be read more than once, of any one subject in the log's order. */
export interface LineSource {
  lines(): AsyncIterable<ShuffleLine>;
}

/** What one fold of a partition shares. */
export interface Fold {
  readonly requestId: string;
  readonly attempt: number;
  readonly partition: number;
  readonly plan: Plan;
  /** What the run's first stage has made of the archive for this partition. */
  readonly shuffled: LineSource;
  readonly differences: DifferencesFile;
  readonly counts: Record<string, number>;
  /** Whether archive objects of the run are lost or changed; reading more of them may find others. */
  damaged: boolean;
  /** No wait begins after this, ms since the epoch. */
  readonly deadline: number;
}
