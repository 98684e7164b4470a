import { readBudgets } from '../../lambdas/domain/error-budget.ts';
import { takeLatest } from '../doctor/latest-runs.ts';
import { percent } from '../platform/bar.ts';
import { collectLogs } from './collect-logs.ts';
import { collectMetrics } from './collect-metrics.ts';
import { type Collected, jsonFile, linesFile, type Part, type Span, type TimelineEvent } from './part.ts';
import type { IncidentPorts } from './ports.ts';

/** More of a kind is no evidence that anybody reads. */
const MOST = 1_000;

/** Everything that is collected, what is wanted first first. */
export function partsOf(ports: IncidentPorts): readonly Part[] {
  return [
    { name: 'alarms', collect: () => collectAlarms(ports) },
    { name: 'alarm history', collect: (span) => collectHistory(ports, span) },
    { name: 'deploys', collect: (span) => collectDeploys(ports, span) },
    { name: 'versions', collect: () => collectVersions(ports) },
    { name: 'control', collect: (span) => collectControl(ports, span) },
    { name: 'runs', collect: (span) => collectRuns(ports, span) },
    {
      name: 'metrics',
      collect: async (span) => collectMetrics(ports.metrics, ports.name, await ports.deployment(), span),
    },
    { name: 'error budgets', collect: () => collectBudgets(ports) },
    { name: 'quarantine', collect: () => collectQuarantine(ports) },
    { name: 'logs', collect: (span) => collectRoomLogs(ports, span) },
  ];
}

const within = (at: string, { from, to }: Span): boolean => Date.parse(at) >= from && Date.parse(at) < to;

async function collectAlarms({ alarms }: IncidentPorts): Promise<Collected> {
  const all = await alarms.all();
  const open = all.filter(({ state, severity }) => state === 'ALARM' && severity !== 'part');
  const names = open.length > 0 ? `: ${open.map(({ id }) => id).join(', ')}` : '';
  return { files: [jsonFile('alarms.json', all)], summary: `${open.length} of ${all.length} open${names}` };
}

async function collectHistory({ alarms }: IncidentPorts, { from, to }: Span): Promise<Collected> {
  const changes = await alarms.history(from, to, MOST);
  const events = changes.map(
    ({ id, at, summary }): TimelineEvent => ({ at, what: 'alarm', text: `${id}: ${summary}` }),
  );
  return {
    files: [linesFile('alarm-history.ndjson', changes)],
    events,
    summary: `${changes.length} changes`,
  };
}

async function collectDeploys({ deploys }: IncidentPorts, span: Span): Promise<Collected> {
  const all = await deploys(50);
  const events = all
    .filter(({ at }) => within(at, span))
    .map(({ at, ...rest }): TimelineEvent => ({ at, what: 'deploy', text: say(rest) }));
  return {
    files: [jsonFile('deploys.json', all)],
    events,
    summary: `${events.length} in this time, the latest ${all.length} listed`,
  };
}

/** Attributes as `build 5f1d, by ci`. */
const say = (attributes: Readonly<Record<string, unknown>>): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

async function collectVersions({ functions }: IncidentPorts): Promise<Collected> {
  const all = await functions();
  const builds = new Set(all.flatMap(({ build }) => build ?? []));
  return {
    files: [jsonFile('versions.json', all)],
    summary: `${all.length} functions, ${builds.size} builds`,
  };
}

async function collectControl(ports: IncidentPorts, span: Span): Promise<Collected> {
  const now = await ports.control();
  const history = await ports.controlHistory(200);
  const events = history
    .filter(({ at }) => within(at, span))
    .map(
      ({ at, v, mode, level, held, by, reason }): TimelineEvent => ({
        at,
        what: 'control',
        text: `version ${v} by ${by}: ${mode}, sheds ${level}, ${held.length} held (${reason})`,
      }),
    );
  return {
    files: [jsonFile('control.json', { now, history })],
    events,
    summary: `${now.mode}, sheds ${now.level}, ${now.held.length} held; ${events.length} changes in this time`,
  };
}

async function collectRuns({ runs }: IncidentPorts, span: Span): Promise<Collected> {
  const latest = await takeLatest(runs, MOST);
  const involved = latest.filter(
    ({ startedAt, endedAt, status }) =>
      Date.parse(startedAt) < span.to &&
      (status === 'running' || Date.parse(endedAt ?? startedAt) >= span.from),
  );
  const events = involved.flatMap(({ request, startedAt, endedAt, status }): TimelineEvent[] => {
    const { requestId, operator, reason } = request;
    return [
      { at: startedAt, what: 'run' as const, text: `${requestId} began, by ${operator}: ${reason}` },
      ...(endedAt ? [{ at: endedAt, what: 'run' as const, text: `${requestId} ended: ${status}` }] : []),
    ].filter(({ at }) => within(at, span));
  });
  return { files: [jsonFile('runs.json', involved)], events, summary: `${involved.length} runs` };
}

async function collectBudgets({ slos, metrics, now }: IncidentPorts): Promise<Collected> {
  const budgets = await readBudgets(await slos(), metrics, now);
  const left = budgets.map(({ slo: { id, objective, promise }, bad, all, left }) => {
    return { id, promise, objective, bad, all, left };
  });
  const least = left.toSorted((a, b) => a.left - b.left)[0];
  return {
    files: [jsonFile('error-budgets.json', left)],
    summary: least ? `least is left of ${least.id}: ${percent(least.left)}` : 'there are no service levels',
  };
}

/** Causes with their counts; not the samples, which are what senders sent. */
async function collectQuarantine({ causes }: IncidentPorts): Promise<Collected> {
  const found = [];
  for await (const { tenant, fingerprint, producer, type, code, count, first, last } of causes()) {
    found.push({ tenant, fingerprint, producer, type, code, count, first, last });
    if (found.length === MOST) break;
  }
  const inputs = found.reduce((sum, { count }) => sum + count, 0);
  return { files: [jsonFile('quarantine.json', found)], summary: `${inputs} inputs, ${found.length} causes` };
}

async function collectRoomLogs(ports: IncidentPorts, span: Span): Promise<Collected> {
  const groups = (await ports.functions()).map(({ name }) => `/aws/lambda/${name}`);
  return collectLogs(ports.logs, groups, span);
}
