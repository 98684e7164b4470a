import { formatUnits } from '../../lambdas/domain/decimal.ts';
import { couldNotRun } from '../platform/errors.ts';

/** What would change in one bucket's meter and group. Values are exact decimals; one that is absent is not there. */
export interface Change {
  readonly tenant: string;
  readonly subject: string;
  readonly type: string;
  readonly window: string;
  readonly meter: string;
  readonly aggregate: string;
  readonly group: string;
  readonly old?: string;
  readonly new?: string;
}

/** A line of the table: of all windows where values add up, else of one. */
export interface Line extends Omit<Change, 'window' | 'old' | 'new'> {
  /** Absent for sums over windows. */
  readonly window?: string;
  readonly windows: number;
  readonly old: string;
  readonly new: string;
  /** Absent where a value is there on one side only and does not add up. */
  readonly difference?: string;
}

/** Of one tenant, type and meter, over all subjects and groups. */
export type Total = Pick<Line, 'tenant' | 'type' | 'meter' | 'old' | 'new' | 'windows'> & {
  readonly difference: string;
  readonly subjects: number;
};

const ADDS_UP: ReadonlySet<string> = new Set(['count', 'sum']);
const PLACES = 9;

interface Sum {
  readonly of: Change;
  old: bigint;
  new: bigint;
  windows: number;
}

/** Adds changes up as they come, so that what is held is a line for each subject and meter and not one for each bucket. */
export class SumUp {
  readonly #sums = new Map<string, Sum>();
  readonly #single: Line[] = [];

  add(change: Change): void {
    const { aggregate, window: _, old, new: next, ...names } = change;
    if (!ADDS_UP.has(aggregate)) {
      this.#single.push(lineOf(change));
      return;
    }
    const key = JSON.stringify(names);
    const sum = orMade(this.#sums, key, () => ({ of: change, old: 0n, new: 0n, windows: 0 }));
    sum.old += unitsOf(old);
    sum.new += unitsOf(next);
    sum.windows += 1;
  }

  /** By tenant, subject, type, meter, group and window. */
  lines(): Line[] {
    const sums = [...this.#sums.values()].map(({ of, old, new: next, windows }) => {
      const { window: _, ...names } = of;
      return { ...names, windows, ...values(old, next) };
    });
    return [...sums, ...this.#single].sort((a, b) => compare(orderOf(a), orderOf(b)));
  }

  totals(): Total[] {
    const totals = new Map<string, Sum & { readonly subjects: Set<string> }>();
    for (const { of, old, new: next, windows } of this.#sums.values()) {
      const key = JSON.stringify([of.tenant, of.type, of.meter]);
      const total = orMade(totals, key, () => ({ of, old: 0n, new: 0n, windows: 0, subjects: new Set() }));
      total.old += old;
      total.new += next;
      total.windows += windows;
      total.subjects.add(of.subject);
    }
    return [...totals.values()]
      .map(({ of: { tenant, type, meter }, old, new: next, windows, subjects }) => ({
        ...{ tenant, type, meter, windows },
        subjects: subjects.size,
        ...values(old, next),
      }))
      .sort((a, b) => compare([a.tenant, a.type, a.meter], [b.tenant, b.type, b.meter]));
  }
}

function orMade<T>(map: Map<string, T>, key: string, make: () => T): T {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}

function lineOf(change: Change): Line {
  const { old = '', new: next = '' } = change;
  const both = old !== '' && next !== '';
  return {
    ...change,
    windows: 1,
    old,
    new: next,
    ...(both && { difference: textOf(unitsOf(next) - unitsOf(old)) }),
  };
}

function values(old: bigint, next: bigint) {
  return { old: textOf(old), new: textOf(next), difference: textOf(next - old) };
}

/** In units of 10^-9, which every meter's scale divides. Sums of any length: 38 digits are the state's bound, not ours. */
function unitsOf(text: string | undefined): bigint {
  if (text === undefined) return 0n;
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (whole === undefined) throw couldNotRun(`A difference holds "${text}", which is no decimal.`);
  const units = BigInt(whole + fraction.padEnd(PLACES, '0'));
  return sign ? -units : units;
}

const textOf = (units: bigint) => formatUnits(units, PLACES);

const orderOf = ({ tenant, subject, type, meter, group, window = '' }: Line) => [
  tenant,
  subject,
  type,
  meter,
  group,
  window,
];

function compare(a: readonly string[], b: readonly string[]): number {
  const index = a.findIndex((part, place) => part !== b[place]);
  return index < 0 ? 0 : a[index]! < b[index]! ? -1 : 1;
}
