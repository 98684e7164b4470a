import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { namesIn, runbookOf } from '../../lib/observability/alarm.ts';
import { alarmCatalogue, workingAlarms } from '../../lib/observability/catalogue.ts';
import { dashboardsOf } from '../../lib/observability/dashboards.ts';
import { OURS } from '../../lib/observability/metric.ts';
import { metricIds, metricOf } from '../../lib/observability/metrics.ts';
import { badShare, slosOf } from '../../lib/observability/slos.ts';
import { alarmWatch } from '../support/alarm-scenarios/watch.ts';
import { readAlarms } from '../support/alarm-simulator/read-alarms.ts';
import { configOf, synthesize } from '../support/synth.ts';

const config = {
  ...configOf(),
  alarmAddresses: { page: ['night@example.com'], ticket: ['desk@example.com', 'lead@example.com'] },
};
const { data, ingress, processing, recovery, observability, assembly } = synthesize(config);
const catalogue = workingAlarms(alarmCatalogue({ retentionHours: 168, gatherSeconds: 0 }));

describe('topics', () => {
  const key = { 'Fn::GetAtt': [Match.stringLikeRegexp('^TopicsKey'), 'Arn'] };
  const onlyAlarms = {
    ArnLike: { 'aws:SourceArn': 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:*' },
    StringEquals: { 'aws:SourceAccount': '111122223333' },
  };

  it('are two, encrypted with a key that CloudWatch may use for alarms of this account', () => {
    observability.resourceCountIs('AWS::SNS::Topic', 2);
    for (const TopicName of ['weir-page', 'weir-ticket']) {
      observability.hasResourceProperties('AWS::SNS::Topic', { TopicName, KmsMasterKeyId: key });
    }
    observability.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: onlyAlarms,
          }),
        ]),
      },
    });
  });

  it('take messages from alarms of this account, and nothing without TLS', () => {
    observability.resourceCountIs('AWS::SNS::TopicPolicy', 2);
    observability.allResourcesProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: onlyAlarms,
          }),
        ],
      },
    });
  });

  it('tell those whom the settings name', () => {
    const told = Object.values(observability.findResources('AWS::SNS::Subscription')).map(
      ({ Properties }) =>
        `${Properties.Protocol} ${Properties.Endpoint} ${Properties.TopicArn.Ref.slice(6, 10)}`,
    );
    expect(told.sort()).toEqual([
      'email desk@example.com Tick',
      'email lead@example.com Tick',
      'email night@example.com Page',
    ]);
  });
});

describe('alarms in the template', () => {
  const alarms = readAlarms(assembly, 'Observability');

  it('are those of the catalogue, but for what waits for its metrics', () => {
    expect(alarms.map(({ name }) => name).sort()).toEqual(catalogue.map(({ id }) => `weir-${id}`).sort());
    expect(alarmWatch().alarms.length).toBeGreaterThan(alarms.length);
  });

  it('say severity, owner, impact and runbook, within the 1,024 characters of a description', () => {
    for (const { description } of alarms) {
      expect(description).toMatch(
        /^.{20,}\nRunbook: docs\/runbook\.md#[a-z-]+\nSeverity: (page|ticket|part)\. Owner: [a-z]+\./,
      );
      expect(description.length).toBeLessThanOrEqual(1024);
    }
  });

  it('are each as the catalogue has it: whose, how urgent, what it does to whom, and where to read on', () => {
    const runbook = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
    // As GitHub makes them of headings.
    const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const spec of catalogue) {
      const { description } = alarms.find(({ name }) => name === `weir-${spec.id}`)!;
      const [impact, link, who] = description.split('\n');
      expect(impact).toBe(spec.impact);
      expect(who, spec.id).toContain(`Severity: ${spec.severity}. Owner: ${spec.owner}.`);
      const anchor = /^Runbook: docs\/runbook\.md#(.+)$/.exec(link!)![1];
      expect(anchor).toBe(runbookOf(spec));
      expect(
        anchors.filter((each) => each === anchor),
        spec.id,
      ).toHaveLength(1);
    }
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.filter((anchor) => !anchors.includes(anchor!))).toEqual([]);
  });

  it('link to where the runbook is read, if the settings say where, those of releases too', () => {
    const runbookUrl = `https://example.com/${'weir/'.repeat(40)}docs/runbook.md`;
    const linked = readAlarms(synthesize({ ...config, runbookUrl }).assembly);
    expect(linked.length).toBeGreaterThan(alarms.length);
    for (const { description } of linked) {
      expect(description).toMatch(
        /\nRunbook: https:\/\/example\.com\/(weir\/){40}docs\/runbook\.md#[a-z-]+\n/,
      );
      expect(description.length).toBeLessThanOrEqual(1024);
    }
  });

  it('speak to the topic of their severity, parts to none', () => {
    for (const { id, severity } of catalogue) {
      const { topics } = alarms.find(({ name }) => name === `weir-${id}`)!;
      expect(topics, id).toEqual(severity === 'part' ? [] : [`weir-${severity}`]);
    }
  });

  it('have the rules and suppressors of the catalogue', () => {
    for (const spec of catalogue) {
      const alarm = alarms.find(({ name }) => name === `weir-${spec.id}`)!;
      if (spec.kind !== 'composite' || alarm.kind !== 'composite') continue;
      expect(alarm.rule.names).toEqual(namesIn(spec.rule).map((id) => `weir-${id}`));
      expect(alarm.suppressor?.name).toBe(spec.quiet && `weir-${spec.quiet.while}`);
    }
  });

  it('allow for the time that freshness gathers events', () => {
    const economy = synthesize(configOf({ freshness: 'economy' })).observability;
    const text = JSON.stringify(economy.findResources('AWS::CloudWatch::Alarm'));
    expect(text).toContain('PR(:70000)');
    expect(JSON.stringify(observability.toJSON())).toContain('PR(:10000)');
  });
});

