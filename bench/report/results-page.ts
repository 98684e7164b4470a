import { cpus, totalmem } from 'node:os';
import type { SectionResult } from '../section.ts';
import { targetTable } from './tables.ts';

/** A run as a page of Markdown. Of the machine it says no more than its class: the ratios matter, not the times. */
export function resultsPage(results: readonly SectionResult[], now = new Date()): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} cores, ${memory} GB, ${process.platform} on ${process.arch}`;
  const fenced = (text: string) => ['```text', text, '```'].join('\n');
  return `${[
    '# Results of the bench',
    'Written by `npm run bench -- --write`; [README.md](README.md) says what is measured and how to read it.',
    `${now.toISOString().slice(0, 10)}, Node ${process.version}, a machine with ${machine}.`,
    '## Targets',
    fenced(targetTable(results.flatMap(({ targets }) => targets))),
    ...results.flatMap(({ title, text }) => [`## ${title}`, fenced(text)]),
  ].join('\n\n')}\n`;
}
