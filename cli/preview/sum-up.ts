import { formatUnits, MAX_SCALE } from '../../lambdas/domain/decimal.ts';
import type { Would } from '../../lambdas/domain/recovery/difference.ts';
import { couldNotRun } from '../platform/errors.ts';

/** Exact decimals; empty where the meter or group is not there. */
interface Values {
  readonly old: string;
  readonly new: string;
  readonly difference: string;
}

interface Names {
  readonly tenant: string;
  readonly subject: string;
  readonly type: string;
  readonly meter: string;
  readonly group: string;
}

/** What would change of a subject's meter and group: over all windows where values add up, else in one of them. */
export interface Line extends Names, Values {
  readonly windows: number;
  /** Absent where values of all windows are added up. */
  readonly window?: string;
}

/** Of one tenant, type and meter that adds up, over all subjects and groups. */
export interface Total extends Omit<Names, 'subject' | 'group'>, Values {
  readonly subjects: number;
  readonly windows: number;
}

const ADDS_UP: ReadonlySet<string> = new Set(['count', 'sum']);

interface Sum {
  readonly names: Names;
  old: bigint;
  new: bigint;
  windows: number;
}

/** Adds changes up as they come, so that a line is held for each subject and meter and not for each bucket. */
export class SumUp {
  readonly #sums = new Map<string, Sum>();
  readonly #single: Line[] = [];

  add({ bucket, meter, group, aggregate, old, new: next, difference }: Would): void {
    const { tenant, subject, type, window } = bucket;
    const names = { tenant, subject, type, meter, group };
    if (!ADDS_UP.has(aggregate)) {
      this.#single.push({ ...names, window, windows: 1, old: old ?? '', new: next ?? '', difference });
      return;
    }
    const key = JSON.stringify(Object.values(names));
    const sum = orMade(this.#sums, key, () => ({ names, old: 0n, new: 0n, windows: 0 }));
    sum.old += unitsOf(old);
    sum.new += unitsOf(next);
    sum.windows += 1;
  }

  /** By tenant, subject, type, meter, group and window. */
  lines(): Line[] {
    const sums = [...this.#sums.values()].map((sum) => ({
      ...sum.names,
      windows: sum.windows,
      ...valuesOf(sum),
    }));
    return [...sums, ...this.#single].sort((a, b) => compare(orderOf(a), orderOf(b)));
  }

  /** By tenant, type and meter. */
  totals(): Total[] {
    const totals = new Map<string, Sum & { readonly subjects: Set<string> }>();
    for (const sum of this.#sums.values()) {
      const { tenant, type, meter, subject } = sum.names;
      const total = orMade(totals, JSON.stringify([tenant, type, meter]), () => ({
        ...{ names: sum.names, old: 0n, new: 0n, windows: 0 },
        subjects: new Set<string>(),
      }));
      total.old += sum.old;
      total.new += sum.new;
      total.windows += sum.windows;
      total.subjects.add(subject);
    }
    return [...totals.values()]
      .map(({ names: { tenant, type, meter }, windows, subjects, ...sum }) => ({
        ...{ tenant, type, meter, windows, subjects: subjects.size },
        ...valuesOf(sum),
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

/** In units of 10^-9, which holds what any meter's scale holds. What is not there counts as zero. */
function unitsOf(text: string | null): bigint {
  if (text === null) return 0n;
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (whole === undefined) throw couldNotRun(`A difference holds "${text}", which is no decimal.`);
  const units = BigInt(whole + fraction.padEnd(MAX_SCALE, '0'));
  return sign ? -units : units;
}

function valuesOf(sum: Pick<Sum, 'old' | 'new'>): Values {
  const text = (units: bigint) => formatUnits(units, MAX_SCALE);
  return { old: text(sum.old), new: text(sum.new), difference: text(sum.new - sum.old) };
}

const orderOf = ({ tenant, subject, type, meter, group, window = '' }: Line) => [
  ...[tenant, subject, type, meter, group, window],
];

function compare(a: readonly string[], b: readonly string[]): number {
  const index = a.findIndex((part, place) => part !== b[place]);
  return index < 0 ? 0 : a[index]! < b[index]! ? -1 : 1;
}
