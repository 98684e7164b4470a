import { expect, it } from 'vitest';
import { resultsPage } from '../../bench/report/results-page.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const part = (title: string, text: string) => ({ title, text, data: undefined, targets: [] });

it('a run replaces the parts that it ran, and leaves the others as they were', () => {
  const before = resultsPage([part('Costs', 'old costs'), part('Memory', 'old memory')], '', NOW);
  const after = resultsPage([part('Costs', 'new costs'), part('Speed', 'new speed')], before, NOW);
  expect(after).toBe(
    resultsPage(
      [part('Costs', 'new costs'), part('Memory', 'old memory'), part('Speed', 'new speed')],
      '',
      NOW,
    ),
  );
});
