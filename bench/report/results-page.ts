import { cpus, totalmem } from 'node:os';
import type { SectionResult } from '../section.ts';
import { targetTable } from './tables.ts';

const INTRODUCTION = [
  '# Results of the bench',
  'Written by `npm run bench -- --write`, part by part; [README.md](README.md) says what is measured and how to read it.',
].join('\n\n');
const HEADING = /^## (.+)$/m;

/**
 * The page with these results in it: parts that were not run now stay as they are. Of the machine it says no more than
 * its class, as ratios and counts matter and times do not.
 * @param page as it was, or empty
 */
export function resultsPage(results: readonly SectionResult[], page: string, now = new Date()): string {
  const parts = new Map(partsOf(page));
  for (const result of results) parts.set(result.title, partOf(result, now));
  return `${[INTRODUCTION, ...[...parts].flatMap(([title, part]) => [`## ${title}`, part])].join('\n\n')}\n`;
}

function partsOf(page: string): [title: string, part: string][] {
  const [, ...pieces] = page.split(HEADING);
  const parts: [string, string][] = [];
  for (let at = 0; at + 1 < pieces.length; at += 2) parts.push([pieces[at]!, pieces[at + 1]!.trim()]);
  return parts;
}

function partOf({ text, targets }: SectionResult, now: Date): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} cores, ${memory} GB, ${process.platform} on ${process.arch}`;
  const judged = targets.length > 0 ? [targetTable(targets)] : [];
  return [
    `${now.toISOString().slice(0, 10)}, Node ${process.version}, a machine with ${machine}.`,
    ['```text', ...judged, text, '```'].join('\n'),
  ].join('\n\n');
}
