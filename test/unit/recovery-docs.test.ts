import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRequest } from '../../lambdas/domain/recovery/read-request.ts';
import type { Verb } from '../../lambdas/domain/recovery/request.ts';
import { recoveryExamples } from '../../lib/config/recovery-examples.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'recovery.md'), 'utf8');
const shown = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text!));
const examples = Object.entries(recoveryExamples);
const NOW = Date.parse('2026-11-21T12:00:00Z');

/** The kinds of findings that the code makes; a name with a hyphen is one, the others are listed. */
function kindsInCode(): readonly string[] {
  const rooms = ['domain/recovery', 'platform', 'plan', 'scan', 'fold', 'resend', 'repair'];
  const files = rooms.flatMap((room) => {
    const folder = join(root, 'lambdas', room);
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  });
  const names = files.flatMap((text) => [...text.matchAll(/kind: '([a-z]+(?:-[a-z]+)+)'/g)]);
  return [...new Set([...names.map(([, kind]) => kind!), 'unprovable', 'moving', 'uncountable'])];
}

describe('docs/recovery.md', () => {
  it('shows the examples that the console offers, and no others', () => {
    expect(shown).toEqual(examples.map(([, example]) => example));
  });

  it('has an example for each verb and command', () => {
    const asked = new Set(
      examples.map(([, example]) => ('verb' in example ? example.verb : example.command)),
    );
    const verbs: readonly Verb[] = ['replay', 'reconcile', 'preview', 'rebuild', 'redrive', 'verify'];
    for (const one of [...verbs, 'resume', 'cancel']) expect(asked).toContain(one);
  });

  it.each(examples)('%s is taken as it stands', (_name, example) => {
    expect(readRequest(example, NOW)).toMatchObject({ requestId: example.requestId });
  });

  it.each(examples)('%s does no harm where somebody presses the button', (_name, example) => {
    const harmless =
      'command' in example ||
      ('dryRun' in example && example.dryRun) ||
      example.verb === 'preview' ||
      example.verb === 'verify' ||
      (example.verb === 'reconcile' && !('repair' in example));
    expect(harmless).toBe(true);
  });

  it('explains every kind of finding that there is', () => {
    for (const kind of kindsInCode()) expect(page, kind).toContain(`| \`${kind}\` |`);
  });

  it('explains no finding that there is not', () => {
    const rows = [...page.matchAll(/^\| `([a-z]+(?:-[a-z]+)+)` \|/gm)].map(([, kind]) => kind!);
    const known = [...kindsInCode(), 'patch-failed', 'still-refused', 'not-redrivable'];
    for (const kind of rows) expect(known).toContain(kind);
  });

  it('names every member that a request may have', () => {
    const mistakes = ['replay', 'reconcile', 'preview', 'rebuild', 'redrive', 'verify'].flatMap((verb) => {
      try {
        readRequest({ verb, unknown: 1 }, NOW);
      } catch (error) {
        return [...(error as Error).message.matchAll(/Allowed are (.*)/g)].flatMap(([, names]) =>
          names!.split(', '),
        );
      }
      return [];
    });
    expect(mistakes.length).toBeGreaterThan(40);
    for (const name of new Set(mistakes))
      expect(page.includes(`\`${name}\``) || page.includes(`"${name}":`), name).toBe(true);
  });
});

describe('the names of the examples', () => {
  it('are names that Lambda takes of test events', () => {
    for (const [name] of examples) expect(name).toMatch(/^[A-Za-z0-9_-]{1,25}$/);
  });
});
