import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { chartsOf, FakeWeir, serve } from '../support/browser/fake-weir.ts';
import { openPage } from '../support/browser/open-page.ts';

const chart = (page: Page, id: string) => page.locator(`[data-series="${id}"]`);

/** Values that are drawn, in time's order. */
const drawnIn = (page: Page, id: string): Promise<number[]> =>
  page.evaluate(
    `[...document.querySelectorAll('[data-series="${id}"] [data-value]')].map((one) => Number(one.dataset.value))`,
  );

async function open(weir: FakeWeir) {
  const { url } = await serve(weir);
  return openPage(url);
}

/** As when another tab is in front, or this one again. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate(
    `Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} }); document.dispatchEvent(new Event('visibilitychange'))`,
  );

describe('the charts', () => {
  it('say which Weir this is, and draw the numbers that there are, to scale', async () => {
    const weir = new FakeWeir();
    weir.charts = chartsOf({
      accepted: { 3: 500, 2: 1000, 1: 250 },
      counted: { 2: 990 },
      lag: { 2: 400, 1: 2_500 },
    });
    const { page, complaints } = await open(weir);
    await page.getByText('weir on the local stack, http://localhost:4566').waitFor();

    await chart(page, 'accepted').getByText('250', { exact: true }).waitFor();
    expect(await drawnIn(page, 'accepted')).toEqual([500, 1000, 250]);
    expect(await drawnIn(page, 'counted')).toEqual([990]);
    expect(await drawnIn(page, 'lag')).toEqual([400, 2_500]);
    expect(await drawnIn(page, 'shed')).toEqual([]);
    const heights = await page
      .locator('[data-series="accepted"] .bar')
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('height'))));
    expect(heights[1]! / heights[0]!).toBeCloseTo(2, 1);
    expect(await chart(page, 'lag').locator('.value').textContent()).toBe(
      '2.5 s the longest in the last full minute',
    );
    expect(await chart(page, 'shed').locator('.value').textContent()).toBe(
      '0 events in the last full minute',
    );
    expect(await chart(page, 'accepted').locator('.readout').textContent()).toContain(
      '1,750 in all, most 1,000 at',
    );
    expect(complaints).toEqual([]);
  });

  it('have axes with units', async () => {
    const weir = new FakeWeir();
    weir.charts = chartsOf({ accepted: { 1: 1_000 }, lag: { 1: 2_500 } }, Date.parse('2026-03-01T12:34:56Z'));
    const { page } = await open(weir);
    const labels = (id: string) => chart(page, id).locator('svg text').allTextContents();
    await chart(page, 'lag').locator('svg').waitFor();
    expect(await labels('accepted')).toEqual(['0', '500', '1,000', '12:10', '12:20', '12:30']);
    expect(await labels('lag')).toEqual(['0', '1 s', '2 s', '3 s', '12:10', '12:20', '12:30']);
  });

  it('break a line where there is no data, and mark the minute that is not over', async () => {
    const weir = new FakeWeir();
    weir.charts = chartsOf({ lag: { 5: 10, 4: 20, 2: 30, 1: 10 }, accepted: { 1: 5, 0: 2 } });
    const { page } = await open(weir);
    const path = await chart(page, 'lag').locator('.line').getAttribute('d');
    expect(path!.match(/M/g)).toHaveLength(2);
    expect(await chart(page, 'accepted').locator('.under-way').getAttribute('data-value')).toBe('2');
  });

  it('show what comes later', async () => {
    const weir = new FakeWeir();
    const { page } = await open(weir);
    await chart(page, 'accepted').getByText('Nothing in this time').waitFor();
    weir.charts = chartsOf({ accepted: { 1: 7 } });
    await chart(page, 'accepted').getByText('7', { exact: true }).waitFor();
  });

  it('are read by keyboard, by pointer and as a table', async () => {
    const weir = new FakeWeir();
    weir.charts = chartsOf({ accepted: { 2: 11, 1: 22, 0: 33 } }, Date.parse('2026-03-01T12:34:56Z'));
    const { page } = await open(weir);
    const readout = chart(page, 'accepted').locator('.readout');
    const drawing = chart(page, 'accepted').locator('.drawing');
    expect(await drawing.getAttribute('aria-label')).toBe(
      'Accepted: 22 events in the last full minute; 66 in all, most 33 at 12:34. Arrow keys read single minutes.',
    );
    await drawing.focus();
    await page.keyboard.press('ArrowLeft');
    expect(await readout.textContent()).toBe('12:34: 33 so far');
    await page.keyboard.press('ArrowLeft');
    expect(await readout.textContent()).toBe('12:33: 22');
    await page.keyboard.press('Escape');
    expect(await readout.textContent()).toContain('66 in all');
    await chart(page, 'accepted').locator('.bar').first().hover();
    expect(await readout.textContent()).toBe('12:32: 11');

    await chart(page, 'accepted').locator('summary').click();
    const rows = await chart(page, 'accepted').locator('tbody tr').allTextContents();
    expect(rows).toEqual(['12:3433', '12:3322', '12:3211']);
  });
});

describe('the state of the charts', () => {
  const state = (page: Page) => page.locator('#state');

  it('is live, and rests while nobody looks', async () => {
    const weir = new FakeWeir();
    weir.charts = chartsOf({ lag: { 1: 10 } });
    const { page } = await open(weir);
    await state(page).getByText('Live').waitFor();
    await setHidden(page, true);
    await state(page).getByText('Paused while nobody looks').waitFor();
    const read = weir.chartsRead;
    await page.waitForTimeout(6 * weir.about.pollMs);
    // One may have been on its way.
    expect(weir.chartsRead).toBeLessThanOrEqual(read + 1);
    await setHidden(page, false);
    await state(page).getByText('Live').waitFor();
    await expect.poll(() => weir.chartsRead).toBeGreaterThan(read + 1);
  });

  it('says since when no metric has come', async () => {
    const weir = new FakeWeir();
    const now = Date.parse('2026-03-01T12:34:56Z');
    weir.charts = chartsOf({ lag: { 9: 10 } }, now);
    const { page } = await open(weir);
    await state(page).getByText('No metrics since 12:25').waitFor();
    weir.charts = chartsOf({}, now);
    await state(page).getByText('No metrics in the last 30 minutes').waitFor();
  });

  it('says what fails, keeps what it had, and goes on when it can', async () => {
    const weir = new FakeWeir();
    weir.charts = chartsOf({ accepted: { 1: 77 } });
    const { page } = await open(weir);
    await chart(page, 'accepted').getByText('77', { exact: true }).waitFor();
    const { readCharts } = weir;
    weir.readCharts = () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }));
    await state(page)
      .getByText(/localhost:4566 does not answer.*What is shown is of/)
      .waitFor();
    expect(await chart(page, 'accepted').locator('.value').textContent()).toContain('77');
    weir.readCharts = readCharts;
    await state(page).getByText('Live').waitFor();
  });

  it('says that the server itself has ended', async () => {
    const weir = new FakeWeir();
    weir.charts = chartsOf({ accepted: { 1: 77 } });
    const running = await serve(weir);
    const { page } = await openPage(running.url);
    await state(page).getByText('Live').waitFor();
    await running.close();
    await state(page).getByText("The console's server does not answer.").waitFor();
  });
});
