import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import shape from '../../contracts/contract.schema.json' with { type: 'json' };
import { RESERVED_TYPE_PREFIX } from '../../lambdas/domain/cloudevent.ts';
import type { BucketSize, Contract, Priority } from '../../lambdas/domain/contract.ts';
import { checkExamples } from './check-examples.ts';
import { checkRevisions, type WrittenRevision } from './check-revisions.ts';
import { checkSchema } from './check-schema.ts';
import { explainViolation } from './explain-violation.ts';
import { type JsonSource, readJson, shownPath } from './json-source.ts';
import { type Mistake, quote } from './mistakes.ts';
import { newAjv } from './schema-compiler.ts';
import type { SchemaObject } from './walk-schema.ts';

/** A contract that was found right, with the texts that it was read from. */
export interface CheckedContract {
  readonly contract: Contract;
  /** Text of contract.json. */
  readonly text: string;
  readonly versions: ReadonlyMap<number, { readonly text: string; readonly schema: SchemaObject }>;
}

/** `contract.json` once its shape is right. */
interface WrittenContract {
  readonly type: string;
  readonly owner: string;
  readonly current: number;
  readonly priority?: Priority;
  readonly bucket: BucketSize;
  readonly late: string;
  readonly early: string;
  readonly revisions: readonly WrittenRevision[];
}

const validateShape = newAjv({ allErrors: true, verbose: true }).compile<WrittenContract>(shape);

/** Reads and checks one type's folder. All that is wrong goes to `mistakes`, and nothing is returned then. */
export async function readContract(
  folder: string,
  mistakes: Mistake[],
): Promise<CheckedContract | undefined> {
  const before = mistakes.length;
  const names = await readdir(folder);
  checkNames(folder, names, mistakes);
  const numbers = names.map(versionOf).filter((version) => version !== undefined);
  const versions = await readVersions(folder, numbers, mistakes);
  const schemas = new Map([...versions].map(([version, { schema }]) => [version, schema]));
  const source = await readJson(join(folder, 'contract.json'), mistakes);
  if (!source || !hasShape(source, mistakes)) return undefined;
  checkNaming(source, basename(folder), numbers, mistakes);
  const contract = checkCounting(source, schemas, mistakes);
  if (mistakes.length > before) return undefined;
  mistakes.push(...(await checkExamples(folder, contract, schemas)));
  return mistakes.length > before ? undefined : { contract, text: source.text, versions };
}

/** Refuses files that look like a slip: `v2.shema.json` would be no version, and nobody would notice. */
function checkNames(folder: string, names: readonly string[], mistakes: Mistake[]): void {
  for (const name of names) {
    if (name === 'contract.json' || name === 'examples' || name.endsWith('.md')) continue;
    if (versionOf(name) !== undefined) continue;
    const message = 'is neither contract.json, v<n>.schema.json, examples/ nor *.md';
    mistakes.push({ file: shownPath(join(folder, name)), line: 1, message });
  }
}

function versionOf(name: string): number | undefined {
  const found = /^v([1-9]\d{0,5})\.schema\.json$/.exec(name);
  return found ? Number(found[1]) : undefined;
}

async function readVersions(
  folder: string,
  numbers: readonly number[],
  mistakes: Mistake[],
): Promise<CheckedContract['versions']> {
  const versions = new Map<number, { text: string; schema: SchemaObject }>();
  for (const version of [...numbers].sort((a, b) => a - b)) {
    const source = await readJson(join(folder, `v${version}.schema.json`), mistakes);
    if (!source) continue;
    const found = checkSchema(source);
    mistakes.push(...found);
    if (found.length === 0)
      versions.set(version, { text: source.text, schema: source.value as SchemaObject });
  }
  return versions;
}

function hasShape(source: JsonSource, mistakes: Mistake[]): boolean {
  if (validateShape(source.value)) return true;
  for (const error of validateShape.errors!) {
    // Of a wrong name, ajv reports the name's own mistake too, and that says more.
    if (error.keyword === 'propertyNames') continue;
    const { at, message } = explainViolation(error);
    const name = error.propertyName;
    mistakes.push(source.mistake(name === undefined ? at : [...at, name], message));
  }
  return false;
}

function checkNaming(
  source: JsonSource,
  folderName: string,
  numbers: readonly number[],
  mistakes: Mistake[],
): void {
  const { type, current } = source.value as WrittenContract;
  const complain = (at: string, message: string) => mistakes.push(source.mistake(at, message));
  if (type !== folderName) {
    complain('/type', `"type" is ${quote(type)}, but the folder is ${quote(folderName)}`);
  }
  if (type.startsWith(RESERVED_TYPE_PREFIX)) {
    complain('/type', `types that begin with "${RESERVED_TYPE_PREFIX}" are Weir's own`);
  }
  if (!numbers.includes(current)) {
    complain('/current', `"current" is ${current}, and there is no v${current}.schema.json`);
  }
}

/** Checks revisions and meters. What is returned is good only if no mistake was added. */
function checkCounting(
  source: JsonSource,
  schemas: ReadonlyMap<number, SchemaObject>,
  mistakes: Mistake[],
): Contract {
  const written = source.value as WrittenContract;
  const checked = checkRevisions(source, written.bucket, written.revisions, schemas);
  mistakes.push(...checked.mistakes);
  return {
    type: written.type,
    owner: written.owner,
    current: written.current,
    priority: written.priority ?? 'standard',
    bucket: written.bucket,
    lateMs: durationMs(written.late),
    earlyMs: durationMs(written.early),
    revisions: checked.revisions,
  };
}

const UNIT_MS: Readonly<Record<string, number>> = {
  W: 604_800_000,
  D: 86_400_000,
  H: 3_600_000,
  M: 60_000,
  S: 1000,
};

/** Length of an ISO 8601 duration of weeks, or days, hours, minutes and seconds. Its grammar is checked before. */
function durationMs(duration: string): number {
  return [...duration.matchAll(/(\d+)([WDHMS])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit!]!,
    0,
  );
}
