import { describe, expect, it } from 'vitest';
import type { Failing } from '../support/alarm-scenarios/failing.ts';
import { failures } from '../support/alarm-scenarios/failures.ts';
import { metricsOf } from '../support/alarm-scenarios/metrics-of-world.ts';
import { alarmWatch, type Heard } from '../support/alarm-scenarios/watch.ts';
import { simulate } from '../support/alarm-simulator/simulate.ts';

const watch = alarmWatch();
const runs = failures.map((failing): [string, Failing, ReturnType<typeof watch.run>] => {
  const [name, scenario, minutes] = failing;
  return [name, failing, watch.run(scenario, minutes)];
});
const pagesOf = (heard: Heard) => heard.map(([, what]) => what).filter((what) => what.startsWith('page'));

describe('failures', () => {
  it.each(runs)('%s', (_, [, , , heard], { messages }) => {
    expect(watch.asHeard(messages)).toEqual(heard);
  });

  it('are all there', () => {
    const seen = failures.flatMap(([name]) => name.match(/F\d+/g) ?? []);
    expect(new Set(seen).size).toBe(14);
  });

  it('bring every alarm into alarm, but the one of maintenance', () => {
    const rang = new Set(
      runs.flatMap(([, , { transitions }]) =>
        transitions.filter(({ to }) => to === 'ALARM').map(({ alarm }) => alarm),
      ),
    );
    const silent = watch.alarms.map(({ name }) => name).filter((name) => !rang.has(name));
    expect(silent).toEqual(['weir-maintenance']);
  });

  it('page once each; only retention at risk comes on top of another page', () => {
    for (const [name, , , heard] of failures) {
      const pages = pagesOf(heard).filter((page) => page !== 'page retention-at-risk');
      expect(pages.length, name).toBeLessThanOrEqual(1);
    }
  });

  it('would page several times each without suppression', () => {
    const [, scenario, minutes] = failures.find(([name]) => name.startsWith('F12 outage of Kinesis'))!;
    const alarms = watch.alarms.map((alarm) => {
      if (alarm.kind === 'metric') return alarm;
      const { suppressor: _, ...rest } = alarm;
      return rest;
    });
    const { messages } = simulate({ alarms, data: metricsOf(scenario), minutes });
    expect(new Set(pagesOf(watch.asHeard(messages)))).toEqual(
      new Set(
        ['ingest-failing', 'heartbeat-missing', 'consumers-behind', 'archive-behind', 'probe-failing'].map(
          (page) => `page ${page}`,
        ),
      ),
    );
  });

  it('are heard by the same people, whatever the evaluation range is', () => {
    const what = (heard: Heard) => heard.map(([, message]) => message).sort();
    const sparse = failures.filter(([name, , minutes]) => /^F(4|8|10|12)/.test(name) && minutes <= 600);
    for (const [name, scenario, minutes, heard] of sparse) {
      for (const beyond of [0, 4]) {
        expect(what(watch.heard(scenario, minutes, beyond)), name).toEqual(what(heard));
      }
    }
  });
});
