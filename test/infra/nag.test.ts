import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { configOf, synthesize } from '../support/synth.ts';

const domain = {
  name: 'events.example.com',
  certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/0f1e2d3c',
};
const mutual = {
  truststoreUri: 's3://example-trust/clients.pem',
  probeCertificateArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:probe-AbCdEf',
};

describe('cdk-nag AwsSolutions', () => {
  it.each([
    ['a real account', configOf()],
    ['on-demand capacity', { ...configOf(), stream: { mode: 'on-demand' } as const }],
    ['a domain', { ...configOf(), domain }],
    ['mutual TLS', { ...configOf(), domain: { ...domain, ...mutual } }],
    ['a local stack', configOf({ stage: 'local' })],
  ])('finds nothing in the stacks for %s', (_, config) => {
    const { app } = synthesize(config);
    expect(new AwsSolutionsChecks().validateScope(app).violations).toEqual([]);
  });

  it('would find something: every acknowledgement silences a finding', () => {
    const { app } = synthesize(configOf());
    const silenced = acknowledgements(app);
    const deaf = new AwsSolutionsChecks();
    Object.assign(deaf, { isAcknowledged: () => false });
    const found = deaf.validateScope(app).violations.map(({ ruleName }) => ruleName);
    expect([...new Set(silenced.map(({ id }) => id))].sort()).toEqual([...new Set(found)].sort());
  });

  it('is silenced only with a reason', () => {
    for (const { reason } of acknowledgements(synthesize(configOf()).app)) {
      expect(reason).toMatch(/.{20,}\.$/);
    }
  });
});

const KEY = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;

function acknowledgements(scope: IConstruct): { id: string; reason: string }[] {
  return scope.node
    .findAll()
    .flatMap(({ node }) => node.metadata.filter(({ type }) => type === KEY))
    .flatMap(({ data }) => Object.entries(data as Record<string, string>))
    .map(([id, reason]) => ({ id: id.replace(/^annotation::/i, ''), reason }));
}
