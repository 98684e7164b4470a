import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { accessLogFormat } from '../../lib/constructs/access-log-format.ts';
import { dashboardsOf } from '../../lib/observability/dashboards.ts';
import { type LogQuery, logGroupsOf, queries } from '../../lib/observability/queries.ts';
import { configOf, synthesize } from '../support/synth.ts';

const root = join(import.meta.dirname, '..', '..');
const runbook = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');

describe('saved queries', () => {
  const { data, ingress, processing, recovery, observability } = synthesize(configOf());
  const stacks = [data, ingress, processing, recovery, observability];
  const named = (template: Template, type: string) =>
    Object.values(template.findResources(type)).map(({ Properties }) => Properties);

  it('are all there, in the folder of their deployment, and read log groups that there are', () => {
    const groups = new Set(
      stacks.flatMap((stack) => named(stack, 'AWS::Logs::LogGroup').map(({ LogGroupName }) => LogGroupName)),
    );
    const saved = named(observability, 'AWS::Logs::QueryDefinition');
    expect(saved.map(({ Name }) => Name).sort()).toEqual(queries.map(({ id }) => `weir/${id}`).sort());
    for (const { Name, LogGroupNames, QueryString } of saved) {
      const { query, ...rest } = queries.find(({ id }) => `weir/${id}` === Name)!;
      expect(LogGroupNames).toEqual(logGroupsOf('weir', { query, ...rest }));
      for (const group of LogGroupNames) expect(groups, `${Name} reads ${group}`).toContain(group);
      expect(LogGroupNames.length).toBeLessThanOrEqual(50);
      expect(QueryString.endsWith(query.join('\n| '))).toBe(true);
    }
  });

  it('are made after the groups that they name', () => {
    for (const { DependsOn } of Object.values(observability.findResources('AWS::Logs::QueryDefinition')))
      expect(DependsOn.length).toBe(named(observability, 'AWS::Logs::LogGroup').length);
    const { weir } = synthesize(configOf());
    expect(weir.observability.dependencies.map(({ node }) => node.id)).toEqual(
      expect.arrayContaining(['Weir-Ingress', 'Weir-Recovery']),
    );
  });

  it('are what the dashboards show of logs', () => {
    const widgets = dashboardsOf({ retentionHours: 168, gatherSeconds: 0 }).flatMap(({ rows }) =>
      rows.flat(),
    );
    const shown = widgets.flatMap((widget) => (widget.kind === 'logs' ? [widget.query] : []));
    expect(shown.length).toBeGreaterThan(3);
    for (const query of shown) expect(queries).toContainEqual(query);
  });
});

describe('the runbook', () => {
  it('names each query with its question, and no other', () => {
    const rows = [...runbook.matchAll(/^\| `weir\/([a-z-]+)` \| (.+) \|$/gm)].map(([, id, question]) => [
      id,
      question,
    ]);
    expect(rows).toEqual(queries.map(({ id, question }) => [id, question]));
    const asked = new Set([...runbook.matchAll(/`weir\/([a-z-]+)`/g)].map(([, id]) => id));
    expect([...asked].sort()).toEqual(queries.map(({ id }) => id).sort());
  });
});

/** Words of the query language that are used; whatever else stands in a query is a field, a name given by `as`, or a text. */
const WORDS =
  /^(fields|filter|stats|sort|limit|by|as|asc|desc|count|sum|latest|bin|in|ispresent|and|or|not|m|h)$/;

function fieldsOf({ query }: LogQuery): readonly string[] {
  const bare = query.join('\n').replaceAll(/'[^']*'/g, '');
  const given = new Set([...bare.matchAll(/ as (\w+)/g)].map(([, name]) => name!));
  const words = [...bare.matchAll(/[A-Za-z_@][\w.@]*/g)].map(([word]) => word);
  return [...new Set(words)].filter((word) => !WORDS.test(word) && !given.has(word) && !word.startsWith('@'));
}

const messagesOf = ({ query }: LogQuery): readonly string[] =>
  query.flatMap((line) =>
    line.includes('message') ? [...line.matchAll(/'([^']*)'/g)].map(([, text]) => text!) : [],
  );

const filesUnder = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'));

describe('what a query reads is what rooms write', () => {
  const platform = filesUnder('lambdas/platform').join('\n');
  const ofRooms = queries.flatMap(({ logs, ...query }) => (logs === 'access' ? [] : [{ ...query, logs }]));

  it.each(ofRooms)('$id: messages', (query) => {
    const sources = [platform, ...query.logs.flatMap((room) => filesUnder(`lambdas/${room}`))].join('\n');
    for (const message of messagesOf(query)) expect(sources).toContain(`'${message}'`);
  });

  // As a line of the log has them: Powertools' own, and those of an error.
  const ALWAYS = [
    'service',
    'level',
    'message',
    'error.name',
    'error.message',
    'error.location',
    'version',
    'build',
  ];

  it.each(ofRooms)('$id: fields', (query) => {
    const sources = [platform, ...query.logs.flatMap((room) => filesUnder(`lambdas/${room}`))].join('\n');
    for (const field of fieldsOf(query).filter((each) => !ALWAYS.includes(each)))
      expect(sources, field).toMatch(new RegExp(`\\b${field}\\b`));
  });

  it.each(queries.filter(({ logs }) => logs === 'access'))('$id: fields of the access log', (query) => {
    const written = Object.keys(JSON.parse(accessLogFormat().toString()));
    expect(written).toEqual(expect.arrayContaining([...fieldsOf(query)]));
  });
});
