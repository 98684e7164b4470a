import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { DataStack } from '../../lib/stacks/data.ts';
import { configOf, newApp, synthesize } from '../support/synth.ts';

const outputKeys = (template: Template) =>
  Object.keys(template.findOutputs('*'))
    .filter((key) => !key.startsWith('ExportsOutput'))
    .sort();
const exportKeys = (template: Template) => Object.keys(template.findOutputs('*', { Export: {} })).sort();

describe('stacks', () => {
  const { data, ingress, processing, recovery, observability, assembly } = synthesize(configOf());

  it('are named after the deployment', () => {
    const { assembly } = synthesize(configOf({ name: 'gauge' }));
    expect(assembly.stacks.map(({ stackName }) => stackName).sort()).toEqual([
      'Gauge-Data',
      'Gauge-Ingress',
      'Gauge-Observability',
      'Gauge-Processing',
      'Gauge-Recovery',
    ]);
  });

  it('have the outputs that the tools read', () => {
    expect(outputKeys(data)).toEqual([
      'ArchiveBucket',
      'AuditBucket',
      'ControlTable',
      'DataKey',
      'DeliveriesTable',
      'RepairDeadQueueUrl',
      'RunsBucket',
      'StateTable',
      'Stream',
      'WebhookDeadLettersUrl',
      'WebhookQueueUrl',
      'WebhookSecretPrefix',
    ]);
    expect(outputKeys(ingress)).toEqual(['ApiId', 'ApiUrl', 'UsagePlanBulk', 'UsagePlanStandard']);
    expect(outputKeys(processing)).toEqual([
      'ArchiveFunction',
      'MarkFunction',
      'ProjectFunction',
      'RepairQueueUrl',
      'SweepFunction',
    ]);
    expect(outputKeys(recovery)).toEqual(['AnchorFunction', 'RecoverFunction', 'RecoveryStateMachine']);
    expect(outputKeys(observability)).toEqual([
      ...['GuardFunction', 'PageTopic', 'ProbeFunction', 'TicketTopic', 'WatchFunction', 'WidgetsFunction'],
    ]);
  });

  it('carry the name of their deployment as a tag', () => {
    for (const { tags } of assembly.stacks) expect(tags).toEqual({ 'weir:name': 'weir' });
  });

  it('need no lookups, so that synthesis needs no network', () => {
    expect(assembly.manifest.missing).toBeUndefined();
  });

  it('come out the same each time', () => {
    const again = synthesize(configOf());
    expect(again.data.toJSON()).toEqual(data.toJSON());
    expect(again.ingress.toJSON()).toEqual(ingress.toJSON());
    expect(again.processing.toJSON()).toEqual(processing.toJSON());
    expect(again.recovery.toJSON()).toEqual(recovery.toJSON());
    expect(again.observability.toJSON()).toEqual(observability.toJSON());
  });

  it('can lose a user of the data without a change to what the data stack exports', () => {
    const env = { account: '111122223333', region: 'eu-central-1' };
    const alone = new DataStack(newApp(), 'Weir-Data', { config: configOf(), env });
    expect(exportKeys(Template.fromStack(alone))).toEqual(exportKeys(data));
  });
});
