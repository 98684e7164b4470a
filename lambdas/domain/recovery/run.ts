import type { ManifestEntry } from '../manifest.ts';
import type { RunRequest } from './request.ts';

export type RunStatus =
  | 'running'
  /** Done, and nothing was found or left. */
  | 'done'
  /** Done, and something differs, is damaged, or was refused: the result says what. */
  | 'differs'
  | 'failed'
  | 'cancelled';

/** A run as `weir runs` lists it. What is binding is the audit: this is for looking. */
export interface Run {
  readonly request: RunRequest;
  /** From 1; a resumed run is another attempt of the same. */
  readonly attempt: number;
  readonly status: RunStatus;
  /** RFC 3339, ms. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** ARN of the Step Functions execution of this attempt. */
  readonly execution?: string;
  /** What was planned, once it is. */
  readonly plan?: PlanSummary;
  readonly result?: RunResult;
  /** Why it failed, and what to do. */
  readonly error?: string;
}

/** How much a run has to do. Sizes are of stored (compressed) objects. */
export interface PlanSummary {
  readonly objects: number;
  readonly records: number;
  /** In those objects; how many of them are selected is known after they are read. */
  readonly events: number;
  readonly bytes: number;
  readonly batches: number;
  readonly partitions: number;
  /** Rough: from the rates that `bench` measured, and from `rate` where it is the bound. */
  readonly minutes: number;
  /** Objects left out because they have reached the archive's end (`archiveRetentionDays`), if any. */
  readonly expired?: number;
  /** Objects in a cold tier, if any, and what taking them out would be. */
  readonly cold?: ColdSummary;
}

export interface ColdSummary {
  readonly objects: number;
  readonly bytes: number;
  readonly hours: { readonly standard: number; readonly bulk: number };
  /** Decimal, list price of us-east-1. */
  readonly usd: { readonly standard: string; readonly bulk: string };
}

/**
 * What a run found and did: counts by name, and where the long lists are. Every worker writes its part as such, and
 * `conclude` adds them up.
 */
export interface RunResult {
  readonly counts: Readonly<Record<string, number>>;
  /** The first findings, for people; all of them are in the run's files. */
  readonly findings: readonly Finding[];
}

export const MAX_FINDINGS = 100;

/** One thing that is not as it should be, or that would change. */
export interface Finding {
  /** Such as `missing-bucket`, `object-lost`, `chain-broken`: docs/recovery.md lists them. */
  readonly kind: string;
  /** What it is about: a bucket, an object, a shard and range. */
  readonly where: string;
  readonly detail: string;
  /** What was done about it, or what to do. */
  readonly action: string;
}

/** The plan as it is kept in the run's files (`plan.json`): written once, so that every attempt does the same. */
export interface Plan {
  readonly request: RunRequest;
  readonly summary: PlanSummary;
  /** RFC 3339: what was acknowledged before it was projected and archived when the plan was made. */
  readonly knownAt: string;
  /** Last archived sequence number by shard that the plan covers. */
  readonly archivedTo: Readonly<Record<string, string>>;
  /**
   * Sequence number by shard up to which all is projected. A shard with a manifest that is not in here is projected to
   * its end.
   */
  readonly projectedTo: Readonly<Record<string, string>>;
}

/** An archive object to be read. */
export type ObjectRef = Pick<
  ManifestEntry,
  'shardId' | 'key' | 'versionId' | 'sha256' | 'first' | 'last' | 'records' | 'events' | 'bytes'
>;

/** One unit of work of the first stage, a file `batches/<number>.json`. */
export type Batch =
  | { readonly kind: 'objects'; readonly number: number; readonly objects: readonly ObjectRef[] }
  /** The buckets of a tenant that the arrival index has in these of its partitions, so that extra ones are found. */
  | { readonly kind: 'heads'; readonly number: number; readonly touched: readonly string[] };

/** Names of a run's files, under `runs/<requestId>/`. Those of the stages are written under names that a repetition writes again. */
export const runFiles = {
  plan: 'plan.json',
  /** What `plan` wrote before it began to select, so that a repetition selects the same: `Bounds`. */
  bounds: 'bounds.json',
  /** The mark that an attempt waits for before the plan is made. */
  barrier: (attempt: number) => `barrier/${pad(attempt)}.json`,
  /** Tenants whose buckets are looked up in the arrival index. */
  tenants: 'tenants.json',
  /** Numbers of batches with objects that may be in a cold tier. */
  cold: 'cold.json',
  /** How far `plan` is with asking for objects of a cold tier, and with looking whether they are there. */
  restoring: 'restoring.json',
  batch: (number: number) => `batches/${pad(number)}.json`,
  /** One empty file a partition, as the state machine maps over files. */
  partition: (number: number) => `partitions/${pad(number)}.json`,
  /** What a batch was shuffled into: `shuffle.ts`. */
  shuffle: (batch: number, part: number) => `shuffle/${pad(batch)}-${pad(part)}`,
  /** What verify selected, and one shard's chain came to: what it does not do again when its time was over. */
  selected: 'selected.json',
  walked: (shardId: string) => `walked/${shardId}.json`,
  /** What verify, or the plan of another run, found of the chains: a `StageResult` beside those of the batches. */
  chain: 'scanned/chain.json',
  /** What a certificate says of the chains: `ShardProof[]`, from `checkChains`. */
  stretches: 'stretches.json',
  /** The objects of those stretches: `ProofFile`s, by their names. */
  proof: (file: string) => `proofs/${file}`,
  /** What a batch or partition came to: `StageResult`. It is written last: where it is there, the work is done. */
  scanned: (batch: number) => `scanned/${pad(batch)}.json`,
  /** Empty, and there where a batch has damaged objects: so that the second stage need not read every result. */
  damaged: (batch: number) => `damaged/${pad(batch)}`,
  folded: (partition: number) => `folded/${pad(partition)}.json`,
  resent: (name: string) => `resent/${name}`,
  /** How far a file of the resend stage has come, so that whoever takes it up again begins there. */
  resending: (name: string) => `resending/${name}`,
  /** Events that reconcile found missing: `MissingEvents`, to be sent again. */
  missing: (partition: number) => `missing/${pad(partition)}.json`,
  /** Every difference, as JSON lines, compressed. */
  differences: (partition: number) => `differences/${pad(partition)}.ndjson.gz`,
  /** Why a worker gave up, as text: a Distributed Map does not hand that on, `conclude` does. See `noteFailure`. */
  failure: (attempt: number, name: string) => `failures/${pad(attempt)}-${name}`,
  result: 'result.json',
  certificate: 'certificate.json',
} as const;

/** Wide enough for the names to sort as the numbers. */
function pad(number: number): string {
  return String(number).padStart(8, '0');
}

/** What one worker's part came to. */
export interface StageResult extends RunResult {
  /** Shuffle parts written, for `scanned` files. */
  readonly parts?: number;
}

/** Events by their places in the log, for `resend`: read from these objects, by record and index in its envelope. */
export interface MissingEvents {
  readonly objects: readonly {
    readonly key: string;
    readonly shardId: string;
    /** The object's first sequence number, by which the manifest has it. */
    readonly first: string;
    readonly places: readonly (readonly [sequence: string, index: number])[];
  }[];
}

/** The request can't be carried out, whatever is tried again: the state machine does not retry it. */
export class RunRefusedError extends Error {
  override readonly name = 'RunRefusedError';
}

/** The run was cancelled by an operator. */
export class RunCancelledError extends Error {
  override readonly name = 'RunCancelledError';
}
