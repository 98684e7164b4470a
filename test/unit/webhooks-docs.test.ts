import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compileMapping } from '../../lambdas/domain/webhooks/mapping.ts';
import { presets } from '../../lambdas/domain/webhooks/presets.ts';
import { parseScheme } from '../../lambdas/domain/webhooks/scheme.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'webhooks.md'), 'utf8');

it('every scheme and every mapping in docs/webhooks.md can be used as it stands', () => {
  const blocks = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text!));
  const inline = [...page.matchAll(/`(\{"kind".*?\})`/g)].map(([, text]) => JSON.parse(text!));
  const schemes = [...blocks, ...inline].filter((json) => 'kind' in json);
  const mappings = blocks.filter((json) => 'event' in json);
  expect([schemes.length, mappings.length, blocks.length]).toEqual([3, 1, 2]);
  for (const scheme of schemes) parseScheme(scheme);
  for (const mapping of mappings) compileMapping(mapping);
});

it.each([...presets.keys()])('the preset for %s is on the page', (provider) => {
  expect(page).toContain(`\`${provider}\``);
});
