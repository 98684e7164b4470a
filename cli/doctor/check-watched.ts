import { type CloudWatchClient, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import type { Alarms } from '../platform/alarms.ts';
import { bad, type Finding, good, note } from './finding.ts';

const DASHBOARDS = ['executive', 'on-call', 'debug'];

export interface Watched {
  readonly name: string;
  readonly alarms: Pick<Alarms, 'all'>;
  readonly cloudWatch: Pick<CloudWatchClient, 'send'>;
}

/** Whether trouble would be seen: alarms that know something, and dashboards to look at. */
export async function* checkWatched({ name, alarms, cloudWatch }: Watched): AsyncGenerator<Finding> {
  const all = await alarms.all();
  const open = all.filter(({ state, severity }) => state === 'ALARM' && severity !== 'part');
  if (all.length === 0) yield bad('alarms', 'there are none', 'Deploy the observability stack.');
  else if (open.length === 0) yield good('alarms', `none of ${all.length} is open`);
  for (const { id, since, runbook } of open) yield bad('alarm', `${id} since ${since}`, runbook);
  const missing: string[] = [];
  for (const dashboard of DASHBOARDS)
    if (!(await isThere(cloudWatch, `${name}-${dashboard}`))) missing.push(`${name}-${dashboard}`);
  yield missing.length === 0
    ? good('dashboards', DASHBOARDS.map((dashboard) => `${name}-${dashboard}`).join(', '))
    : note('dashboards', `missing: ${missing.join(', ')}`, 'LocalStack makes none. Else deploy again.');
}

async function isThere(cloudWatch: Watched['cloudWatch'], DashboardName: string): Promise<boolean> {
  try {
    await cloudWatch.send(new GetDashboardCommand({ DashboardName }));
    return true;
  } catch (error) {
    // LocalStack has another name for it.
    if (/NotFound|does not exist/.test(`${error}`)) return false;
    throw error;
  }
}
