import { checkPattern } from './check-pattern.ts';
import { explainViolation } from './explain-violation.ts';
import type { JsonPath, JsonSource } from './json-source.ts';
import { type Mistake, quote, suggest } from './mistakes.ts';
import { FORMATS, newAjv } from './schema-compiler.ts';
import {
  isObject,
  referredBy,
  resolveRef,
  type Schema,
  type SchemaObject,
  subschemas,
  withoutId,
} from './walk-schema.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** What 2020-12 has and contracts may use. A schema version is one file, read on its own: nothing that reaches outside. */
const KEYWORDS = new Set(
  (
    '$schema $comment $defs $ref type const enum allOf anyOf oneOf not if then else ' +
    'properties patternProperties additionalProperties propertyNames required dependentRequired dependentSchemas ' +
    'minProperties maxProperties unevaluatedProperties ' +
    'items prefixItems contains minContains maxContains minItems maxItems uniqueItems unevaluatedItems ' +
    'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format ' +
    'title description examples deprecated readOnly writeOnly contentMediaType contentEncoding'
  ).split(' '),
);
/** So that work on one value is bounded: see docs/contracts.md. */
const MOST_PATTERN_LENGTH = 4096;
const MOST_UNIQUE_ITEMS = 1000;

/** All that is wrong with a schema version. Where nothing is, ajv compiles it in strict mode. */
export function checkSchema(source: JsonSource): readonly Mistake[] {
  const schema = source.value;
  if (!isObject(schema)) return [source.mistake('', 'a schema must be an object')];
  if (schema.$schema !== DIALECT) {
    return [source.mistake('/$schema', `"$schema" must be "${DIALECT}"; it is ${quote(schema.$schema)}`)];
  }
  const mistakes = checkAgainstDialect(source);
  for (const { schema: inner, at } of subschemas(schema)) {
    for (const { message, keyword } of checkKeywords(schema, inner, at)) {
      mistakes.push(source.mistake([...at, keyword], message));
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

interface KeywordMistake {
  readonly keyword: string;
  readonly message: string;
}

function* checkKeywords(root: Schema, schema: SchemaObject, at: JsonPath): Generator<KeywordMistake> {
  for (const keyword of Object.keys(schema)) {
    if (KEYWORDS.has(keyword) || (keyword === '$id' && at.length === 0)) continue;
    yield { keyword, message: `unknown keyword "${keyword}"${suggest(keyword, KEYWORDS)}` };
  }
  const { format, pattern, $ref, multipleOf, properties, required } = schema;
  if (typeof format === 'string' && !FORMATS.includes(format)) {
    yield { keyword: 'format', message: `unknown format "${format}"; there are ${FORMATS.join(', ')}` };
  }
  if (typeof pattern === 'string') yield* checkBoundedPattern(pattern, schema.maxLength);
  for (const name of Object.keys(isObject(schema.patternProperties) ? schema.patternProperties : {})) {
    const reason = checkPattern(name);
    if (reason) yield { keyword: 'patternProperties', message: `pattern ${quote(name)} ${reason}` };
  }
  if (typeof $ref === 'string' && resolveRef(root, $ref) === undefined) {
    yield {
      keyword: '$ref',
      message: `${quote($ref)} leads nowhere in this file; write e.g. "#/$defs/amount"`,
    };
  }
  if (typeof multipleOf === 'number' && !Number.isInteger(multipleOf)) {
    const message = `${multipleOf} can't be checked in binary arithmetic (0.3 is no multiple of 0.1); a meter's "scale" rounds exactly`;
    yield { keyword: 'multipleOf', message: `"multipleOf" must be an integer: ${message}` };
  }
  if (schema.uniqueItems === true && !(Number(schema.maxItems) <= MOST_UNIQUE_ITEMS)) {
    const message = `"uniqueItems" needs "maxItems" of at most ${MOST_UNIQUE_ITEMS} beside it: each item is compared with each`;
    yield { keyword: 'uniqueItems', message };
  }
  if (isObject(properties) && Object.hasOwn(properties, '__proto__')) {
    yield { keyword: 'properties', message: '"__proto__" can\'t be the name of a property' };
  }
  if (Array.isArray(required) && required.includes('__proto__')) {
    yield { keyword: 'required', message: '"__proto__" can\'t be the name of a property' };
  }
}

function* checkBoundedPattern(pattern: string, maxLength: unknown): Generator<KeywordMistake> {
  const reason = checkPattern(pattern);
  if (reason) yield { keyword: 'pattern', message: `pattern ${quote(pattern)} ${reason}` };
  if (!(Number(maxLength) <= MOST_PATTERN_LENGTH)) {
    const message = `"pattern" needs "maxLength" of at most ${MOST_PATTERN_LENGTH} beside it: it is checked first and bounds the work`;
    yield { keyword: 'pattern', message };
  }
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
