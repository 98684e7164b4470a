import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { RELEASED } from '../../cli/doctor/check-canary.ts';
import { isPlanned } from '../../lib/observability/metrics.ts';
import { RELEASE_HEADING, releaseAlarms } from '../../lib/observability/releases.ts';
import { intrinsics } from '../support/intrinsics.ts';
import { configOf, synthesize } from '../support/synth.ts';

const canary = synthesize(configOf());
const atOnce = synthesize(configOf({ release: 'all-at-once' }));
const parts = [
  ['ingress', 'ingest', 'Ingest'],
  ['ingress', 'usage', 'Usage'],
  ['ingress', 'catalogue', 'Catalogue'],
  ['ingress', 'receive', 'Receive'],
  ['processing', 'project', 'Project'],
  ['processing', 'archive', 'Archive'],
  ['processing', 'normalise', 'Normalise'],
] as const;

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is what it is
  readonly Properties: any;
  // biome-ignore lint/suspicious/noExplicitAny: a template is what it is
  readonly UpdatePolicy?: any;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
}
const resourcesOf = (template: Template) => template.toJSON().Resources as Readonly<Record<string, Resource>>;
const ofType = (template: Template, type: string) =>
  Object.entries(resourcesOf(template)).filter(([, { Type }]) => Type === type);

