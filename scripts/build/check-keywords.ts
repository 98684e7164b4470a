import { checkPattern } from './check-pattern.ts';
import { quote, suggest } from './mistakes.ts';
import { FORMATS } from './schema-compiler.ts';
import { isObject, resolveRef, type SchemaObject, type Subschema } from './walk-schema.ts';

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

/** What is wrong with one keyword of a schema. */
export interface KeywordMistake {
  readonly keyword: string;
  readonly message: string;
}

type Rule = (schema: SchemaObject, root: SchemaObject) => Iterable<KeywordMistake>;

const RULES: readonly Rule[] = [
  format,
  pattern,
  patternProperties,
  reference,
  multipleOf,
  uniqueItems,
  prototype,
];

/** Holds a schema, by itself and apart from those in it, to what the standard leaves open and hostile input would use. */
export function* checkKeywords({ schema, at }: Subschema, root: SchemaObject): Generator<KeywordMistake> {
  for (const keyword of Object.keys(schema)) {
    if (KEYWORDS.has(keyword) || (keyword === '$id' && at.length === 0)) continue;
    yield { keyword, message: `unknown keyword "${keyword}"${suggest(keyword, KEYWORDS)}` };
  }
  for (const rule of RULES) yield* rule(schema, root);
}

function* format({ format }: SchemaObject): Generator<KeywordMistake> {
  if (typeof format !== 'string' || FORMATS.includes(format)) return;
  yield { keyword: 'format', message: `unknown format "${format}"; there are ${FORMATS.join(', ')}` };
}

function* pattern({ pattern, maxLength }: SchemaObject): Generator<KeywordMistake> {
  if (typeof pattern !== 'string') return;
  const reason = checkPattern(pattern);
  if (reason) yield { keyword: 'pattern', message: `pattern ${quote(pattern)} ${reason}` };
  if (Number(maxLength) <= MOST_PATTERN_LENGTH) return;
  yield {
    keyword: 'pattern',
    message: `"pattern" needs "maxLength" of at most ${MOST_PATTERN_LENGTH} beside it: it is checked first and bounds the work`,
  };
}

function* patternProperties({ patternProperties }: SchemaObject): Generator<KeywordMistake> {
  for (const name of Object.keys(isObject(patternProperties) ? patternProperties : {})) {
    const reason = checkPattern(name);
    if (reason) yield { keyword: 'patternProperties', message: `pattern ${quote(name)} ${reason}` };
  }
}

function* reference({ $ref }: SchemaObject, root: SchemaObject): Generator<KeywordMistake> {
  if (typeof $ref !== 'string' || resolveRef(root, $ref) !== undefined) return;
  yield {
    keyword: '$ref',
    message: `${quote($ref)} leads nowhere in this file; write e.g. "#/$defs/amount"`,
  };
}

function* multipleOf({ multipleOf }: SchemaObject): Generator<KeywordMistake> {
  if (typeof multipleOf !== 'number' || Number.isInteger(multipleOf)) return;
  yield {
    keyword: 'multipleOf',
    message:
      `"multipleOf" must be an integer: ${multipleOf} can't be checked in binary arithmetic ` +
      '(0.3 is no multiple of 0.1); a meter\'s "scale" rounds exactly',
  };
}

function* uniqueItems({ uniqueItems, maxItems }: SchemaObject): Generator<KeywordMistake> {
  if (uniqueItems !== true || Number(maxItems) <= MOST_UNIQUE_ITEMS) return;
  yield {
    keyword: 'uniqueItems',
    message: `"uniqueItems" needs "maxItems" of at most ${MOST_UNIQUE_ITEMS} beside it: each item is compared with each`,
  };
}

/** ajv passes over a property of this name: it would be declared, and never checked. */
function* prototype({ properties, required }: SchemaObject): Generator<KeywordMistake> {
  const message = '"__proto__" can\'t be the name of a property';
  if (isObject(properties) && Object.hasOwn(properties, '__proto__'))
    yield { keyword: 'properties', message };
  if (Array.isArray(required) && required.includes('__proto__')) yield { keyword: 'required', message };
}
