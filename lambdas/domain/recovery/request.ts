import type { Revision } from '../contract.ts';

/**
 * What an operator may ask of `recover`: docs/recovery.md. These are the requests as `readRequest` returns them, with
 * every default filled in.
 */
export type Verb = 'replay' | 'reconcile' | 'preview' | 'rebuild' | 'redrive' | 'verify';

interface Asked {
  /** Names the run: 1 to 64 letters, digits, `-` and `_`. The same id with the same request is the same run. */
  readonly requestId: string;
  /** Who asks. Lambda does not say who invoked it: CloudTrail does. */
  readonly operator: string;
  /** Why. Goes into the audit. */
  readonly reason: string;
  /** Only says what would be done, and how much of it. */
  readonly dryRun: boolean;
  /** Archive objects in a cold tier are restored, and paid for, only when it says so. */
  readonly restore?: 'standard' | 'bulk';
}

/** RFC 3339, UTC; `from` inclusive, `to` exclusive. */
interface Range {
  readonly from?: string;
  readonly to?: string;
}

/** Whose events, or whose buckets. */
interface Whose {
  readonly tenant?: string;
  /** Only with a tenant. */
  readonly subject?: string;
  readonly types?: readonly string[];
}

/** How fast what is sent again goes into the log. */
interface Pace {
  /** Events a second. */
  readonly rate: number;
  /** It pauses while the projector is further behind than this. */
  readonly maxLagSeconds: number;
}

/** Sends archived events again. The range is of their arrival in the log. */
export interface ReplayRequest extends Asked, Range, Whose, Pace {
  readonly verb: 'replay';
  /** CloudEvents ids. */
  readonly ids?: readonly string[];
  /** A part of one shard; sequence numbers inclusive. */
  readonly shard?: { readonly shardId: string; readonly first?: string; readonly last?: string };
}

/** Compares buckets with what the archive folds to. The range is of windows: those that start in it. */
export interface ReconcileRequest extends Asked, Range, Whose, Pace {
  readonly verb: 'reconcile';
  /** Replays missing events, and writes extra or differing buckets anew under a new epoch. */
  readonly repair: boolean;
  /** Looks for one identity in two buckets instead. */
  readonly identities: boolean;
}

/** Which meters buckets are folded by, where not by those in force. */
interface Otherwise {
  /** Number of the revision by event type. */
  readonly revisions?: Readonly<Record<string, number>>;
}

/** Folds by the revisions in force, or by others, and shows what would change. The range is of windows. */
export interface PreviewRequest extends Asked, Range, Whose, Otherwise {
  readonly verb: 'preview';
  /** Revisions of a contract that is not deployed yet, by event type; they stand in for the build's. */
  readonly contracts?: Readonly<Record<string, readonly Revision[]>>;
}

/** Writes buckets anew from the archive, under a new epoch, by the revisions in force or by others. */
export interface RebuildRequest extends Asked, Range, Whose, Otherwise, Pace {
  readonly verb: 'rebuild';
  /** The way back: puts the buckets back that the rebuild of this request id replaced. */
  readonly undo?: string;
}

/** RFC 6902. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** Sends again what is held, validated first. The range is of its arrival in the log. */
export type RedriveRequest = Asked &
  Range &
  Pace & { readonly verb: 'redrive' } & (
    | {
        readonly tenant: string;
        readonly fingerprint: string;
        /** Applied to each held event before it is validated. */
        readonly patch?: readonly PatchOperation[];
      }
    /** The webhooks' dead letter queue, back to where they came from. */
    | { readonly queue: 'webhooks' }
  );

/** Checks the archive: chain, hashes, anchors and acknowledged numbers. The range is of arrival. */
export interface VerifyRequest extends Asked, Range {
  readonly verb: 'verify';
  /** Also accounts for every accepted event of the range, and issues the certificate. */
  readonly certificate: boolean;
}

export type RunRequest =
  | ReplayRequest
  | ReconcileRequest
  | PreviewRequest
  | RebuildRequest
  | RedriveRequest
  | VerifyRequest;

/** What is asked of a run that there is already. */
export interface RunCommand {
  readonly command: 'resume' | 'cancel';
  readonly requestId: string;
  readonly operator: string;
  readonly reason: string;
}
