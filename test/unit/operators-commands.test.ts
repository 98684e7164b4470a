import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Profile } from '../../cli/platform/profile.ts';
import { nextSteps } from '../../scripts/start/next-steps.ts';
import { emptyFolder, weir } from '../support/weir-cli.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (page: string) => readFileSync(join(root, page), 'utf8');

interface Named {
  readonly page: string;
  readonly text: string;
}

const PAGES = [
  'README.md',
  ...['docs', 'docs/adr', 'bench', 'localstack'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

/** Whole command lines: those of code blocks. */
const lines = PAGES.flatMap((page) =>
  [...read(page).matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) =>
    block!
      .split('\n')
      .filter((line) => /^(npm run )?weir /.test(line))
      .map((text): Named => ({ page, text })),
  ),
);

/** What `npm start` ends with. */
const steps = nextSteps({ apiUrl: 'http://localhost', apiKey: 'wk_x' } as Profile, {
  ...{ now: 0, profileFlag: '', consoleUrl: 'http://localhost' },
})
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line.startsWith('npm run weir '))
  .map((text): Named => ({ page: 'npm start', text }));

/** What a sentence names: as much of a command as it needs. */
const mentions = [
  ...new Map(
    PAGES.flatMap((page) =>
      [...read(page).matchAll(/`(?:npm run )?weir (?:-- )?([a-z][^`]*)`/g)].map(([, words]) => {
        const text = words!.replace(/\s+/g, ' ');
        return [text, { page, text }] as const;
      }),
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

/** Runs where nothing says which Weir: what is understood fails there, with 3. */
function tryOut(args: readonly string[]) {
  const cwd = emptyFolder();
  symlinkSync(join(root, 'contracts'), join(cwd, 'contracts'));
  return weir(args, { cwd, env: {} });
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

/** Why a part of a command line is not yet one. */
const LEFT_OUT = /required option|missing required argument|argument missing|Say wh(at|y)|Usage: weir /;

describe('the pages', () => {
  it.each([...lines, ...steps])('$page: $text is a command line that is taken', async ({ text }) => {
    const [first, ...rest] = wordsOf(text);
    // npm keeps the first -- for itself.
    const args = first === 'npm' ? rest.slice(3) : rest;
    const { code, err } = await tryOut(args);
    expect(code, err).toBe(args.includes('--help') ? 0 : 3);
  });

  it.each(mentions.filter(({ text }) => !/[…<[]/.test(text)))(
    '$page: weir $text is taken as far as it goes',
    async ({ text }) => {
      const { code, err } = await tryOut(wordsOf(text));
      // A sentence may leave out what must be there; what it says is right.
      if (code === 2) expect(err).toMatch(LEFT_OUT);
      else expect(code, err).toBe(3);
    },
  );

  it.each(mentions)('$page: weir $text is there, with the options that it names', async ({ text }) => {
    const words = wordsOf(text);
    const found = await helpOf(words);
    expect(found, 'there is no such command').not.toBe('');
    for (const option of words.filter((word) => /^\[?--[a-z]/.test(word)))
      expect(found, option).toMatch(new RegExp(`${option.replace(/[[\]]/g, '')}\\b`));
  });

  it.each(PAGES)('%s: what npm runs is there', (page) => {
    const { scripts } = JSON.parse(read('package.json'));
    for (const [, name] of read(page).matchAll(/\bnpm run (?!-)([\w:-]+)/g))
      expect(scripts).toHaveProperty([name!]);
  });

  it('name enough for this to be a test', () => {
    expect(lines.length).toBeGreaterThan(20);
    expect(steps.length).toBeGreaterThan(5);
    expect(mentions.length).toBeGreaterThan(50);
  });
});
