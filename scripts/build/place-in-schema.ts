import { encodePart } from '../../lambdas/domain/keys.ts';
import { MAX_GROUP_VALUE } from '../../lambdas/domain/measure.ts';
import { DECIMAL } from './schema-compiler.ts';
import { isObject, isSchema, listOf, resolveRef, type Schema, type SchemaObject } from './walk-schema.ts';

/** What a value can be. A `decimal` is a string that is a decimal number, `text` any other string. */
export type Kind = 'null' | 'boolean' | 'integer' | 'fraction' | 'decimal' | 'text' | 'array' | 'object';

/** What a schema lets stand at one place of the data. */
export interface Place {
  readonly kinds: ReadonlySet<Kind>;
  /** Most bytes of UTF-8 that such a value takes in a group key. */
  readonly groupBytes: number;
}

const EVERY_KIND: readonly Kind[] = [
  'null',
  'boolean',
  'integer',
  'fraction',
  'decimal',
  'text',
  'array',
  'object',
];
const KINDS_OF_TYPE: Readonly<Record<string, readonly Kind[]>> = {
  null: ['null'],
  boolean: ['boolean'],
  integer: ['integer'],
  number: ['integer', 'fraction'],
  string: ['decimal', 'text'],
  array: ['array'],
  object: ['object'],
};
/** A UTF-16 unit takes three bytes at most, percent-encoded too. */
const MOST_GROUP_BYTES = MAX_GROUP_VALUE * 3;
const ANYTHING: Place = { kinds: new Set(EVERY_KIND), groupBytes: MOST_GROUP_BYTES };
const NOTHING: Place = { kinds: new Set(), groupBytes: 0 };

/**
 * Looks a place of the data up in a schema: through properties, items, references and combinators. Undefined where the
 * schema doesn't speak of it. The schema must not be recursive.
 */
export function findPlace(root: Schema, path: readonly string[]): Place | undefined {
  return placeIn(root, root, path);
}

function placeIn(root: Schema, schema: Schema, path: readonly string[]): Place | undefined {
  if (!isObject(schema)) {
    if (path.length > 0) return undefined;
    return schema ? ANYTHING : NOTHING;
  }
  const [step, ...rest] = path;
  const own =
    step === undefined
      ? describeValue(schema)
      : both(childrenOf(schema, step).map((child) => placeIn(root, child, rest)));
  const referred = typeof schema.$ref === 'string' ? resolveRef(root, schema.$ref) : undefined;
  const branches = conditionBranches(schema);
  return both([
    own,
    ...(referred === undefined ? [] : [placeIn(root, referred, path)]),
    ...listOf(schema.allOf).map((part) => placeIn(root, part, path)),
    either(listOf(schema.anyOf).map((part) => placeIn(root, part, path))),
    either(listOf(schema.oneOf).map((part) => placeIn(root, part, path))),
    either(branches.map((part) => placeIn(root, part, path))),
  ]);
}

/** `then` and `else`: one of them applies. The one that is missing allows anything. */
function conditionBranches(schema: SchemaObject): readonly Schema[] {
  if (schema.if === undefined) return [];
  return [schema.then, schema.else].map((branch) => (isSchema(branch) ? branch : true));
}

/** The schemas that a schema itself, without its references and combinators, applies to a member or an item. */
function childrenOf(schema: SchemaObject, step: string): readonly Schema[] {
  const found: Schema[] = [];
  const named = isObject(schema.properties) && Object.hasOwn(schema.properties, step);
  if (named) found.push((schema.properties as Record<string, Schema>)[step]!);
  for (const [pattern, child] of Object.entries(
    isObject(schema.patternProperties) ? schema.patternProperties : {},
  )) {
    if (new RegExp(pattern, 'u').test(step)) found.push(child as Schema);
  }
  if (found.length === 0 && isObject(schema.additionalProperties)) found.push(schema.additionalProperties);
  if (/^(0|[1-9]\d*)$/.test(step)) {
    const item = listOf(schema.prefixItems)[Number(step)] ?? schema.items;
    if (isObject(item)) found.push(item);
  }
  return found;
}

function describeValue(schema: SchemaObject): Place {
  const listed = schema.const !== undefined ? [schema.const] : schema.enum;
  if (Array.isArray(listed)) {
    return {
      kinds: new Set(listed.map(kindOf)),
      groupBytes: Math.max(0, ...listed.map((value) => Buffer.byteLength(encodePart(String(value))))),
    };
  }
  const types = schema.type === undefined ? Object.keys(KINDS_OF_TYPE) : [schema.type].flat();
  const kinds = new Set(types.flatMap((type) => KINDS_OF_TYPE[String(type)] ?? []));
  if (schema.format === 'decimal') kinds.delete('text');
  return { kinds, groupBytes: groupBytesOf(kinds, schema.maxLength) };
}

function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  if (typeof value === 'string') return DECIMAL.test(value) ? 'decimal' : 'text';
  return typeof value as 'boolean' | 'object';
}

/** A number's text has 25 characters at most (`-2.2250738585072014e-308`). Lengths in schemas count code points. */
function groupBytesOf(kinds: ReadonlySet<Kind>, maxLength: unknown): number {
  if (kinds.has('text') || kinds.has('decimal')) {
    return Math.min(MOST_GROUP_BYTES, typeof maxLength === 'number' ? maxLength * 4 : MOST_GROUP_BYTES);
  }
  return 25;
}

/** What satisfies all that speak of the place. */
function both(places: readonly (Place | undefined)[]): Place | undefined {
  return combine(places, (a, b) => ({
    kinds: new Set([...a.kinds].filter((kind) => b.kinds.has(kind))),
    groupBytes: Math.min(a.groupBytes, b.groupBytes),
  }));
}

/** What satisfies any one of those that speak of the place. */
function either(places: readonly (Place | undefined)[]): Place | undefined {
  return combine(places, (a, b) => ({
    kinds: new Set([...a.kinds, ...b.kinds]),
    groupBytes: Math.max(a.groupBytes, b.groupBytes),
  }));
}

function combine(
  places: readonly (Place | undefined)[],
  merge: (a: Place, b: Place) => Place,
): Place | undefined {
  return places
    .filter((place) => place !== undefined)
    .reduce<Place | undefined>((merged, place) => (merged ? merge(merged, place) : place), undefined);
}
