import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contract } from '../../lambdas/domain/contract.ts';
import { isUnmeasurable, measureValues } from '../../lambdas/domain/measure.ts';
import type { SchemaVersions } from './check-meters.ts';
import { explainViolation } from './explain-violation.ts';
import { type JsonSource, readJson, shownPath } from './json-source.ts';
import type { Mistake } from './mistakes.ts';
import { newAjv } from './schema-compiler.ts';
import { type SchemaObject, withoutId } from './walk-schema.ts';

type Violation = { readonly at: readonly (string | number)[] | string; readonly message: string };

/**
 * Checks a contract's examples: each file is one event's `data`. A valid one must pass its schema version and be countable
 * by the last revision; an invalid one must not. A name that begins with `v<n>.` or `v<n>-` tells the version, else it
 * is the current one.
 */
export async function checkExamples(
  folder: string,
  contract: Contract,
  versions: SchemaVersions,
): Promise<readonly Mistake[]> {
  const mistakes: Mistake[] = [];
  const ajv = newAjv({ allErrors: true, verbose: true });
  const validators = new Map(
    [...versions].map(([n, schema]) => [n, ajv.compile(withoutId(schema as SchemaObject))]),
  );
  const violationsOf = (version: number, data: unknown): readonly Violation[] => {
    const validate = validators.get(version)!;
    if (!validate(data)) return validate.errors!.map(explainViolation);
    const measured = measureValues(contract.revisions.at(-1)!, data);
    if (!isUnmeasurable(measured)) return [];
    return [{ at: measured.pointer.replace('/data', ''), message: `${measured.code}: ${measured.detail}` }];
  };
  for (const kind of ['valid', 'invalid'] as const) {
    const place = join(folder, 'examples', kind);
    const sources = await readExamples(place, mistakes);
    for (const { source, name } of sources) {
      const version = Number(/^v(\d+)[.-]/.exec(name)?.[1] ?? contract.current);
      if (!versions.has(version)) {
        mistakes.push(
          source.mistake('', `is an example of version ${version}, and there is no v${version}.schema.json`),
        );
        continue;
      }
      const violations = violationsOf(version, source.value);
      if (kind === 'valid') {
        mistakes.push(
          ...violations.map(({ at, message }) => source.mistake(at, `should be valid, but: ${message}`)),
        );
      } else if (violations.length === 0) {
        mistakes.push(
          source.mistake('', `should be invalid, but passes v${version}.schema.json and can be counted`),
        );
      }
    }
  }
  return mistakes;
}

async function readExamples(
  place: string,
  mistakes: Mistake[],
): Promise<readonly { readonly source: JsonSource; readonly name: string }[]> {
  const names = await readdir(place).catch(() => []);
  const found = [];
  for (const name of names.sort()) {
    if (!name.endsWith('.json')) {
      mistakes.push({
        file: shownPath(join(place, name)),
        line: 1,
        message: 'an example must be a .json file',
      });
      continue;
    }
    const source = await readJson(join(place, name), mistakes);
    if (source) found.push({ source, name });
  }
  if (!names.some((name) => name.endsWith('.json'))) {
    mistakes.push({
      file: shownPath(place),
      line: 1,
      message: "needs at least one example: a .json file with an event's data",
    });
  }
  return found;
}
