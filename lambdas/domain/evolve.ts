import type { Aggregated, Bucket, ByMeter, Measured, Sealed, Verdict } from './bucket.ts';
import { valuesKey } from './bucket.ts';
import { addHash, carry, emptyDigest } from './digest.ts';
import { EntryTable } from './entry-table.ts';
import { ENTRY_BYTES, hashParts, IDENTITY_BYTES } from './identity.ts';
import { compareInstants } from './instant.ts';
import type { Part } from './measure.ts';

/** A bucket as it was, the same with the events counted in, and what became of each event, in their order. */
export interface Evolution {
  readonly bucket: Bucket;
  readonly verdicts: readonly Verdict[];
}

/** A bucket that holds nothing yet. */
export function newBucket(revision: number, epoch: number): Bucket {
  return {
    epoch,
    revision,
    n: 0,
    meters: new Map(),
    digest: emptyDigest(),
    first: '',
    last: '',
    open: Buffer.alloc(0),
    openValues: new Map(),
  };
}

/** No sealed pages. */
export const NOTHING_SEALED: Sealed = { ids: new EntryTable(), values: new Map() };

/**
 * The fold, and the only one: projector, repair, reconcile, preview and rebuild count with it. Pure; neither argument
 * changes. Events that the bucket holds already are dropped, so any event may be given any number of times; the
 * aggregates, the digest and the set of ids then depend on the set of events alone. Of two events of one identity and
 * different content the first one given is counted, and of more groups than a meter allows the first ones. At most two million events a call (see `digest.ts`).
 *
 * @param sealed what the bucket's sealed pages hold
 */
export function evolve(before: Bucket, events: readonly Measured[], sealed: Sealed): Evolution {
  const counting = new Counting(before, sealed, events.length);
  const verdicts = events.map((event) => counting.count(event));
  return { bucket: counting.finish(), verdicts };
}

/** One call's working copy. */
class Counting {
  readonly #before: Bucket;
  readonly #sealed: Sealed;
  readonly #ids: EntryTable;
  readonly #values = new Map<string, EntryTable>();
  readonly #meters: Map<string, Map<string, Aggregated>>;
  readonly #openValues: Map<string, Map<string, Buffer[]>> = new Map();
  readonly #digest;
  /** The open page with room for all events; what is used of it ends at `#end`. One Buffer, as small ones cost more than what is in them. */
  readonly #open: Buffer;
  #end: number;
  #added = 0;
  #first: string;
  #last: string;

  constructor(before: Bucket, sealed: Sealed, expected: number) {
    this.#before = before;
    this.#sealed = sealed;
    this.#ids = new EntryTable(before.open.length / ENTRY_BYTES + expected);
    this.#ids.addAll(before.open);
    this.#open = Buffer.allocUnsafe(before.open.length + expected * ENTRY_BYTES);
    this.#end = before.open.copy(this.#open);
    this.#meters = new Map([...before.meters].map(([name, groups]) => [name, new Map(groups)]));
    this.#digest = before.digest.slice();
    this.#first = before.first;
    this.#last = before.last;
    for (const [meter, groups] of before.openValues) {
      for (const [group, hashes] of groups) {
        this.#valuesOf(meter, group).addAll(hashes);
        this.#openValuesOf(meter, group).push(hashes);
      }
    }
  }

