import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AlarmSpec, namesIn, runbookOf } from '../../lib/observability/alarm.ts';
import {
  alarmCatalogue,
  guardingAlarms,
  inOrder,
  monthlyPrice,
  workingAlarms,
} from '../../lib/observability/catalogue.ts';
import { dashboardsOf } from '../../lib/observability/dashboards.ts';
import { OURS } from '../../lib/observability/metric.ts';
import { isPlanned, type MetricId, metricIds, metricOf } from '../../lib/observability/metrics.ts';

const root = join(import.meta.dirname, '..', '..');
const deployment = { retentionHours: 168, gatherSeconds: 0 };
const all = alarmCatalogue(deployment);
const working = workingAlarms(all);
const metric = all.filter((alarm) => alarm.kind === 'metric');
const composite = all.filter((alarm) => alarm.kind === 'composite');
const speaking = (alarms: readonly AlarmSpec[]) => alarms.filter(({ severity }) => severity !== 'part');

describe('runbook', () => {
  const text = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');
  const section = text.slice(text.indexOf('\n## Alarms\n'));
  const [intro = '', ...entries] = section.split('\n### ');
  const headings = entries.map((entry) => entry.slice(0, entry.indexOf('\n')));

  it('has a heading for each alarm, and an alarm for each heading', () => {
    expect([...headings].sort()).toEqual([...new Set(all.map(runbookOf))].sort());
  });

  it.each(headings)(
    '%s: says what it means, where to look, why it may be, what to do, and when it is over',
    (heading) => {
      const entry = entries[headings.indexOf(heading)]!;
      const parts = [...entry.matchAll(/^\*(.+?):\* (.+)$/gm)];
      expect(parts.map(([, part]) => part)).toEqual(['Means', 'First look', 'Likely causes', 'Do', 'Over']);
      expect(parts[1]![2], 'a command, or a saved query').toMatch(/`(weir|aws) [a-z]|`weir\/[a-z]/);
      for (const [, part, said] of parts) expect(said!.length, part).toBeGreaterThan(8);
    },
  );

  it('names no heading that is not there', () => {
    const known = new Set([...text.matchAll(/^##+ (.+)$/gm)].map((match) => match[1]));
    const prose = section.replaceAll(/`[^`]*`/g, '');
    const italic = [...prose.matchAll(/\*([^*\n]+)\*/g)]
      .map((match) => match[1]!)
      .filter((name) => !name.endsWith(':'));
    expect(italic.filter((name) => !known.has(name))).toEqual([]);
    expect(italic.length).toBeGreaterThan(20);
  });

  it('says what the alarms cost, and which are not there yet', () => {
    const dollars = (alarms: readonly AlarmSpec[]) => `$${monthlyPrice(alarms).toFixed(2)}`;
    expect(intro).toContain(`${all.length} alarms, ${dollars(all)} a month`);
    const today = new Set(working.map(runbookOf));
    const waiting = headings.filter((heading) => !today.has(heading)).sort();
    const listed = intro.slice(intro.indexOf('Waiting for their metrics')).matchAll(/\*([^*]+)\*/g);
    expect([...listed].map((match) => match[1])).toEqual(waiting);
  });
});

describe('alarms', () => {
  it('have each a name of their own, in letters that CloudWatch takes', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { id } of all) expect(id).toMatch(/^[a-z][a-z0-9-]+$/);
  });

  it('see every failure', () => {
    const seen = new Set(speaking(all).flatMap(({ failures }) => failures));
    expect(seen.size).toBe(14);
  });

  it('are heard: each part is named by a composite that speaks, or keeps one quiet', () => {
    const byId = new Map(all.map((alarm) => [alarm.id, alarm]));
    const heard = new Set<string>();
    const visit = (id: string): void => {
      if (heard.has(id)) return;
      heard.add(id);
      const alarm = byId.get(id)!;
      if (alarm.kind === 'composite')
        for (const name of [...namesIn(alarm.rule), alarm.quiet?.while]) if (name) visit(name);
    };
    for (const { id } of speaking(all)) visit(id);
    // Guard is who hears these.
    for (const { id } of guardingAlarms(all)) visit(id);
    expect(all.filter(({ id }) => !heard.has(id))).toEqual([]);
    expect(workingAlarms(working)).toEqual(working);
  });

  it('decide what missing data means, and say why', () => {
    for (const { missing } of metric) expect(missing[1].length).toBeGreaterThan(20);
    // A dead man's alarm on what nothing writes would page from the first day.
    for (const alarm of working.filter(({ kind }) => kind === 'metric')) {
      if (alarm.kind === 'metric')
        expect(Object.values(alarm.readings).some(([id]) => isPlanned(id))).toBe(false);
    }
  });

  it('have room for minutes that are not there yet, where FILL would make 0 of them', () => {
    const filling = metric.filter(
      ({ expression, periodSeconds }) => expression?.includes('FILL') && periodSeconds === 60,
    );
    expect(filling.length).toBeGreaterThan(2);
    for (const { id, datapoints } of filling)
      expect(datapoints[1] - datapoints[0], id).toBeGreaterThanOrEqual(2);
  });

  it('keep to the limits of PutMetricAlarm and PutCompositeAlarm', () => {
    for (const { id, periodSeconds, datapoints, readings } of metric) {
      const total = periodSeconds * datapoints[1];
      expect(total, id).toBeLessThanOrEqual(periodSeconds < 3600 ? 86_400 : 604_800);
      expect(periodSeconds % 60, id).toBe(0);
      expect(datapoints[0], id).toBeLessThanOrEqual(datapoints[1]);
      expect(Object.keys(readings).length, id).toBeLessThanOrEqual(10);
    }
    for (const { rule, id } of composite) expect(namesIn(rule).length, id).toBeLessThanOrEqual(100);
  });

  it('are put off by pages above them, never in a circle', () => {
    expect(inOrder(all).composite).toHaveLength(composite.length);
    const [one, two] = ['a', 'b'].map((id, i) => ({ ...composite[0]!, id, rule: i === 0 ? 'b' : 'a' }));
    expect(() => inOrder([one!, two!])).toThrow(/in a circle.*a \(b\); b \(a\)/);
  });

  it('page only through composites, which maintenance can quieten, but for personal data in logs', () => {
    const pages = all.filter(({ severity }) => severity === 'page');
    expect(pages.filter(({ kind }) => kind === 'metric').map(({ id }) => id)).toEqual(['pii-logged']);
    for (const page of pages) if (page.kind === 'composite') expect(page.quiet, page.id).toBeDefined();
  });
});

describe('guard', () => {
  it('hears of overload only: what an outage of the log or of the projector brings is not among it', () => {
    expect(guardingAlarms(working).map(({ id }) => id)).toEqual(['ingest-throttled', 'log-overloaded']);
    const read = guardingAlarms(all).flatMap(({ readings }) => Object.values(readings).map(([id]) => id));
    expect(read.every((id) => metricOf(id).namespace.startsWith('AWS/'))).toBe(true);
  });
});

describe('metrics', () => {
  // What several rooms share is in platform.
  const sourceOf = (room: string) =>
    [room, 'platform']
      .map((folder) => join(root, 'lambdas', folder))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')))
      .join('\n');
  const ours = metricIds.filter((id) => metricOf(id).namespace === OURS);

  it.each(ours.filter((id) => !isPlanned(id)))('%s is written by the functions', (id) => {
    const { emittedBy, name } = metricOf(id);
    expect(sourceOf(emittedBy)).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it.each(ours.filter(isPlanned))('%s is not yet: if it is, it is no longer planned', (id) => {
    const { emittedBy, name } = metricOf(id);
    expect(sourceOf(emittedBy)).not.toMatch(new RegExp(`\\b${name}\\b`));
  });

  it('are read by an alarm or shown on a dashboard', () => {
    const curves = dashboardsOf(deployment).flatMap(({ rows }) =>
      rows.flat().flatMap((widget) => ('curves' in widget ? widget.curves : [])),
    );
    const read = [...metric, ...curves].flatMap(({ readings }) => Object.values(readings).map(([id]) => id));
    const unread = metricIds.filter((id) => !new Set<MetricId>(read).has(id));
    expect(unread).toEqual([]);
  });
});
