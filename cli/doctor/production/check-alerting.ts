import {
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import type { AlarmNow, Alarms } from '../../platform/alarms.ts';
import { isFunctionOf } from '../../platform/list-functions.ts';
import { bad, type Finding, good, note } from '../finding.ts';
import type { Estate } from './clients.ts';

/** Whether somebody is woken. */
export async function* checkAlerting(estate: Estate, alarms: Pick<Alarms, 'all'>): AsyncGenerator<Finding> {
  const all = await alarms.all();
  if (all.length === 0) {
    yield bad('alarms', 'there are none', 'Deploy the observability stack: npx cdk deploy --all.');
    return;
  }
  yield good('alarms', `there are ${all.length}`);
  for (const severity of ['page', 'ticket'] as const) yield await checkAddresses(severity, all, estate);
}

/** Where the alarms of a severity go: the topics that they name themselves. */
async function checkAddresses(
  severity: 'page' | 'ticket',
  alarms: readonly AlarmNow[],
  { sns }: Estate,
): Promise<Finding> {
  const topics = new Set(alarms.filter((alarm) => alarm.severity === severity).flatMap(({ tells }) => tells));
  let confirmed = 0;
  let pending = 0;
  for (const topic of [...topics].filter((arn) => arn.split(':')[2] === 'sns')) {
    let NextToken: string | undefined;
    do {
      const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic, NextToken }));
      for (const { SubscriptionArn } of page.Subscriptions ?? []) {
        if (SubscriptionArn === 'PendingConfirmation') pending += 1;
        else confirmed += 1;
      }
      NextToken = page.NextToken;
    } while (NextToken);
  }
  const check = `${severity}s`;
  if (pending > 0) {
    const next = 'Each address has got a mail with a link that confirms it; deploying again sends another.';
    return bad(check, `${pending} of ${pending + confirmed} addresses have not confirmed`, next);
  }
  if (confirmed > 0) return good(check, `${confirmed} confirmed`);
  const next = 'Set alarmAddresses in lib/config/settings.ts, or subscribe what you page with to the topic.';
  return severity === 'page' ? bad(check, 'go to nobody', next) : note(check, 'go to nobody', next);
}

const FUNCTIONS = '/aws/lambda/';

/** Whether logs are kept as long as they should be, and no longer. */
export async function* checkLogs(estate: Pick<Estate, 'name' | 'logs'>): AsyncGenerator<Finding> {
  const forEver: string[] = [];
  let kept = 0;
  for (const prefix of [`${FUNCTIONS}${estate.name}-`, `/weir/${estate.name}/`]) {
    for await (const { logGroupName = '', retentionInDays } of logGroups(prefix, estate)) {
      const isFunction = logGroupName.startsWith(FUNCTIONS);
      if (isFunction && !isFunctionOf(estate.name, logGroupName.slice(FUNCTIONS.length))) continue;
      if (retentionInDays === undefined) forEver.push(logGroupName);
      else kept += 1;
    }
  }
  const next = 'Deploy again; of a group that Weir has not made: aws logs put-retention-policy.';
  yield forEver.length === 0
    ? good('logs', `${kept} groups, each with an end`)
    : bad('logs', `kept for ever: ${forEver.join(', ')}`, next);
}

async function* logGroups(logGroupNamePrefix: string, { logs }: Pick<Estate, 'logs'>) {
  let nextToken: string | undefined;
  do {
    const page: DescribeLogGroupsCommandOutput = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }),
    );
    yield* page.logGroups ?? [];
    nextToken = page.nextToken;
  } while (nextToken);
}
