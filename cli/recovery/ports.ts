import type { Audit, RunFiles, Runs } from '../../lambdas/domain/recovery/ports.ts';
import type { Target } from '../platform/target.ts';

/** What `recover` answers. */
export interface Recovered {
  readonly requestId: string;
  readonly attempt: number;
  readonly status: string;
  /** ARN of the Step Functions execution. */
  readonly execution?: string;
  /** What to do next, for whoever invoked it by hand. */
  readonly next?: string;
}

/** What the recovery commands need of a deployment. */
export interface RecoveryPorts {
  /** Invokes `recover`. @throws CliError with the function's own words */
  readonly recover: (input: object) => Promise<Recovered>;
  readonly runs: Pick<Runs, 'find' | 'latest'>;
  readonly files: Pick<RunFiles, 'get' | 'list'>;
  readonly audit: Pick<Audit, 'of'>;
  /** Fingerprints of quarantined causes that begin so, with their tenants. */
  readonly fingerprints: (
    prefix: string,
    tenant: string | undefined,
  ) => AsyncIterable<{ readonly tenant: string; readonly fingerprint: string }>;
  /** Whose credentials these are. */
  readonly operator: () => Promise<string>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ends early, and without an error, when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export type Connect = (target: Target) => Promise<RecoveryPorts>;
