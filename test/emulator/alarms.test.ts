import { randomUUID } from 'node:crypto';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';
import { SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetricAlarm as AlarmSpec } from '../../lib/observability/alarm.ts';
import { alarmCatalogue } from '../../lib/observability/catalogue.ts';
import { inDeployment } from '../../lib/observability/metric.ts';
import { metricOf } from '../../lib/observability/metrics.ts';
import { deployed } from '../support/deployed.ts';
import { eventually } from '../support/localstack.ts';
import { aws, newSender, reading, send } from '../support/pipeline.ts';

const client = {
  endpoint: deployed().endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
const cloudWatch = new CloudWatchClient(client);
const sns = new SNSClient(client);

const spec = alarmCatalogue({ retentionHours: 168, gatherSeconds: 0 }).find(
  (alarm): alarm is AlarmSpec => alarm.id === 'conflicts' && alarm.kind === 'metric',
)!;

let alarm: MetricAlarm;
let queueUrl = '';
let subscription = '';

beforeAll(async () => {
  const { MetricAlarms } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: ['weir-conflicts'] }),
  );
  alarm = MetricAlarms![0]!;
  const queue = await aws.sqs.send(new CreateQueueCommand({ QueueName: `on-call-${randomUUID()}` }));
  queueUrl = queue.QueueUrl!;
  const { Attributes } = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  const topic = alarm.AlarmActions![0]!;
  const subscribed = await sns.send(
    new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: Attributes!.QueueArn! }),
  );
  subscription = subscribed.SubscriptionArn!;
});

afterAll(async () => {
  await sns.send(new UnsubscribeCommand({ SubscriptionArn: subscription }));
  await aws.sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
});

/** What somebody gets who has subscribed to the topic. */
async function nextMessage(): Promise<Readonly<Record<string, unknown>>> {
  return eventually('a message of the alarm', async () => {
    const { Messages } = await aws.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 1 }),
    );
    const body = Messages?.[0]?.Body;
    return body === undefined ? undefined : JSON.parse(JSON.parse(body).Message);
  });
}

/** LocalStack evaluates an alarm when it is put, and then each five minutes: put again as it is, it is evaluated now. */
const evaluateNow = () => cloudWatch.send(new PutMetricAlarmCommand(alarm as PutMetricAlarmCommand['input']));

describe('an alarm of the deployed stack', () => {
  it('watches the metric that the functions of this deployment write, and tells the topic of tickets', () => {
    const { namespace, name, dimensions } = inDeployment(metricOf('project.conflicts'), 'weir');
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    expect(alarm).toMatchObject({ Namespace: namespace, MetricName: name, Dimensions });
    expect(alarm.AlarmActions![0]).toMatch(/:weir-ticket$/);
  });

  it('F2: goes into alarm when an id comes again with other content, and says what that means and where to read on', async () => {
    const { apiKey } = await newSender('alarmed');
    const event = reading('s', 1);
    await send(apiKey, [event]);
    await send(apiKey, [{ ...event, data: { bytes: 2 } }]);

    await eventually('the conflict in CloudWatch', async () => {
      const { Datapoints = [] } = await cloudWatch.send(
        new GetMetricStatisticsCommand({
          ...{ Namespace: alarm.Namespace!, MetricName: alarm.MetricName!, Dimensions: alarm.Dimensions! },
          // Not of this second: what is evaluated ends with the last one.
          ...{ StartTime: new Date(Date.now() - 300_000), EndTime: new Date(Date.now() - 1_000) },
          ...{ Period: 300, Statistics: ['Sum'] },
        }),
      );
      return Datapoints.some(({ Sum = 0 }) => Sum > 0) || undefined;
    });
    await evaluateNow();

    const message = await nextMessage();
    expect(message).toMatchObject({ AlarmName: 'weir-conflicts', NewStateValue: 'ALARM' });
    expect(message.AlarmDescription).toContain(spec.impact);
    expect(message.AlarmDescription).toContain('Runbook: docs/runbook.md#conflicts');
    expect(message.AlarmDescription).toContain('Severity: ticket. Owner: integrations.');
  });
});
