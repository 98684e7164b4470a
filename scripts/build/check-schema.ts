import { checkKeywords } from './check-keywords.ts';
import { explainViolation } from './explain-violation.ts';
import type { JsonPath, JsonSource } from './json-source.ts';
import { type Mistake, quote } from './mistakes.ts';
import { newAjv } from './schema-compiler.ts';
import {
  isObject,
  referredBy,
  type Schema,
  type SchemaObject,
  subschemas,
  withoutId,
} from './walk-schema.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** All that is wrong with a schema version. Where nothing is, ajv compiles it in strict mode. */
export function checkSchema(source: JsonSource): readonly Mistake[] {
  const schema = source.value;
  if (!isObject(schema)) return [source.mistake('', 'a schema must be an object')];
  if (schema.$schema !== DIALECT) {
    return [source.mistake('/$schema', `"$schema" must be "${DIALECT}"; it is ${quote(schema.$schema)}`)];
  }
  const mistakes = checkAgainstDialect(source);
  for (const subschema of subschemas(schema)) {
    for (const { message, keyword } of checkKeywords(subschema, schema)) {
      mistakes.push(source.mistake([...subschema.at, keyword], message));
    }
  }
  if (mistakes.length > 0) return mistakes;
  const loop = findRecursion(schema);
  if (loop)
    return [source.mistake(loop, 'the schema contains itself: a sender could nest data without bound')];
  return checkStrictly(source, schema);
}

/** Against the JSON Schema of JSON Schemas. Its combinators repeat themselves: the first error of a place is enough. */
function checkAgainstDialect(source: JsonSource): Mistake[] {
  const ajv = newAjv({ allErrors: true, verbose: true, strict: false });
  ajv.validateSchema(source.value as SchemaObject);
  const places = new Map<string, Mistake>();
  for (const error of ajv.errors ?? []) {
    if (places.has(error.instancePath)) continue;
    const { at, message } = explainViolation(error);
    places.set(error.instancePath, source.mistake(at, message));
  }
  return [...places.values()];
}

/** The place of a schema that applies itself again, through references. */
function findRecursion(root: SchemaObject): JsonPath | undefined {
  const finished = new Set<Schema>();
  const leadsBack = (schema: Schema, path: ReadonlySet<Schema>): boolean => {
    if (path.has(schema)) return true;
    if (finished.has(schema)) return false;
    const further = new Set(path).add(schema);
    for (const target of referredBy(root, schema)) if (leadsBack(target, further)) return true;
    finished.add(schema);
    return false;
  };
  for (const { schema, at } of subschemas(root)) {
    if (typeof schema.$ref === 'string' && leadsBack(schema, new Set())) return [...at, '$ref'];
  }
  return undefined;
}

/** What ajv's strict mode has against the schema; it names most places, e.g. `… at "#/properties/bytes" (strictTypes)`. */
function checkStrictly(source: JsonSource, schema: SchemaObject): readonly Mistake[] {
  const complaints: string[] = [];
  const complain = (message: unknown) => complaints.push(String(message));
  const ajv = newAjv({
    strict: 'log',
    strictRequired: 'log',
    logger: { log: complain, warn: complain, error: complain },
  });
  try {
    ajv.compile(withoutId(schema));
  } catch (error) {
    complain((error as Error).message);
  }
  return complaints.map((complaint) => {
    const [, message = complaint, pointer = ''] = /^(.*?) at "[^"#]*#?([^"]*)"/.exec(complaint) ?? [];
    return source.mistake(decodeURIComponent(pointer), message.replace(/^strict mode: /, ''));
  });
}
