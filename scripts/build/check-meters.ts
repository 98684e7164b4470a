import type { Meter } from '../../lambdas/domain/contract.ts';
import { type JsonSource, pathOf } from './json-source.ts';
import type { Mistake } from './mistakes.ts';
import { findPlace, type Kind, type Place } from './place-in-schema.ts';
import type { Schema } from './walk-schema.ts';

/** A meter as `contract.json` has it, once its shape is right. */
export interface WrittenMeter {
  readonly name: string;
  readonly aggregate: Meter['aggregate'];
  readonly value?: string;
  readonly scale?: number;
  readonly unit?: string;
  readonly groupBy?: Readonly<Record<string, string>>;
  readonly maxGroups?: number;
}

/** Schema versions that are right in themselves, by number. */
export type SchemaVersions = ReadonlyMap<number, Schema>;

const DEFAULT_MAX_GROUPS = 50;
const NUMBERS: ReadonlySet<Kind> = new Set(['integer', 'fraction', 'decimal', 'null']);
const SCALARS: ReadonlySet<Kind> = new Set([...NUMBERS, 'boolean', 'text']);
const NAMES: Readonly<Record<Kind, string>> = {
  null: 'null',
  boolean: 'a boolean',
  integer: 'an integer',
  fraction: 'a number',
  decimal: 'a decimal string',
  text: 'any string',
  array: 'an array',
  object: 'an object',
};
/** DynamoDB takes 400 KB an item; the rest is room for keys, open pages and what comes. */
const MOST_HEAD_BYTES = 350_000;
/** A number in an item takes 21 bytes, a map entry 1; `latest` also keeps an instant and an identity. */
const NUMBER_BYTES = 22;
const LATEST_BYTES = 60;

/** Checks a revision's meters against every schema version and completes them with their defaults. */
export class MeterChecker {
  readonly mistakes: Mistake[] = [];
  readonly #source: JsonSource;
  readonly #versions: SchemaVersions;

  constructor(source: JsonSource, versions: SchemaVersions) {
    this.#source = source;
    this.#versions = versions;
  }

