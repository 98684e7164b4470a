import { type Meter, type Revision, scaleOf } from './contract.ts';
import { formatUnits, toUnits } from './decimal.ts';
import { encodePart } from './keys.ts';
import { compilePointer, type Getter } from './pointer.ts';

/** Longest value of one group dimension, in UTF-16 code units. */
export const MAX_GROUP_VALUE = 128;
/** The group of a meter without `groupBy`. */
export const ALL = 'all';

/** What one event brings to one meter. */
export interface Part {
  readonly meter: Meter;
  readonly group: string;
  /** The value in units of the meter's scale; 1 for `count`, and for `unique` not used. */
  readonly units: bigint;
  /** The value as it enters the event's digest. */
  readonly text: string;
}

/** Why an event's values can't be counted under a revision. */
export interface Unmeasurable {
  readonly code: 'number-out-of-range' | 'group-too-long';
  /** JSON Pointer into the event. */
  readonly pointer: string;
  readonly detail: string;
}

interface CompiledMeter {
  readonly meter: Meter;
  readonly value?: Getter;
  readonly groups: readonly (readonly [name: string, pointer: string, get: Getter])[];
}

const compiled = new WeakMap<Revision, readonly CompiledMeter[]>();

function compileMeters(revision: Revision): readonly CompiledMeter[] {
  let meters = compiled.get(revision);
  if (!meters) {
    meters = revision.meters.map((meter) => ({
      meter,
      ...(meter.value === undefined ? {} : { value: compilePointer(meter.value) }),
      groups: Object.entries(meter.groupBy ?? {}).map(
        ([name, to]) => [name, to, compilePointer(to)] as const,
      ),
    }));
    compiled.set(revision, meters);
  }
  return meters;
}

/**
 * What an event's data brings to the meters of a revision, in the meters' order. A meter whose value the event does
 * not carry gets nothing from it. A value that can't be counted makes the whole event unmeasurable: it is never
 * counted in part.
 */
export function measureValues(revision: Revision, data: unknown): readonly Part[] | Unmeasurable {
  const parts: Part[] = [];
  let last: Amount | undefined;
  for (const { meter, value, groups } of compileMeters(revision)) {
    const found = value?.(data);
    if (value && (found === undefined || found === null)) continue;
    const group = groups.length === 0 ? ALL : groupOf(groups, data);
    if (typeof group !== 'string') return group;
    if (!value) {
      parts.push({ meter, group, units: 1n, text: '1' });
      continue;
    }
    if (meter.aggregate === 'unique') {
      parts.push({ meter, group, units: 1n, text: JSON.stringify(found) });
      continue;
    }
    const scale = scaleOf(meter);
    const amount: Amount | undefined =
      last && last.value === found && last.scale === scale ? last : amountOf(found, scale);
    if (!amount) return outOfRange(meter);
    last = amount;
    parts.push({ meter, group, units: amount.units, text: amount.text });
  }
  return parts;
}

/** A value in units of a scale. Meters of one event are often of one value: a sum and a maximum, say. */
interface Amount {
  readonly value: unknown;
  readonly scale: number;
  readonly units: bigint;
  readonly text: string;
}

function amountOf(value: unknown, scale: number): Amount | undefined {
  const units = typeof value === 'number' || typeof value === 'string' ? toUnits(value, scale) : undefined;
  return units === undefined ? undefined : { value, scale, units, text: formatUnits(units, scale) };
}

export function isUnmeasurable(measured: readonly Part[] | Unmeasurable): measured is Unmeasurable {
  return 'code' in measured;
}

function outOfRange(meter: Meter): Unmeasurable {
  return {
    code: 'number-out-of-range',
    pointer: `/data${meter.value}`,
    detail:
      `meter "${meter.name}" counts decimals with |value| < 10^18; integers of 2^53 and more must be sent as a ` +
      'string where the schema has "format": "decimal"',
  };
}

/** `region=eu|tier=gold`, each value percent-encoded; what an event lacks is an empty value. */
function groupOf(groups: CompiledMeter['groups'], data: unknown): string | Unmeasurable {
  let key = '';
  for (const [name, pointer, get] of groups) {
    const found = get(data);
    const value = found === undefined || found === null ? '' : String(found);
    if (value.length > MAX_GROUP_VALUE) {
      return {
        code: 'group-too-long',
        pointer: `/data${pointer}`,
        detail: `dimension "${name}" takes at most ${MAX_GROUP_VALUE} characters; this one has ${value.length}`,
      };
    }
    key += `${key && '|'}${name}=${encodePart(value)}`;
  }
  return key;
}
