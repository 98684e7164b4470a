import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../scripts/mutants/list.ts';
import { breakGuard } from '../../scripts/mutants/mutant.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What the adapters' tests run on LocalStack. */
const contracts = readdirSync(new URL('../contract', import.meta.url))
  .map((name) => read(`test/contract/${name}`))
  .join('\n');

describe('guards broken on purpose', () => {
  it('have names of their own', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  });

  it.each(mutants)('$id: its guard is in the code, and its test is there', (mutant) => {
    const source = read(mutant.file);
    expect(breakGuard(mutant, source)).not.toBe(source);
    expect(mutant.emulator ? contracts : read(mutant.test.file)).toContain(mutant.test.name);
    expect(mutant.test.file.startsWith('test/emulator/')).toBe(mutant.emulator === true);
  });

  it('are those that docs/testing.md lists', () => {
    const rows = read('docs/testing.md')
      .split('\n')
      .filter((line) => /^\| [PF]\d/.test(line));
    expect(rows).toEqual(
      mutants.map(({ id, promise, guard, test, emulator }) => {
        const where = `${test.file.replace(/^test\//, '')}${emulator ? ' (LocalStack)' : ''}`;
        return `| ${promise} | ${guard} | \`${id}\` | ${where}: ${test.name} |`;
      }),
    );
  });
});