describe('dimensions', () => {
  const namesOf = (template: Template, type: string, property: string) =>
    Object.values(template.findResources(type)).map(({ Properties }) => Properties[property] as string);
  const known: Readonly<Record<string, readonly string[]>> = {
    FunctionName: [ingress, processing, recovery, observability].flatMap((template) =>
      namesOf(template, 'AWS::Lambda::Function', 'FunctionName'),
    ),
    QueueName: namesOf(data, 'AWS::SQS::Queue', 'QueueName'),
    TableName: namesOf(data, 'AWS::DynamoDB::GlobalTable', 'TableName'),
    StreamName: namesOf(data, 'AWS::Kinesis::Stream', 'Name'),
    ApiName: namesOf(ingress, 'AWS::ApiGateway::RestApi', 'Name'),
    Stage: namesOf(ingress, 'AWS::ApiGateway::Stage', 'StageName'),
    Method: namesOf(ingress, 'AWS::ApiGateway::Method', 'HttpMethod'),
    Resource: ['/v1/events'],
  };

  it.each(metricIds.filter((id) => metricOf(id).namespace !== OURS))(
    '%s is of something that is deployed',
    (id) => {
      for (const [dimension, value] of Object.entries(metricOf(id).dimensions)) {
        expect(known[dimension]).toContain(value.replace('{name}', 'weir'));
      }
    },
  );

  it('of ours are few: a service that is a room or a watcher, and an outcome of a closed list', () => {
    const ours = metricIds.map(metricOf).filter(({ namespace }) => namespace === OURS);
    for (const { dimensions } of ours) {
      expect(Object.keys(dimensions).filter((key) => key !== 'service' && key !== 'outcome')).toEqual([]);
    }
  });
});

describe('dashboards', () => {
  const bodies = Object.values(observability.findResources('AWS::CloudWatch::Dashboard')).map(
    ({ Properties }) => ({
      name: Properties.DashboardName as string,
      body: JSON.stringify(Properties.DashboardBody),
    }),
  );

  it('are three, of at most 50 metrics each: CloudWatch’s first three of that size are free', () => {
    expect(bodies.map(({ name }) => name).sort()).toEqual(['weir-debug', 'weir-executive', 'weir-on-call']);
    for (const { name, body } of bodies) {
      const metrics = body.match(/\\"stat\\":/g) ?? [];
      expect(metrics.length, name).toBeLessThanOrEqual(50);
      expect(metrics.length, name).toBeGreaterThan(5);
    }
  });

  it('show nothing that nobody writes yet', () => {
    const planned = metricIds.map(metricOf).filter((spec) => spec.planned);
    for (const { body } of bodies) {
      for (const { name } of planned) expect(body).not.toContain(`\\"${name}\\"`);
    }
  });

  it('have a panel for each SLO: the budget that is left, and what it is made of', () => {
    const deployment = { retentionHours: 168, gatherSeconds: 0 };
    const specs = dashboardsOf(deployment);
    const curvesOf = (id: string) =>
      specs
        .find((spec) => spec.id === id)!
        .rows.flatMap((row) => row.flatMap((widget) => ('curves' in widget ? widget.curves : [])));
    for (const slo of slosOf(deployment)) {
      const wanted = Object.values(badShare(slo).readings).map(([metric]) => metric);
      const budget = curvesOf('executive').find(({ label }) => label === slo.id);
      expect(Object.values(budget?.readings ?? {}).map(([metric]) => metric)).toEqual(wanted);
      const onCall = curvesOf('on-call').flatMap(({ readings }) => Object.values(readings));
      // Of counts the bad ones, of durations the duration.
      expect(
        onCall.map(([metric]) => metric),
        slo.id,
      ).toContain(wanted[0]);
    }
  });

  it('stay within 50 metrics each when all that is planned is written too', () => {
    for (const { id, rows } of dashboardsOf({ retentionHours: 168, gatherSeconds: 0 })) {
      const curves = rows.flatMap((row) =>
        row.flatMap((widget) => ('curves' in widget ? widget.curves : [])),
      );
      const metrics = curves.flatMap(({ readings }) => Object.keys(readings));
      expect(metrics.length, id).toBeLessThanOrEqual(50);
    }
  });

  it('mark deploys and contracts beside what they may have changed', () => {
    for (const id of ['executive', 'on-call']) {
      const { rows } = dashboardsOf({ retentionHours: 168, gatherSeconds: 0 }).find(
        (spec) => spec.id === id,
      )!;
      const read = JSON.stringify(rows);
      for (const metric of ['watch.deployed', 'watch.contractsChanged']) expect(read).toContain(metric);
    }
  });

  it('show every alarm that speaks', () => {
    const onCall = bodies.find(({ name }) => name === 'weir-on-call')!.body;
    const speaking = catalogue.filter(({ severity }) => severity !== 'part');
    for (const { id } of speaking) expect(onCall).toContain(`Alarms${id.replaceAll('-', '')}`);
  });
});
