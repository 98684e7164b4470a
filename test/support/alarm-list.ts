import type { AlarmChange, AlarmNow, Alarms } from '../../cli/platform/alarms.ts';

/** Alarms as a test says that they stand. */
export class AlarmList implements Alarms {
  readonly alarms: AlarmNow[] = [];
  readonly changes: AlarmChange[] = [];

  add(id: string, alarm: Partial<AlarmNow> = {}): this {
    this.alarms.push({
      ...{ id, severity: 'page', state: 'OK', since: '2026-11-21T11:00:00.000Z', impact: `${id} hurts` },
      ...{ runbook: `docs/runbook.md#${id}`, tells: [] },
      ...alarm,
    });
    return this;
  }

  async all(): Promise<readonly AlarmNow[]> {
    return this.alarms;
  }

  async history(from: number, to: number, most: number): Promise<readonly AlarmChange[]> {
    const within = this.changes.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) < to);
    return within.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, most);
  }
}