  count(event: Measured): Verdict {
    const known = this.#sealed.ids.find(event.identity) ?? this.#ids.find(event.identity);
    if (known !== undefined) return known === event.digest.readUInt32BE(0) ? 'duplicate' : 'conflict';
    for (const part of event.parts) if (this.#isGroupTooMany(part)) return 'too-many-groups';

    this.#addEntry(event);
    addHash(this.#digest, event.digest);
    for (const part of event.parts) this.#aggregate(part, event);
    if (this.#first === '' || isBefore(event.instant, this.#first)) this.#first = event.instant;
    if (this.#last === '' || isBefore(this.#last, event.instant)) this.#last = event.instant;
    return 'counted';
  }

  finish(): Bucket {
    if (this.#added === 0) return this.#before;
    carry(this.#digest);
    return {
      ...this.#before,
      n: this.#before.n + this.#added,
      meters: this.#meters,
      digest: this.#digest,
      first: this.#first,
      last: this.#last,
      open: this.#open.subarray(0, this.#end),
      openValues: concatValues(this.#openValues),
    };
  }

  #addEntry({ identity, digest }: Measured): void {
    for (let at = 0; at < IDENTITY_BYTES; at++) this.#open[this.#end + at] = identity[at]!;
    for (let at = IDENTITY_BYTES; at < ENTRY_BYTES; at++)
      this.#open[this.#end + at] = digest[at - IDENTITY_BYTES]!;
    this.#ids.add(this.#open, this.#end);
    this.#end += ENTRY_BYTES;
    this.#added += 1;
  }

  #isGroupTooMany({ meter, group }: Part): boolean {
    const groups = this.#meters.get(meter.name);
    return groups !== undefined && groups.size >= meter.maxGroups && !groups.has(group);
  }

  #aggregate(part: Part, event: Measured): void {
    let groups = this.#meters.get(part.meter.name);
    if (!groups) {
      groups = new Map();
      this.#meters.set(part.meter.name, groups);
    }
    const before = groups.get(part.group);
    if (part.meter.aggregate === 'unique') {
      const added = this.#addValue(part) ? 1n : 0n;
      groups.set(part.group, { units: (before?.units ?? 0n) + added });
    } else {
      groups.set(part.group, combine(before, part, event));
    }
  }

  /** Says whether the value is new to the bucket. */
  #addValue({ meter, group, text }: Part): boolean {
    const hash = hashParts([text]).subarray(0, ENTRY_BYTES);
    if (this.#sealed.values.get(valuesKey(meter.name, group))?.find(hash) !== undefined) return false;
    if (!this.#valuesOf(meter.name, group).add(hash)) return false;
    this.#openValuesOf(meter.name, group).push(hash);
    return true;
  }

  #valuesOf(meter: string, group: string): EntryTable {
    const key = valuesKey(meter, group);
    let table = this.#values.get(key);
    if (!table) {
      table = new EntryTable();
      this.#values.set(key, table);
    }
    return table;
  }

  #openValuesOf(meter: string, group: string): Buffer[] {
    let groups = this.#openValues.get(meter);
    if (!groups) {
      groups = new Map();
      this.#openValues.set(meter, groups);
    }
    let hashes = groups.get(group);
    if (!hashes) {
      hashes = [];
      groups.set(group, hashes);
    }
    return hashes;
  }
}

/** Instants of one length compare as text, and most are. */
function isBefore(a: string, b: string): boolean {
  return a.length === b.length ? a < b : compareInstants(a, b) < 0;
}

function combine(before: Aggregated | undefined, { meter, units }: Part, event: Measured): Aggregated {
  switch (meter.aggregate) {
    case 'min':
      return before !== undefined && before.units <= units ? before : { units };
    case 'max':
      return before !== undefined && before.units >= units ? before : { units };
    case 'latest': {
      const of = `${event.instant}|${event.identity.toString('hex', 0, IDENTITY_BYTES)}`;
      return before?.of !== undefined && isLater(before.of, of) ? before : { units, of };
    }
    default:
      return { units: (before?.units ?? 0n) + units };
  }
}

/** Whether `a` is the later of two `<instant>|<identity>`: by instant, then by identity. */
export function isLater(a: string, b: string): boolean {
  const [instantA = '', identityA = ''] = a.split('|');
  const [instantB = '', identityB = ''] = b.split('|');
  const order = compareInstants(instantA, instantB);
  return order > 0 || (order === 0 && identityA > identityB);
}

function concatValues(values: ReadonlyMap<string, ReadonlyMap<string, readonly Buffer[]>>): ByMeter<Buffer> {
  return new Map(
    [...values].map(([meter, groups]) => [
      meter,
      new Map([...groups].map(([group, hashes]) => [group, Buffer.concat(hashes)])),
    ]),
  );
}
