import type { AlarmNow } from '../platform/alarms.ts';
import type { Use } from '../platform/context.ts';
import { startProgress } from '../platform/progress.ts';
import { collectParts } from './collect.ts';
import { type BundleFile, jsonFile, type PartResult, type Span } from './part.ts';
import { partsOf } from './parts.ts';
import type { IncidentPorts } from './ports.ts';
import { type Facts, indexPage, postmortemPage, timelinePage } from './postmortem.ts';

export interface Bundle {
  readonly parts: readonly PartResult[];
  readonly files: readonly BundleFile[];
}

/** Collects everything and puts the pages before it. What is missing stands in the index. */
export async function collectIncident(
  ports: IncidentPorts,
  span: Span,
  { host }: Pick<Use, 'host'>,
): Promise<Bundle> {
  const all = partsOf(ports);
  const progress = startProgress(host.stderr, 'Collecting', all.length);
  try {
    const parts = await collectParts(all, { span, progress, interrupted: host.interrupted });
    const timeline = parts.flatMap(({ events }) => events).toSorted((a, b) => (a.at < b.at ? -1 : 1));
    const operator = await ports.operator().catch(() => 'unknown');
    const facts: Facts = { ...ports, operator, span, timeline, alarms: alarmsIn(parts), parts };
    const pages = [
      { path: 'README.md', text: indexPage(facts) },
      { path: 'timeline.md', text: timelinePage(facts) },
      jsonFile('timeline.json', timeline),
      { path: 'postmortem.md', text: postmortemPage(facts) },
    ];
    return { parts, files: [...pages, ...parts.flatMap(({ files }) => files)] };
  } finally {
    progress.stop();
  }
}

function alarmsIn(parts: readonly PartResult[]): readonly AlarmNow[] {
  const file = parts.flatMap(({ files }) => files).find(({ path }) => path === 'alarms.json');
  return file ? JSON.parse(file.text) : [];
}
