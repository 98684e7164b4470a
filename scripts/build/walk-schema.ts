import { type JsonPath, pathOf } from './json-source.ts';

/** JSON Schema 2020-12: an object of keywords, or a boolean. */
export type Schema = boolean | SchemaObject;
export type SchemaObject = Readonly<Record<string, unknown>>;

const ONE = [
  'items',
  'contains',
  'additionalProperties',
  'propertyNames',
  'if',
  'then',
  'else',
  'not',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties', 'dependentSchemas'];
const DEFINITIONS = '$defs';

/** A schema in a schema, and where it stands. */
export interface Subschema {
  readonly schema: SchemaObject;
  readonly at: JsonPath;
}

/** The schema and all schemas in it, definitions too. References are not followed. */
export function subschemas(schema: Schema): Generator<Subschema> {
  return walk(schema, [], [...MAPS, DEFINITIONS]);
}

function* walk(schema: Schema, at: JsonPath, maps: readonly string[]): Generator<Subschema> {
  if (!isObject(schema)) return;
  yield { schema, at };
  for (const keyword of ONE) {
    if (isObject(schema[keyword])) yield* walk(schema[keyword], [...at, keyword], maps);
  }
  for (const keyword of LISTS) {
    for (const [index, item] of listOf(schema[keyword]).entries())
      yield* walk(item, [...at, keyword, index], maps);
  }
  for (const keyword of maps) {
    for (const [name, value] of entriesOf(schema[keyword])) yield* walk(value, [...at, keyword, name], maps);
  }
}

/** The schema that a reference within the file points to: `#` or `#/…` (RFC 6901, URI fragment form). */
export function resolveRef(root: Schema, ref: string): Schema | undefined {
  const pointer = ref === '#' || ref.startsWith('#/') ? decodeFragment(ref.slice(1)) : undefined;
  if (pointer === undefined) return undefined;
  let place: unknown = root;
  for (const token of pathOf(pointer)) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, token)) return undefined;
    place = (place as Record<string, unknown>)[token];
  }
  return isSchema(place) ? place : undefined;
}

function decodeFragment(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
}

/** The schemas that this one applies, by reference, to a value or to what is in it. */
export function* referredBy(root: Schema, schema: Schema): Generator<Schema> {
  for (const { schema: inner } of walk(schema, [], MAPS)) {
    const target = typeof inner.$ref === 'string' ? resolveRef(root, inner.$ref) : undefined;
    if (target !== undefined) yield target;
  }
}

export function isObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'boolean' || isObject(value);
}

export function listOf(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

function entriesOf(value: unknown): readonly (readonly [string, Schema])[] {
  return isObject(value)
    ? Object.entries(value).filter((entry): entry is [string, Schema] => isSchema(entry[1]))
    : [];
}

/** The schema as it is compiled: an `$id` would only be a name, and two types might have the same. */
export function withoutId(schema: SchemaObject): SchemaObject {
  const { $id: _, ...rest } = schema;
  return rest;
}
