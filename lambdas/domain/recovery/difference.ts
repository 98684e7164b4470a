import type { BucketKey } from '../bucket.ts';

/**
 * What a fold found or did, one line of `differences/<partition>.ndjson.gz` each. `docs/recovery.md` says what each kind
 * means and what is done about it.
 */
export type Difference = Found | Would | Did;

interface Of {
  readonly bucket: BucketKey;
}

/** What is not as the archive says. */
export type Found = Of &
  (
    | { readonly kind: 'missing-bucket'; readonly events: number }
    | { readonly kind: 'missing-events'; readonly events: number; readonly first: readonly string[] }
    | { readonly kind: 'extra-bucket'; readonly events: number }
    /** Identities, of which `first` are some, in 24 hex digits. */
    | { readonly kind: 'extra-ids'; readonly ids: number; readonly first: readonly string[] }
    | { readonly kind: 'ids-doubled'; readonly ids: number }
    | { readonly kind: 'ids-missing'; readonly ids: number }
    | { readonly kind: 'ids-changed'; readonly ids: number }
    | { readonly kind: 'aggregates-differ'; readonly fields: readonly FieldDifference[] }
    | { readonly kind: 'values-differ'; readonly of: readonly string[] }
    | { readonly kind: 'page-missing'; readonly page: string }
    | { readonly kind: 'head-unreadable'; readonly why: string }
    /** Ids that the archive might have had where it is damaged. */
    | { readonly kind: 'unprovable'; readonly ids: number }
    /** It was written by others as often as it was looked at. */
    | { readonly kind: 'moving' }
    /** It was written anew since the run that is to be undone, or the head that it replaced is gone. */
    | { readonly kind: 'not-undone'; readonly why: string }
    /** State has it, and no revision of its type is in force in its window: a run has none to count it by. */
    | { readonly kind: 'no-revision' }
    /** Events that the revision asked for can't count: they would be in no number. */
    | { readonly kind: 'uncountable'; readonly events: number; readonly codes: readonly string[] }
    /** For information: one identity came with several contents. The one that state holds is kept. */
    | {
        readonly kind: 'two-contents';
        readonly of: readonly { readonly source: string; readonly id: string }[];
      }
  );

/** Values as text: decimals, times, hex. Null where there is none. */
export interface FieldDifference {
  readonly field: string;
  readonly state: string | null;
  readonly archive: string | null;
}

/** What would change: one meter and group of one bucket, as decimals. */
export interface Would {
  readonly kind: 'preview';
  readonly bucket: BucketKey;
  readonly meter: string;
  readonly group: string;
  readonly aggregate: string;
  /** Decimals of the three. */
  readonly scale: number;
  /** Null where the meter or group is not there. */
  readonly old: string | null;
  readonly new: string | null;
  /** `new` less `old`; what is not there counts as zero. */
  readonly difference: string;
}

/** What was done. */
export type Did = Of &
  (
    | {
        readonly kind: 'rebuilt';
        /** Absent where there was no bucket. */
        readonly oldEpoch?: number;
        readonly newEpoch: number;
        readonly v: number;
      }
    /** Put back as it was before the run that was undone. */
    | { readonly kind: 'restored'; readonly epoch: number; readonly v: number; readonly events: number }
  );
