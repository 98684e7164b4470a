import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../scripts/mutants/list.ts';
import { breakGuard } from '../../scripts/mutants/mutant.ts';
import { COPIED, runNode } from '../../scripts/mutants/run-mutant.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What the adapters' tests run on LocalStack. */
const contracts = readdirSync(new URL('../contract', import.meta.url))
  .map((name) => read(`test/contract/${name}`))
  .join('\n');

describe('guards broken on purpose', () => {
  it('have names of their own', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  });

  it('are made in a copy, never in the project itself', () => {
    expect(mutants.filter(({ file }) => !COPIED.includes(file.split('/')[0]!))).toEqual([]);
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

it('ends a test run that takes too long together with the processes that it started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-run-'));
  try {
    const worker = 'setInterval(() => {}, 1000)';
    const leader = `
      const { pid } = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(worker)}]);
      require('node:fs').writeFileSync('pid', String(pid));
      ${worker}`;
    await runNode(folder, ['-e', leader], 2_000);
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
