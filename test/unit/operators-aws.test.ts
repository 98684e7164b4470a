import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as kinesis from '@aws-sdk/client-kinesis';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3api from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { alarmCatalogue } from '../../lib/observability/catalogue.ts';
import { withCustomWidgets } from '../../lib/observability/custom-widgets.ts';
import { dashboardsOf } from '../../lib/observability/dashboards.ts';
import { metricIds, metricOf } from '../../lib/observability/metrics.ts';

const root = join(import.meta.dirname, '..', '..');
const deployment = { retentionHours: 168, gatherSeconds: 0 };
const runbook = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');
const texts = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => readFileSync(join(root, 'docs', name), 'utf8').replaceAll('\\\n', ' '));

/** Commands of the AWS CLI, wherever they stand: in a sentence, a block or a pipe. */
const commands = [
  ...new Set(texts.flatMap((text) => text.match(/\baws [a-z0-9]+ [a-z0-9-]+[^`\n]*/g) ?? [])),
].map((line) => line.replace(/ # .*$/, ''));

const CLIENTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ...{ cloudformation, cloudwatch, dynamodb, kinesis, lambda, s3api, sqs },
};

/** What the CLI has beside the API's own, and services that Weir has no client of: from the CLI's reference. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  'logs tail': ['since', 'filter-pattern', 'follow', 'format'],
  's3 cp': [],
  's3 sync': [],
  'cloudwatch put-metric-data': ['metric-name', 'dimensions', 'value', 'timestamp', 'unit'],
  'lambda update-event-source-mapping': ['enabled'],
  'deploy list-deployments': ['application-name', 'deployment-group-name', 'include-only-statuses'],
  'deploy get-deployment': ['deployment-id'],
  'deploy stop-deployment': ['deployment-id', 'auto-rollback-enabled'],
};
const ALWAYS = ['query', 'output', 'region', 'profile'];

/** Names of what an operation takes, in small letters, by the SDK's own schema; undefined where there is no such operation. */
function takenBy(service: string, operation: string): readonly string[] | undefined {
  const name = operation.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const Command = CLIENTS[service]?.[`${name}Command`] as
    | (new (
        input: object,
      ) => { readonly schema: readonly unknown[] })
    | undefined;
  if (!Command) return undefined;
  const given = new Command({}).schema[4];
  const input = (typeof given === 'function' ? given() : given) as readonly unknown[];
  return (input[4] as readonly string[]).map((member) => member.toLowerCase());
}

describe('commands of the AWS CLI in the pages for operators', () => {
  it('are found', () => expect(commands.length).toBeGreaterThan(25));

  it.each(commands)('%s is there, with the options that it names', (line) => {
    const [, service = '', operation = ''] = line.split(' ');
    const beside = BESIDE[`${service} ${operation}`];
    const taken = takenBy(service, operation);
    expect(beside ?? taken, 'no such operation').toBeDefined();
    const options = [...line.matchAll(/ --([a-z-]+)/g)].map(([, option]) => option!);
    for (const option of options.filter((each) => !ALWAYS.includes(each) && !beside?.includes(each)))
      expect(taken, option).toContain(option.replaceAll('-', ''));
  });

  it('name functions, logs and alarms that there are', () => {
    const alarms = alarmCatalogue(deployment).map(({ id }) => `weir-${id}`);
    for (const line of commands) {
      for (const [, room] of line.matchAll(/(?:\/aws\/lambda\/|--function-name )weir-([a-z]+)/g))
        expect(existsSync(join(root, 'lambdas', room!, 'handler.ts')), line).toBe(true);
      for (const [, names] of line.matchAll(/--(?:children-of-)?alarm-names? ((?:weir-[a-z-]+ ?)+)/g))
        for (const name of names!.trim().split(' ')) expect(alarms, line).toContain(name);
    }
  });

  it('look for words that the room writes', () => {
    const asked = commands.flatMap((line) => {
      const [, room, words] = /weir-([a-z]+) .*--filter-pattern "([^"]+)"/.exec(line) ?? [];
      return room && words ? [[room, words] as const] : [];
    });
    expect(asked.length).toBeGreaterThan(3);
    for (const [room, words] of asked) {
      const source = readdirSync(join(root, 'lambdas', room))
        .map((file) => readFileSync(join(root, 'lambdas', room, file), 'utf8'))
        .join('\n');
      // A pattern of several words finds lines that have them all.
      for (const word of words.split(' '))
        expect(source, `${room}: ${words}`).toMatch(new RegExp(`\\b${word}\\b`));
    }
  });
});

describe('the runbook', () => {
  it('names dashboards and their panels as they are', () => {
    const panels = new Map(
      withCustomWidgets(dashboardsOf(deployment)).map(({ id, rows }) => [
        `weir-${id}`,
        rows.flat().map((widget) => ('title' in widget ? widget.title : '')),
      ]),
    );
    const named = [...runbook.matchAll(/`(weir-(?:on-call|executive|debug))`(?:, "([^"]+)")?/g)];
    expect(named.length).toBeGreaterThan(15);
    for (const [, dashboard, panel] of named)
      if (panel) expect(panels.get(dashboard!), dashboard).toContain(panel);
  });

  it('goes by metrics that there are, where it says that something is over', () => {
    const known = new Set(metricIds.map((id) => metricOf(id).name));
    const over = [...runbook.matchAll(/^\*Over:\* (.+)$/gm)].map(([, said]) => said!);
    const named = over.flatMap((said) => said.match(/`[A-Za-z]+`(?= (?:is|p\d))/g) ?? []);
    expect(named.length).toBeGreaterThan(10);
    for (const name of named.map((each) => each.replaceAll('`', '')))
      if (name !== 'asOf') expect(known).toContain(name);
  });
});
