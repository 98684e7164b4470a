import type { AlarmNow } from '../platform/alarms.ts';
import type { PartResult, Span, TimelineEvent } from './part.ts';
import { time } from './part.ts';

export interface Facts {
  readonly name: string;
  readonly operator: string;
  readonly span: Span;
  readonly now: number;
  /** In the order of time. */
  readonly timeline: readonly TimelineEvent[];
  readonly alarms: readonly AlarmNow[];
  readonly parts: readonly PartResult[];
}

/** Lines of a Markdown table: what senders or operators have chosen must not end a cell, and is no markup. */
const cell = (text: string): string =>
  text
    .replace(/[|\r\n]+/g, ' ')
    .replace(/\p{Cc}/gu, '�')
    .replaceAll('<', '&lt;');

const SHOWN = 100;

/** What has happened, for people. */
export function timelinePage({ timeline, span }: Facts): string {
  const rows = timeline.map(({ at, what, text }) => `| ${at} | ${what} | ${cell(text)} |`);
  return [
    `# Timeline, ${time(span.from)} to ${time(span.to)}`,
    '',
    ...(rows.length > 0
      ? ['| at (UTC) | what | |', '|---|---|---|', ...rows]
      : ['Nothing: no alarm changed, nothing was deployed, set or run.']),
    '',
  ].join('\n');
}

/** What is in the bundle, and what is not. */
export function indexPage({ name, operator, span, now, parts }: Facts): string {
  const rows = parts.map(
    (part) =>
      `| ${part.name} | ${cell(part.missing === undefined ? part.summary : `**missing**: ${part.missing}`)} |`,
  );
  return [
    `# Evidence of ${name}, ${time(span.from)} to ${time(span.to)}`,
    '',
    `Collected at ${time(now)} by ${cell(operator)}. There are no events and no payloads in it; there are names of tenants and producers.`,
    'Begin with [timeline.md](timeline.md); [postmortem.md](postmortem.md) is to be filled in.',
    '',
    '| part | |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** A report to be filled in: times and names stand there already. */
export function postmortemPage(facts: Facts): string {
  const { name, operator, span, timeline, alarms } = facts;
  const first = timeline.find(({ what }) => what === 'alarm');
  const open = alarms.filter(({ state, severity }) => state === 'ALARM' && severity !== 'part');
  const deploys = timeline.filter(({ what }) => what === 'deploy');
  return [
    `# Postmortem: ${name}, ${time(span.from).slice(0, 10)}`,
    '',
    'Blameless: what made it possible, and what made it last, rather than who.',
    '',
    '| | |',
    '|---|---|',
    `| written by | ${cell(operator)} |`,
    `| first alarm | ${first ? `${first.at}: ${cell(first.text)}` : 'none in this time'} |`,
    `| still open | ${open.length > 0 ? open.map(({ id }) => id).join(', ') : 'nothing'} |`,
    `| deployed in this time | ${deploys.length > 0 ? deploys.map(({ at }) => at).join(', ') : 'nothing'} |`,
    '| seen by | an alarm, a sender, by chance? |',
    '| began, noticed, understood, over | … |',
    '',
    '## What senders and billing had of it',
    ...(open.length > 0 ? open.map(({ id, impact }) => `- ${id}: ${impact}`) : ['…']),
    '',
    'Is anything lost, counted twice, or billed wrongly? `weir verify` and `weir reconcile` of this time say so: paste what they said.',
    '',
    '## What happened',
    '| at (UTC) | what | |',
    '|---|---|---|',
    ...timeline.slice(0, SHOWN).map(({ at, what, text }) => `| ${at} | ${what} | ${cell(text)} |`),
    ...(timeline.length > SHOWN ? [`| … | | ${timeline.length - SHOWN} more in timeline.md |`] : []),
    '',
    '## Why it happened',
    '…',
    '',
    '## Why it lasted so long',
    'Alarm, runbook, access, tools: what was missing?',
    '',
    '## What went well',
    '…',
    '',
    '## What is done about it',
    '| what | kind (prevents, finds sooner, mends faster) | who | until |',
    '|---|---|---|---|',
    '| … | | | |',
    '',
  ].join('\n');
}