  /** `at` is the JSON Pointer of the list of meters in the contract. */
  check(meters: readonly WrittenMeter[], at: string): readonly Meter[] {
    const checked = meters.map((meter, index) => this.#checkMeter(meter, `${at}/${index}`));
    meters.forEach((meter, index) => {
      const first = meters.findIndex((other) => other.name === meter.name);
      if (first < index) {
        this.#complain(`${at}/${index}/name`, `two meters of one revision have the name "${meter.name}"`);
      }
    });
    this.#checkHeadSize(checked, at);
    return checked;
  }

  #checkMeter(meter: WrittenMeter, at: string): Meter {
    const groupBy = meter.groupBy ?? {};
    for (const [name, pointer] of Object.entries(groupBy)) {
      this.#places(
        pointer,
        SCALARS,
        `dimension "${name}"`,
        'a string, number or boolean',
        `${at}/groupBy/${name}`,
      );
    }
    if (meter.maxGroups !== undefined && !meter.groupBy) {
      this.#complain(`${at}/maxGroups`, '"maxGroups" has no meaning without "groupBy"');
    }
    return {
      name: meter.name,
      aggregate: meter.aggregate,
      ...(meter.value !== undefined && { value: meter.value }),
      scale: this.#checkValue(meter, at),
      unit: this.#unitOf(meter, at),
      ...(meter.groupBy && { groupBy: meter.groupBy }),
      maxGroups: meter.groupBy ? (meter.maxGroups ?? DEFAULT_MAX_GROUPS) : 1,
    };
  }

  /** Checks what a meter reads. Returns its scale. */
  #checkValue(meter: WrittenMeter, at: string): number {
    const { aggregate, value, scale } = meter;
    const whole = aggregate === 'count' || aggregate === 'unique';
    if (whole && scale !== undefined) {
      this.#complain(`${at}/scale`, `"${aggregate}" gives whole numbers and takes no "scale"`);
    }
    if (aggregate === 'count') {
      if (value !== undefined) {
        this.#complain(`${at}/value`, '"count" counts events and takes no "value"');
      }
      return 0;
    }
    if (value === undefined) {
      this.#complain(at, `meter "${meter.name}": "${aggregate}" needs a "value", e.g. "/bytes"`);
      return scale ?? 0;
    }
    const label = `meter "${meter.name}"`;
    if (whole) {
      this.#places(value, SCALARS, label, 'a string, number or boolean', `${at}/value`);
      return 0;
    }
    const wanted = `a number (or a string with "format": "decimal") for "${aggregate}"`;
    const places = this.#places(value, NUMBERS, label, wanted, `${at}/value`);
    const decimals = places.some(({ kinds }) => kinds.has('fraction') || kinds.has('decimal'));
    if (scale === undefined && decimals) {
      this.#complain(
        at,
        `${label} needs a "scale" (0 to 9): ${value} can have decimals, and the rest is rounded off`,
      );
    }
    return scale ?? 0;
  }

  #unitOf(meter: WrittenMeter, at: string): string {
    if (meter.unit !== undefined) return meter.unit;
    if (meter.aggregate !== 'count' && meter.aggregate !== 'unique') {
      this.#complain(at, `meter "${meter.name}" needs a "unit" (UCUM), e.g. "By", "s", "1"`);
    }
    return '1';
  }

  /** What schema versions let stand at a pointer. One that has no such place, or lets too much stand there, is a mistake. */
  #places(pointer: string, allowed: ReadonlySet<Kind>, label: string, wanted: string, at: string): Place[] {
    const places: Place[] = [];
    for (const [version, schema] of this.#versions) {
      const place = findPlace(schema, pathOf(pointer));
      if (!place) {
        this.#complain(
          at,
          `${label}: v${version}.schema.json has no ${pointer || 'such place'}; every version must declare it`,
        );
        continue;
      }
      const excess = [...place.kinds].filter((kind) => !allowed.has(kind)).map((kind) => NAMES[kind]);
      const where = `${label}: v${version}.schema.json lets ${pointer || 'the data'} be`;
      if (excess.length > 0) this.#complain(at, `${where} ${excess.join(', ')}; it must be ${wanted}`);
      else if ([...place.kinds].every((kind) => kind === 'null'))
        this.#complain(at, `${where} null only; it must be ${wanted}`);
      else places.push(place);
    }
    return places;
  }

  /** A bucket's aggregates must fit its item, whatever group values a sender chooses. */
  #checkHeadSize(meters: readonly Meter[], at: string): void {
    const bytes = meters.reduce((sum, meter) => sum + this.#headBytes(meter), 0);
    if (bytes <= MOST_HEAD_BYTES) return;
    this.#complain(
      at,
      `a bucket of these meters could grow to ${Math.ceil(bytes / 1000)} KB, and ${MOST_HEAD_BYTES / 1000} KB fit an item: ` +
        'lower "maxGroups", or give the dimensions\' schemas an "enum" or a "maxLength"',
    );
  }

  #headBytes(meter: Meter): number {
    const group = Object.entries(meter.groupBy ?? {}).reduce((sum, [name, pointer]) => {
      const places = [...this.#versions.values()].map(
        (schema) => findPlace(schema, pathOf(pointer))?.groupBytes ?? 0,
      );
      return sum + name.length + 2 + Math.max(0, ...places);
    }, 3);
    const aggregate = group + NUMBER_BYTES;
    const latest = meter.aggregate === 'latest' ? group + LATEST_BYTES : 0;
    return meter.name.length + meter.maxGroups * (aggregate + latest);
  }

  #complain(at: string, message: string): void {
    this.mistakes.push(this.#source.mistake(at, message));
  }
}
