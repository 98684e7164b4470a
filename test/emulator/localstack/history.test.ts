import { randomUUID } from 'node:crypto';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { deployed } from '../../support/deployed.ts';

it('what an alarm did is told between two times, the latest first', async () => {
  const client = new CloudWatchClient({
    ...{ endpoint: deployed().endpoint, region: 'us-east-1' },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const AlarmName = `history-${randomUUID()}`;
  await client.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName, Namespace: AlarmName, MetricName: 'none', Statistic: 'Sum', Period: 300 },
      ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
      TreatMissingData: 'ignore',
    }),
  );
  for (const StateValue of ['ALARM', 'OK'] as const)
    await client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
  const between = async (fromMs: number, toMs: number) => {
    const { AlarmHistoryItems = [] } = await client.send(
      new DescribeAlarmHistoryCommand({ AlarmName, StartDate: new Date(fromMs), EndDate: new Date(toMs) }),
    );
    return AlarmHistoryItems.map(({ HistorySummary }) => /to (\w+)$/.exec(HistorySummary ?? '')?.[1]);
  };
  const now = Date.now();
  expect(await between(now - 60_000, now + 60_000)).toEqual(['OK', 'ALARM']);
  expect(await between(now - 120_000, now - 60_000)).toEqual([]);
  await client.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] }));
});
