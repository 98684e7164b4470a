import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Profile } from '../../cli/platform/profile.ts';
import { type Cause, readCauses } from '../../cli/quarantine/read-quarantine.ts';
import { readUsage } from '../../cli/usage/read-usage.ts';
import { expectedOfGitHub, expectedOfStripe } from '../../samples/webhooks/expected-quarantine.ts';
import {
  type ExpectedWebhookTotal,
  expectedDeliveries,
  expectedPayments,
} from '../../samples/webhooks/expected-totals.ts';
import type { Comparison } from './compare-totals.ts';
import { WEBHOOKS } from './make-webhooks.ts';
import type { DeliveryPlan } from './plan-deliveries.ts';

const HOUR_MS = 3_600_000;
/** The sample lies within the week before; on a LocalStack that was there before, so do first receipts. */
const SPAN_MS = 15 * 24 * HOUR_MS;

/** Reads back what became of the webhooks that were sent. @param now ms since the epoch, after the last was sent */
export async function compareWebhooks(
  dynamo: DynamoDBClient,
  profile: Profile,
  { github, stripe }: DeliveryPlan,
  now: number,
): Promise<readonly Comparison[]> {
  const { tenant, controlTable, stateTable } = profile;
  const payments = await compareEach(profile, expectedPayments(stripe), now);
  const deliveries = await compareEach(profile, expectedDeliveries(github), now);
  const causes: Cause[] = [];
  for await (const cause of readCauses({ client: dynamo, controlTable, stateTable }, tenant))
    causes.push(cause);
  const kept = [
    ...expectedOfStripe(stripe).map((each) => ({ ...each, webhook: WEBHOOKS.stripe })),
    ...expectedOfGitHub(github).map((each) => ({ ...each, webhook: WEBHOOKS.github })),
  ];
  return [
    ...payments,
    inAll(deliveries),
    ...kept.map(({ webhook, code, value }) =>
      comparison(`webhook:${webhook}`, 'in quarantine', code, countOf(causes, webhook, code), value),
    ),
  ];
}

/** One question for each subject, as each costs one. */
async function compareEach(
  profile: Profile,
  expected: readonly ExpectedWebhookTotal[],
  now: number,
): Promise<readonly Comparison[]> {
  const span = { from: hour(now - SPAN_MS), to: hour(now + HOUR_MS) };
  const bySubject = Map.groupBy(expected, ({ subject }) => subject);
  const found: Comparison[] = [];
  for (const [subject, totals] of bySubject) {
    const { type, meter } = totals[0]!;
    const { rows } = await readUsage(profile, { subject, type, meter, ...span, by: 'total' });
    const counted = new Map(rows.map(({ group, value }) => [group.split('=')[1], value]));
    const wanted = new Map(totals.map(({ group, value }) => [group, value]));
    for (const group of new Set([...wanted.keys(), ...counted.keys()])) {
      const value = wanted.get(group ?? '') ?? 'nothing';
      found.push(comparison(subject, type, `${meter}, ${group}`, counted.get(group), value));
    }
  }
  return found;
}

/** Many as one: it agrees where each does. */
function inAll(comparisons: readonly Comparison[]): Comparison {
  const subjects = new Set(comparisons.map(({ subject }) => subject)).size;
  const sum = (of: 'counted' | 'expected') =>
    String(comparisons.reduce((total, each) => total + (Number(each[of]) || 0), 0));
  return {
    ...{ subject: `${subjects} subjects`, type: 'github.delivery', meter: 'deliveries' },
    ...{ counted: sum('counted'), expected: sum('expected') },
    agree: comparisons.every(({ agree }) => agree),
  };
}

function countOf(causes: readonly Cause[], webhook: string, code: string): string {
  const ours = causes.filter((cause) => cause.producer === `webhook:${webhook}` && cause.code === code);
  return String(ours.reduce((sum, { count }) => sum + count, 0));
}

function comparison(
  subject: string,
  type: string,
  meter: string,
  counted: string | undefined,
  expected: string,
): Comparison {
  return { subject, type, meter, counted, expected, agree: counted === expected };
}

const hour = (ms: number) => new Date(Math.floor(ms / HOUR_MS) * HOUR_MS).toISOString();
