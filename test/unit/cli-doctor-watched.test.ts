import { describe, expect, it } from 'vitest';
import { checkWatched } from '../../cli/doctor/check-watched.ts';
import type { Finding } from '../../cli/doctor/finding.ts';
import { AlarmList } from '../support/alarm-list.ts';

/** CloudWatch with these dashboards, or with another trouble than a dashboard that is missing. */
const cloudWatch = (names: readonly string[], trouble?: Error) => ({
  send: async ({ input }: { input: { DashboardName: string } }) => {
    if (trouble) throw trouble;
    if (names.includes(input.DashboardName)) return {};
    throw Object.assign(new Error('none'), { name: 'DashboardNotFoundError' });
  },
});
const ALL = ['weir-executive', 'weir-on-call', 'weir-debug'];

async function examine(alarms: AlarmList, dashboards: readonly string[] = ALL, trouble?: Error) {
  const client = cloudWatch(dashboards, trouble) as never;
  const found: Finding[] = [];
  for await (const finding of checkWatched({ name: 'weir', alarms, cloudWatch: client })) found.push(finding);
  return found;
}

describe('weir doctor --preproduction (F4)', () => {
  it('has nothing against a deployment that is watched and quiet', async () => {
    const found = await examine(new AlarmList().add('a').add('b', { severity: 'part', state: 'ALARM' }));
    expect(found.map(({ state, check }) => `${state} ${check}`)).toEqual(['good alarms', 'good dashboards']);
    expect(found[0]!.detail).toBe('none of 2 is open');
  });

  it('names each alarm that is open, with where to read on', async () => {
    const found = await examine(
      new AlarmList().add('loss', { state: 'ALARM' }).add('slow', { state: 'ALARM' }),
    );
    expect(found.filter(({ state }) => state === 'bad')).toEqual([
      expect.objectContaining({ check: 'alarm', next: 'docs/runbook.md#loss' }),
      expect.objectContaining({ check: 'alarm', next: 'docs/runbook.md#slow' }),
    ]);
    expect(found.some(({ check }) => check === 'alarms')).toBe(false);
  });

  it('takes a deployment without alarms for blind', async () => {
    const [first] = await examine(new AlarmList());
    expect(first).toMatchObject({ state: 'bad', check: 'alarms' });
  });

  it('names the dashboards that are missing', async () => {
    const found = await examine(new AlarmList().add('a'), ['weir-on-call']);
    expect(found.at(-1)).toMatchObject({
      ...{ state: 'note', check: 'dashboards', detail: 'missing: weir-executive, weir-debug' },
    });
  });

  it('does not call a dashboard missing that it may not look at', async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDenied' });
    await expect(examine(new AlarmList().add('a'), ALL, denied)).rejects.toThrow(denied);
  });
});
