import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import type { Finding } from '../../cli/doctor/finding.ts';
import { checkLogs } from '../../cli/doctor/production/check-alerting.ts';
import { CloudWatchAlarms } from '../../cli/platform/alarms.ts';
import { isFunctionOf, listFunctions } from '../../cli/platform/list-functions.ts';
import { alarmCatalogue } from '../../lib/observability/catalogue.ts';
import { releaseAlarms } from '../../lib/observability/releases.ts';

const AT = new Date('2026-11-21T11:00:00.000Z');
const LOG = { retentionHours: 168, gatherSeconds: 5 };

/** A client that answers everything so. */
const answering = <C extends object>(client: C, answer: unknown): C =>
  Object.assign(client, { send: async () => answer });

const cloudWatch = (answer: unknown) => answering(new CloudWatchClient({ region: 'eu-central-1' }), answer);

/** An account in which `weir` and `weir-staging` stand beside each other. */
const both = (of: string) => [`weir-${of}`, `weir-staging-${of}`];

it('alarms are those of this deployment, all of them, and not those of one whose name begins as its does', async () => {
  const { ingress, processing } = releaseAlarms(LOG);
  const ids = [...alarmCatalogue(LOG), ...ingress, ...processing].map(({ id }) => id);
  const MetricAlarms = ids.flatMap(both).map((AlarmName) => ({ AlarmName, StateValue: 'ALARM' }));
  for (const name of ['weir', 'weir-staging']) {
    const found = await new CloudWatchAlarms(cloudWatch({ MetricAlarms }), name).all();
    expect(found.map(({ id }) => id)).toEqual(ids.toSorted((a, b) => a.localeCompare(b)));
  }
});

it('so are their changes', async () => {
  const AlarmHistoryItems = both('loss').map((AlarmName) => ({
    ...{ AlarmName, Timestamp: AT, HistorySummary: `${AlarmName} changed` },
  }));
  const changes = await new CloudWatchAlarms(cloudWatch({ AlarmHistoryItems }), 'weir').history(0, 1, 10);
  expect(changes).toEqual([{ id: 'loss', at: AT.toISOString(), summary: 'weir-loss changed' }]);
});

it('functions, and with them costs, versions and logs, are those of this deployment', async () => {
  const Functions = [...both('ingest'), ...both('project')].map((FunctionName) => ({ FunctionName }));
  const lambda = answering(new LambdaClient({ region: 'eu-central-1' }), { Functions });
  const found = await listFunctions(lambda, 'weir');
  expect(found.map(({ name }) => name)).toEqual(['weir-ingest', 'weir-project']);
});

it('which is told by this: the name of a room is one word', () => {
  const lambdas = join(import.meta.dirname, '..', '..', 'lambdas');
  const rooms = readdirSync(lambdas).filter((name) => existsSync(join(lambdas, name, 'handler.ts')));
  expect(rooms.length).toBeGreaterThan(20);
  for (const room of rooms) expect(isFunctionOf('weir', `weir-${room}`), room).toBe(true);
});

it('the log of another deployment that is kept for ever is its own matter', async () => {
  const [ours, other] = both('ingest').map((name) => ({ logGroupName: `/aws/lambda/${name}` }));
  const look = async (logGroups: unknown) => {
    const logs = { send: async () => ({ logGroups }) } as never;
    const { value } = await checkLogs({ name: 'weir', logs }).next();
    return (value as Finding).state;
  };
  expect(await look([{ ...ours, retentionInDays: 30 }, other])).toBe('good');
  expect(await look([ours, other])).toBe('bad');
});
