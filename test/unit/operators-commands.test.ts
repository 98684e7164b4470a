import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFolder, weir } from '../support/weir-cli.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');

interface Named {
  readonly page: string;
  readonly text: string;
}

const PAGES = ['runbook.md', 'operating.md', 'recovery.md'];

/** Whole command lines: those of code blocks. */
const lines = PAGES.flatMap((page) =>
  [...readFileSync(join(docs, page), 'utf8').matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) =>
    block!
      .split('\n')
      .filter((line) => /^(npm run )?weir /.test(line))
      .map((text): Named => ({ page, text })),
  ),
);

/** What a sentence names: as much of a command as it needs. */
const mentions = [
  ...new Map(
    PAGES.flatMap((page) =>
      [...readFileSync(join(docs, page), 'utf8').matchAll(/`(?:npm run )?weir (?:-- )?([^`]*)`/g)].map(
        ([, text]) => [text!, { page, text: text! }] as const,
      ),
    ),
  ).values(),
];

/** Words as a shell would cut them: quotes hold, a comment ends the line, and `…` stands for something. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(#.*)|(\S+)/g)]
    .filter(([, , , comment]) => comment === undefined)
    .map(([, double, single, , bare]) => double ?? single ?? bare!)
    .map((word) => (word === '…' ? '2026-11-21T08:00:00Z' : word));
}

const helps = new Map<string, Promise<string>>();

async function help(path: string): Promise<string> {
  const { out } = await weir([...path.split(' '), '--help']);
  return out.startsWith(`Usage: weir ${path} `) ? out : '';
}

/** Help of the longest command that the words begin with. */
async function helpOf(words: readonly string[]): Promise<string> {
  for (const length of [2, 1]) {
    const path = words.slice(0, length).join(' ');
    if (!/^[a-z]+( [a-z]+)*$/.test(path)) continue;
    if (!helps.has(path)) helps.set(path, help(path));
    const found = await helps.get(path)!;
    if (found) return found;
  }
  return '';
}

describe('the pages for operators', () => {
  it.each(lines)('$page: $text is a command line that is taken', async ({ text }) => {
    const [first, ...rest] = wordsOf(text);
    const args = first === 'npm' ? rest.slice(2) : rest;
    // Nothing says which Weir: what is understood fails there, with 3.
    const { code, err } = await weir(args, { cwd: emptyFolder(), env: {} });
    expect(code, err).toBe(3);
  });

  it.each(mentions)('$page: weir $text is there, with the options that it names', async ({ text }) => {
    const words = wordsOf(text);
    const found = await helpOf(words);
    expect(found, 'there is no such command').not.toBe('');
    for (const option of words.filter((word) => /^\[?--[a-z]/.test(word)))
      expect(found, option).toMatch(new RegExp(`${option.replace(/[[\]]/g, '')}\\b`));
  });

  it('name enough for this to be a test', () => {
    expect(lines.length).toBeGreaterThan(5);
    expect(mentions.length).toBeGreaterThan(30);
  });
});
