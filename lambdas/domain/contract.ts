/**
 * A contract as the build has checked and compiled it: what an event type means, and how it is counted.
 * `contracts/<type>/contract.json` is its source; see docs/contracts.md.
 */

/** The meters' functions. `count` needs no value; `unique` takes any scalar; the others take numbers. */
export type Aggregate = 'count' | 'sum' | 'min' | 'max' | 'latest' | 'unique';

export interface Meter {
  readonly name: string;
  readonly aggregate: Aggregate;
  /** JSON Pointer (RFC 6901) into the event's `data`; absent for `count` only. */
  readonly value?: string;
  /** Decimals kept, 0 to 9; a value is rounded half-even to them once, before it is counted. */
  readonly scale: number;
  /** UCUM unit, e.g. `By`. Information for people. */
  readonly unit: string;
  /** Dimension name to JSON Pointer into `data`, in the order in which they form the group key. */
  readonly groupBy?: Readonly<Record<string, string>>;
  /** How many groups a bucket may hold; events beyond are quarantined as `too-many-groups`. */
  readonly maxGroups: number;
}

/** Decimals of a meter's aggregate: `count` and `unique` are whole, whatever their meter says. */
export function scaleOf(meter: Meter): number {
  return meter.aggregate === 'count' || meter.aggregate === 'unique' ? 0 : meter.scale;
}

/** The meters in force from a moment on. A revision's number is its place in the contract's list, from 1. */
export interface Revision {
  readonly from: string;
  /** Number of the mistaken revision that this one stands in for. */
  readonly replaces?: number;
  readonly meters: readonly Meter[];
}

export type BucketSize = 'PT15M' | 'PT30M' | 'PT1H' | 'P1D';
export type Priority = 'critical' | 'standard' | 'bulk';

export interface Contract {
  readonly type: string;
  readonly owner: string;
  /** Schema version that an event without `dataschema` gets. */
  readonly current: number;
  readonly priority: Priority;
  readonly bucket: BucketSize;
  /** How long after an event's time it is still taken, in ms. */
  readonly lateMs: number;
  /** How far ahead of the receiver's clock an event's time may be, in ms. */
  readonly earlyMs: number;
  readonly revisions: readonly Revision[];
}

/** One schema violation, as ajv reports it. */
export interface SchemaError {
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A validator compiled at build time. After `false`, `errors` holds what was wrong with the last data. */
export interface Validator {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** A contract with its schema versions' validators, as ingest needs it. */
export interface ValidatingContract extends Contract {
  readonly versions: ReadonlyMap<number, Validator>;
}

export type Contracts<C extends Contract = Contract> = ReadonlyMap<string, C>;

interface InForce {
  readonly number: number;
  readonly fromMs: number;
}

const notReplaced = new WeakMap<Contract, readonly InForce[]>();

/** The revisions that no other stands in for, the last one first. */
function standing(contract: Contract): readonly InForce[] {
  let revisions = notReplaced.get(contract);
  if (!revisions) {
    const replaced = new Set(contract.revisions.map((revision) => revision.replaces));
    revisions = contract.revisions
      .map((revision, index) => ({ number: index + 1, fromMs: Date.parse(revision.from) }))
      .filter(({ number }) => !replaced.has(number))
      .reverse();
    notReplaced.set(contract, revisions);
  }
  return revisions;
}

/**
 * The number of the revision that a new bucket takes: of those in force at the window's start and not replaced,
 * the last one. Undefined where the window begins before the first revision.
 */
export function revisionInForce(contract: Contract, windowStartMs: number): number | undefined {
  return standing(contract).find(({ fromMs }) => fromMs <= windowStartMs)?.number;
}