describe('a canary', () => {
  it('is for the functions that weir doctor looks at', () => {
    const aliases = [canary.ingress, canary.processing].flatMap((template) =>
      ofType(template, 'AWS::Lambda::Alias'),
    );
    expect(aliases).toHaveLength(RELEASED.length);
    expect(parts.map(([, room]) => room).toSorted()).toEqual(RELEASED.toSorted());
  });

  it.each(parts)(
    '%s: the alias of %s is moved by CodeDeploy, a tenth first, and back by itself',
    (stack, room, id) => {
      const resources = resourcesOf(canary[stack]);
      const [, alias] = ofType(canary[stack], 'AWS::Lambda::Alias').find(([key]) =>
        key.startsWith(`${id}Handler`),
      )!;
      expect(alias.Properties).toMatchObject({ Name: 'live' });
      const { ApplicationName, DeploymentGroupName } = alias.UpdatePolicy.CodeDeployLambdaAliasUpdate;
      expect(resources[ApplicationName.Ref]!.Properties).toEqual({
        ApplicationName: `weir-${stack}`,
        ComputePlatform: 'Lambda',
      });
      expect(resources[DeploymentGroupName.Ref]!.Properties).toMatchObject({
        DeploymentGroupName: `weir-${room}`,
        ApplicationName,
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_STOP_ON_ALARM'],
        },
      });
    },
  );

  it.each(parts)(
    '%s: %s is taken back by service levels and by errors of the version that is new',
    (stack, room, id) => {
      const resources = resourcesOf(canary[stack]);
      const [, group] = ofType(canary[stack], 'AWS::CodeDeploy::DeploymentGroup').find(([key]) =>
        key.startsWith(`${id}Handler`),
      )!;
      const { Enabled, IgnorePollAlarmFailure, Alarms } = group.Properties.AlarmConfiguration;
      expect([Enabled, IgnorePollAlarmFailure]).toEqual([true, undefined]);
      const alarms = Alarms.map(({ Name }: { Name: { Ref: string } }) => resources[Name.Ref]!);
      // CodeDeploy reads metric alarms, ten at most.
      for (const { Type } of alarms) expect(Type).toBe('AWS::CloudWatch::Alarm');
      expect(alarms.length).toBeLessThanOrEqual(10);
      const specs = releaseAlarms({ retentionHours: 168, gatherSeconds: 0 })[stack];
      expect(alarms.map(({ Properties }: Resource) => Properties.AlarmName)).toEqual([
        ...specs.map((spec) => `weir-${spec.id}`),
        `weir-release-${room}`,
      ]);
      const [version] = ofType(canary[stack], 'AWS::Lambda::Version').find(([key]) =>
        key.startsWith(`${id}Handler`),
      )!;
      expect(alarms.at(-1).Properties).toMatchObject({
        MetricName: 'Errors',
        Dimensions: [
          { Name: 'ExecutedVersion', Value: { 'Fn::GetAtt': [version, 'Version'] } },
          { Name: 'FunctionName', Value: `weir-${room}` },
          { Name: 'Resource', Value: `weir-${room}:live` },
        ],
        Period: 60,
        Threshold: 0,
      });
    },
  );

  it('P3: keeps what a mapping promises, and only names the alias', () => {
    for (const [id, { Properties }] of ofType(canary.processing, 'AWS::Lambda::EventSourceMapping')) {
      const before = resourcesOf(atOnce.processing)[id]!.Properties;
      expect({ ...Properties, FunctionName: before.FunctionName }).toEqual(before);
      expect(JSON.stringify(Properties.FunctionName)).toMatch(/HandlerLive\w+"\}\]\}\]\},":live"/);
    }
  });

  it('lets the API call the alias, and not the function beside it', () => {
    const resources = resourcesOf(canary.ingress);
    for (const [, { Properties }] of ofType(canary.ingress, 'AWS::Lambda::Permission'))
      expect(resources[Properties.FunctionName.Ref]!.Type).toBe('AWS::Lambda::Alias');
  });

  it('P3: goes from the back to the front: who writes a new kind of event is live after who reads it', () => {
    const normalise = ofType(canary.processing, 'AWS::Lambda::Alias').find(([id]) =>
      id.startsWith('Normalise'),
    )![1];
    const waitsFor = normalise.DependsOn!.map((id) => /^[A-Z][a-z]+/.exec(id)![0]);
    expect(waitsFor).toEqual(expect.arrayContaining(['Archive', 'Project']));
    for (const { weir } of [canary, atOnce])
      expect(weir.ingress.dependencies.map(({ node }) => node.id)).toContain('Weir-Processing');
  });

  it('keeps versions that were live, so that an alias can be put back by hand; not those of a failed update', () => {
    const versions = parts.map(([stack, , id]) =>
      ofType(canary[stack], 'AWS::Lambda::Version').filter(([key]) => key.startsWith(`${id}Handler`)),
    );
    for (const [, { DeletionPolicy }] of versions.flat()) expect(DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(versions.every(({ length }) => length === 1)).toBe(true);
  });

  it('gives CodeDeploy a role that only it may take', () => {
    for (const template of [canary.ingress, canary.processing]) {
      const roles = ofType(template, 'AWS::IAM::Role').filter(([, { Properties }]) =>
        JSON.stringify(Properties.AssumeRolePolicyDocument).includes('codedeploy'),
      );
      expect(roles).toHaveLength(1);
      expect(JSON.stringify(roles[0]![1].Properties.ManagedPolicyArns)).toContain(
        'AWSCodeDeployRoleForLambdaLimited',
      );
    }
  });

  it('names alarms in its own stack only, which are there before the alias moves', () => {
    const resolve = intrinsics(canary.assembly);
    for (const [stack, template] of [
      ['Weir-Ingress', canary.ingress],
      ['Weir-Processing', canary.processing],
    ] as const)
      for (const [, { Properties }] of ofType(template, 'AWS::CodeDeploy::DeploymentGroup'))
        for (const { Name } of Properties.AlarmConfiguration.Alarms)
          expect(resolve(stack, Name)).toMatch(/^weir-release-[a-z-]+$/);
  });
});

describe('all at once', () => {
  it('knows no aliases, versions or CodeDeploy', () => {
    for (const template of [atOnce.ingress, atOnce.processing])
      for (const { Type } of Object.values(resourcesOf(template)))
        expect(Type).not.toMatch(/CodeDeploy|Lambda::(Alias|Version)|CloudWatch::Alarm/);
  });

  it('is how the local stack is released, which has no CodeDeploy', () => {
    expect(configOf({ stage: 'local' }).release).toBe('all-at-once');
    expect(configOf().release).toBe('canary');
  });

  it('differs from a canary in what is called, and in nothing else', () => {
    for (const stack of ['data', 'recovery', 'observability'] as const)
      expect(atOnce[stack].toJSON()).toEqual(canary[stack].toJSON());
    for (const stack of ['ingress', 'processing'] as const) {
      const [before, after] = [resourcesOf(atOnce[stack]), resourcesOf(canary[stack])];
      const types = (from: typeof before, to: typeof before) =>
        new Set(
          Object.keys(to)
            .filter((id) => !(id in from))
            .map((id) => to[id]!.Type),
        );
      const added = [
        ...['AWS::CloudWatch::Alarm', 'AWS::CodeDeploy::Application', 'AWS::CodeDeploy::DeploymentGroup'],
        ...['AWS::IAM::Role', 'AWS::Lambda::Alias', 'AWS::Lambda::Version'],
      ];
      const api = ['AWS::ApiGateway::Deployment'];
      expect([...types(before, after)].sort()).toEqual(
        (stack === 'ingress' ? [...added, ...api] : added).sort(),
      );
      expect([...types(after, before)].sort()).toEqual(stack === 'ingress' ? api : []);
    }
  });
});

describe('what takes a release back', () => {
  const { ingress, processing } = releaseAlarms({ retentionHours: 168, gatherSeconds: 0 });

  it('speaks within the five minutes of a canary', () => {
    for (const { periodSeconds, datapoints, id } of [...ingress, ...processing])
      expect(periodSeconds * datapoints[0], id).toBeLessThanOrEqual(300);
  });

  it('reads what is written, and has its heading in the runbook', () => {
    for (const { readings } of [...ingress, ...processing])
      for (const [metric] of Object.values(readings)) expect(isPlanned(metric)).toBe(false);
    const runbook = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
    expect(
      runbook
        .match(/^##+ (.+)$/gm)!
        .map((line) => line.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-')),
    ).toContain(RELEASE_HEADING);
  });

  it('watches service levels of both sides of the log', () => {
    expect(ingress.map(({ id }) => id)).toEqual(['release-api-availability', 'release-publish-latency']);
    expect(processing.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['release-projector', 'release-webhooks']),
    );
  });
});
