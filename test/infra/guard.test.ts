import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { isOccasion } from '../../lambdas/guard/occasion.ts';
import { configOf, synthesize } from '../support/synth.ts';

const { observability } = synthesize(configOf({ freshness: 'balanced' }));
const place = 'eu-central-1:111122223333';
const target = { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^GuardHandler'), 'Arn'] } };
const bounded = { RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } };

describe('guard', () => {
  it('looks each minute', () => {
    observability.hasResourceProperties('AWS::Events::Rule', {
      ...{ Name: 'weir-guard', ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' },
      Targets: [{ ...target, ...bounded }],
    });
    expect(isOccasion({ source: 'aws.events', 'detail-type': 'Scheduled Event' })).toBe(true);
  });

  it('F5: looks at once when one of the guarding alarms goes to ALARM, and at no other', () => {
    const [rule] = Object.values(
      observability.findResources('AWS::Events::Rule', { Properties: { Name: 'weir-guard-alarms' } }),
    );
    const { EventPattern: pattern, Targets } = rule!.Properties;
    const arns = ['ingest-throttled', 'log-overloaded'].map(
      (alarm) => `arn:aws:cloudwatch:${place}:alarm:weir-${alarm}`,
    );
    expect(pattern).toEqual({
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      resources: arns,
      detail: { state: { value: ['ALARM'] } },
    });
    expect(Targets).toMatchObject([bounded]);
    const event = { source: pattern.source[0], 'detail-type': pattern['detail-type'][0] };
    expect(isOccasion(event)).toBe(true);
    for (const alarm of ['ingest-throttled', 'log-overloaded'])
      observability.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: `weir-${alarm}` });
  });

  it('is told its settings, the budgets of all tiers, and how long marks take to be counted', () => {
    const [{ Properties }] = Object.values(
      observability.findResources('AWS::Lambda::Function', { Properties: { FunctionName: 'weir-guard' } }),
    ) as [{ Properties: { Environment: { Variables: Record<string, string> } } }];
    const { SETTINGS, BUDGETS, GUARDING_ALARMS } = Properties.Environment.Variables;
    expect(JSON.parse(SETTINGS!)).toEqual({
      ...{ lagSeconds: 300, calmLagSeconds: 30, stepSeconds: 55, calmSeconds: 115 },
      markSeconds: 65,
    });
    expect(JSON.parse(BUDGETS!)).toEqual({ standard: 500, bulk: 5000 });
    expect(JSON.parse(GUARDING_ALARMS!)).toEqual(['weir-ingest-throttled', 'weir-log-overloaded']);
  });
});
