import { describe, expect, it } from 'vitest';
import type { Failing } from '../support/alarm-scenarios/failing.ts';
import { failures } from '../support/alarm-scenarios/failures.ts';
import { metricsOf } from '../support/alarm-scenarios/metrics-of-world.ts';
import { alarmWatch, type Heard } from '../support/alarm-scenarios/watch.ts';
import { all, during, type Scenario } from '../support/alarm-scenarios/world.ts';
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

describe('metrics that come late', () => {
  const soon = failures.filter(([name, , minutes]) => /^F(5|9|12)/.test(name) && minutes <= 600);
  const what = (heard: Heard) => heard.map(([, message]) => message).sort();

  it('are heard of all the same: FILL makes 0 of the minutes that are not there yet', () => {
    for (const [name, scenario, minutes, heard] of soon)
      expect(what(watch.heard(scenario, minutes, 2, 2)), name).toEqual(what(heard));
  });

  it('are seen by what guard listens to', () => {
    const storm = during(10, 60, { logThrottles: 500, ingestThrottles: 5 });
    const rang = watch
      .run(storm, 100, 2, 2)
      .transitions.filter(({ to }) => to === 'ALARM')
      .map(({ alarm }) => alarm);
    expect(rang).toEqual(expect.arrayContaining(['weir-log-overloaded', 'weir-ingest-throttled']));
  });
});

/** Bad minutes, then good ones, over and over again from minute 10 on. */
const waves =
  (bad: number, good: number, what: ReturnType<Scenario>): Scenario =>
  (minute) =>
    minute >= 10 && minute < 250 && (minute - 10) % (bad + good) < bad ? what : {};

describe('trouble that comes and goes', () => {
  const troubles: readonly (readonly [page: string, what: ReturnType<Scenario>])[] = [
    ['ingest-failing', { failing: 1 }],
    ['ingest-failing', { refused: 0.05, logThrottles: 500 }],
    ['heartbeat-missing', { marks: 0 }],
    ['consumers-behind', { projectorAge: 400_000 }],
    ['consumers-behind', { projectorRuns: 0 }],
    ['consumers-behind', { projectorFailures: 2 }],
    ['consumers-behind', { webhooksOldestSeconds: 1200 }],
    ['archive-behind', { archiveAge: 1_000_000, archiveErrors: 1 }],
    ['probe-failing', { probeOk: 0 }],
  ];

  it('F5, F12: is one page while it comes every few minutes', () => {
    for (const [page, what] of troubles) {
      for (const scenario of [waves(6, 6, what), waves(8, 18, what)])
        expect(pagesOf(watch.heard(scenario, 600)), JSON.stringify(what)).toEqual([`page ${page}`]);
    }
  });

  it('is a new one after an hour without it', () => {
    const pages = pagesOf(watch.heard(waves(8, 60, { refused: 0.05 }), 600));
    expect(pages).toEqual(Array(4).fill('page ingest-failing'));
  });
});

describe('what gets worse', () => {
  const behind = { requests: 6000, logThrottles: 100, projectorAge: 900_000, deliveredLate: 1, probeOk: 0 };

  it('F5: pages again when senders are refused, long after usage fell behind; what is below both does not', () => {
    const storm = all(
      during(10, 120, behind),
      during(60, 110, { refused: 0.1, failing: 0.05, archiveAge: 1e6 }),
    );
    expect(pagesOf(watch.heard(storm, 1000))).toEqual(['page consumers-behind', 'page ingest-failing']);
  });

  it('F12: whatever breaks within three minutes of each other is one page, of what is above', () => {
    const later = { failing: 1, marks: 0, archiveErrors: 1 };
    for (const minute of [10, 11, 12]) {
      const outage = all(during(10, 70, behind), during(minute, 70, later));
      expect(pagesOf(watch.heard(outage, 1000)), String(minute)).toEqual(['page ingest-failing']);
    }
  });
});
