import { describe, expect, it } from 'vitest';
import { alarmWatch, type Heard } from '../support/alarm-scenarios/watch.ts';
import { all, during, type Scenario } from '../support/alarm-scenarios/world.ts';

const watch = alarmWatch();

const DAY = 24 * 60;
/** One request in six minutes: a cold start takes a second, and one request in the night fails. */
const night: Scenario = (minute) => ({
  requests: minute % 6 === 0 ? 1 : 0,
  slow: minute % 24 === 0 ? 1 : 0,
  failing: minute === 300 ? 1 : 0,
  duplicates: 0,
});
const deploy = all(
  during(10, 12, { slow: 0.2, failing: 0.002, projectorAge: 20_000, archiveAge: 120_000, probeOk: 0 }),
  during(11, 11, { marks: 0, projectorRuns: 0, archiveRuns: 0, deployed: 1 }),
);
/** Everything at once, for one minute, and for a few in a hundred. */
const blip = during(10, 10, {
  ...{ failing: 0.02, refused: 0.1, quarantined: 0.1, slow: 0.3, afterWindow: 0.3 },
  ...{ keysRefused: 30, forged: 30, ingestThrottles: 4, logThrottles: 50, stateThrottles: 5 },
  ...{ marks: 0, projectorAge: 400_000, projectorFailures: 3, archiveAge: 1_000_000, archiveErrors: 1 },
  ...{ repairWaiting: 1, repairDead: 1, webhooksOldestSeconds: 1000, webhooksDead: 1, notSwept: 1 },
  ...{ probeOk: 0, silentProducers: 1, producersOverBudget: 1, controlFailures: 1, jobsFailing: 1 },
});

describe('nobody is told of', () => {
  it.each<[string, Scenario, number]>([
    ['a day of ordinary traffic', () => ({}), DAY],
    ['a day without any traffic', () => ({ requests: 0, duplicates: 0 }), DAY],
    ['a night with little traffic', night, DAY],
    ['a deploy', deploy, 400],
    ['a deploy in that night', all(night, deploy), 400],
    ['a blip', blip, 400],
    ['requests that shedding answers with 503', during(10, 130, { failing: 0.3, requestsShed: 0.3 }), 400],
  ])('%s', (_, scenario, minutes) => {
    expect(watch.heard(scenario, minutes)).toEqual([]);
  });

  it.each([0, 1, 4])('those either, were the evaluation range %i data points longer than N', (beyond) => {
    for (const scenario of [night, deploy, blip]) expect(watch.heard(scenario, 400, beyond)).toEqual([]);
  });
});

it('nor, were metrics two minutes late', () => {
  for (const scenario of [night, deploy, blip]) expect(watch.heard(scenario, 400, 2, 2)).toEqual([]);
});

describe('a minute in which every request fails', () => {
  it('is no blip: it is a quarter of the month’s budget, and pages', () => {
    expect(watch.heard(during(10, 10, { failing: 1 }), 400)).toEqual([
      [11, 'page ingest-failing'],
      [64, 'ticket api-availability-leaks'],
    ]);
  });
});

describe('maintenance windows', () => {
  const outage = during(10, 90, { failing: 1, marks: 0, projectorRuns: 0, archiveRuns: 0, probeOk: 0 });
  const pages = (heard: Heard) => heard.filter(([, what]) => what.startsWith('page'));

  it('suppress what is done in them, also what the windows remember of it', () => {
    expect(watch.heard(all(during(5, 95, { maintenance: 1 }), outage), 900)).toEqual([]);
  });

  it('that open a minute late still suppress', () => {
    expect(watch.heard(all(during(11, 95, { maintenance: 1 }), outage), 900)).toEqual([]);
  });

  it('that end before the trouble do not hide it for longer than their windows look back', () => {
    const scenario = all(during(5, 40, { maintenance: 1 }), during(10, 900, { failing: 1 }));
    expect(pages(watch.heard(scenario, 900))).toEqual([[78, 'page ingest-failing']]);
  });

  it('let personal data in logs through', () => {
    const scenario = all(during(5, 95, { maintenance: 1 }), during(20, 20, { piiInLogs: 1 }));
    expect(watch.heard(scenario, 200)).toEqual([[20, 'page pii-logged']]);
  });
});
