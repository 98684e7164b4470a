import { Match } from 'aws-cdk-lib/assertions';
import { it } from 'vitest';
import { configOf, synthesize } from '../support/synth.ts';

it('the alarm on write units speaks above the budget of the settings (F13)', () => {
  const costBudget = { writesPerEvent: 1.25, usdPerMillionEvents: 4 };
  const { observability } = synthesize({ ...configOf(), costBudget });
  observability.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'weir-writes-per-event',
    Threshold: 1.25,
    AlarmDescription: Match.stringLikeRegexp('more than 1.25 write units'),
  });
});
