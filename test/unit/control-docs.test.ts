import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LEVELS } from '../../lambdas/domain/control/control.ts';
import { readCommand } from '../../lambdas/domain/control/read-command.ts';
import { settings } from '../../lib/config/settings.ts';
import { alarmCatalogue, guardingAlarms, workingAlarms } from '../../lib/observability/catalogue.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/control.md'), 'utf8');
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]): [string] => [text!]);
const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('docs/control.md', () => {
  it.each(examples)('%s is taken as it stands', (text) => {
    const json = JSON.parse(text);
    const { command } = json as { command: string };
    expect(readCommand(json, NOW)).toMatchObject({ command });
  });

  it('has an example of everything that can be set, and says what it is', () => {
    const used = new Set(examples.flatMap(([text]) => Object.keys(JSON.parse(text) as object)));
    for (const member of ['mode', 'level', 'hold', 'release', 'maintenance', 'endMaintenance']) {
      expect(used).toContain(member);
      expect(page).toContain(`| \`${member}\` |`);
    }
    for (const level of LEVELS) expect(page).toContain(`| \`${level}\` |`);
  });

  it('names the alarms that guard hears, and the settings as they are', () => {
    const all = workingAlarms(alarmCatalogue({ retentionHours: 168, gatherSeconds: 0 }));
    for (const { id } of guardingAlarms(all)) expect(page).toContain(`*${id}*`);
    for (const [name, value] of Object.entries(settings.guard))
      expect(page).toMatch(new RegExp(`\`${name}\` \\(${value}\\)`));
  });
});
