import { describe, expect, it } from 'vitest';
import { failures } from '../support/alarm-scenarios/failures.ts';
import { alarmWatch, type Heard } from '../support/alarm-scenarios/watch.ts';

const watch = alarmWatch();

describe('failures', () => {
  it.each(failures)('%s', (_, scenario, minutes, heard) => {
    expect(watch.heard(scenario, minutes)).toEqual(heard);
  });

  it('are all there', () => {
    const seen = failures.flatMap(([name]) => name.match(/F\d+/g) ?? []);
    expect(new Set(seen).size).toBe(14);
  });

  it('page once each; only retention at risk comes on top of another page', () => {
    for (const [name, , , heard] of failures) {
      const pages = heard.map(([, what]) => what).filter((what) => what.startsWith('page'));
      expect(pages.filter((page) => page !== 'page retention-at-risk').length, name).toBeLessThanOrEqual(1);
    }
  });

  it('are heard in the same order and by the same people, whatever the evaluation range is', () => {
    const what = (heard: Heard) => heard.map(([, message]) => message).sort();
    for (const [name, scenario, minutes, heard] of failures.filter(([, , length]) => length <= 600)) {
      for (const beyond of [0, 4])
        expect(what(watch.heard(scenario, minutes, beyond)), name).toEqual(what(heard));
    }
  });
});
