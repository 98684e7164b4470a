import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import {
  bar,
  button,
  facts,
  form,
  heading,
  line,
  link,
  mark,
  note,
  table,
  widget,
} from '../../lambdas/widgets/draw.ts';
import type { WidgetParams } from '../../scripts/console/ports.ts';
import { chartsOf, FakeWeir, OWN, serve } from '../support/browser/fake-weir.ts';
import { openPage, PHONE } from '../support/browser/open-page.ts';
import { drawnWidgets } from '../support/drawn-widgets.ts';

const LONG = 'x'.repeat(180);

/** Every element that the widgets draw with, with what is long in it. */
function everything({ widget: name }: WidgetParams): string {
  const params = { widget: String(name) };
  return widget(
    form(
      [
        { name: 'id', label: 'Event id', hint: 'try-1' },
        { name: 'tenant', label: 'Tenant' },
      ],
      'Trace',
      OWN,
      params,
    ),
    heading('Way of it'),
    line(mark('good', 'counted')),
    line(mark('bad', 'refused')),
    line(mark('waiting', 'not yet')),
    note('As of a minute ago'),
    facts({ id: LONG, subject: 'me' }),
    table(
      ['cause', 'events', 'first seen', 'last seen', 'share', 'more'],
      [
        [
          LONG,
          12_345,
          '2026-03-01T12:34:56Z',
          '2026-03-01T12:34:56Z',
          bar(0.4, 'bad'),
          link('show', OWN, params),
        ],
      ],
      1,
    ),
    button('All of them', OWN, params),
  ).text;
}

/** The widgets as their function draws them, with a name in them that is too long for a phone. */
const asDrawn = ({ widget: name }: WidgetParams): string => drawnWidgets[String(name)]!(`acme-${LONG}`).text;

async function open(options: BrowserContextOptions = {}, answer = everything) {
  const weir = new FakeWeir();
  weir.about = { ...weir.about, where: `http://localhost:4566/${LONG}`, pollMs: 60_000 };
  weir.charts = chartsOf({ accepted: { 3: 1_234_567, 1: 5 }, counted: { 1: 5 }, lag: { 2: 40, 1: 100_000 } });
  weir.answer = answer;
  const { url } = await serve(weir);
  const { page, complaints } = await openPage(url, options);
  await page.locator('[data-widget="runs"] .widget[aria-busy="false"]').waitFor();
  return { weir, page, complaints };
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds against WCAG 2.2 A and AA. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found = (await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(tags)} })`)) as {
    violations: Violation[];
  };
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 150)} ${failureSummary}`),
  );
}

describe('the console is usable by everybody', () => {
  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['on a phone', { ...PHONE }],
    ['on a phone in the dark', { ...PHONE, colorScheme: 'dark' }],
  ] as const)('%s: contrast, names and structure are as WCAG AA asks', async (_, options) => {
    const { page, complaints } = await open(options);
    await page.locator('summary').first().click();
    expect(await violations(page)).toEqual([]);
    await page.locator('[data-widget="runs"]').getByText('show').click();
    await page.locator('dialog [aria-busy="false"]').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['light', { colorScheme: 'light' }],
    ['on a phone in the dark', { ...PHONE, viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
  ] as const)('%s: so are the widgets as their function draws them', async (_, options) => {
    const { page, complaints } = await open(options, asDrawn);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('in the dark it is dark, and in the light it is light', async () => {
    const brightness = async (colorScheme: 'light' | 'dark') => {
      const { page } = await open({ colorScheme });
      const color = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      return Number(/\d+/.exec(color)![0]);
    };
    expect(await brightness('dark')).toBeLessThan(50);
    expect(await brightness('light')).toBeGreaterThan(200);
  });

  it('nothing moves by itself', async () => {
    const { page } = await open({ reducedMotion: 'reduce' });
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  });
});

describe('on a phone', () => {
  const overflowing = `[...document.querySelectorAll('body *')]
    .filter((one) => !one.closest('.widget, .rows') && one.getBoundingClientRect().right > innerWidth + 0.5)
    .map((one) => one.outerHTML.slice(0, 120))`;

  it.each([375, 360, 320])(
    'of %i px width all is within the width; what is wide scrolls in its card',
    async (width) => {
      const { page } = await open({ ...PHONE, viewport: { width, height: 667 } });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.evaluate(overflowing)).toEqual([]);
      await page.evaluate('scrollTo(500, 0)');
      expect(await page.evaluate('scrollX')).toBe(0);
      const last = page.locator('[data-widget="quarantine"] td').last();
      await last.scrollIntoViewIfNeeded();
      const box = (await last.boundingBox())!;
      expect(box.x + box.width).toBeLessThanOrEqual(width);
    },
  );

  it('of 360 px width the widgets as they are drawn are within it', async () => {
    const { page } = await open({ ...PHONE, viewport: { width: 360, height: 740 } }, asDrawn);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await page.evaluate(overflowing)).toEqual([]);
  });

  it.each([
    ['of all that widgets are drawn with', everything],
    ['of the widgets as they are drawn', asDrawn],
  ])('whatever can be touched is large enough, %s', async (_, answer) => {
    const { page } = await open(PHONE, answer);
    const small =
      await page.evaluate(`[...document.querySelectorAll('button, summary, input, [role="button"]')]
      .filter((one) => one.checkVisibility())
      .map((one) => [one.outerHTML.slice(0, 100), one.getBoundingClientRect()])
      .filter(([, { width, height }]) => width < 44 || height < 44)
      .map(([html, { width, height }]) => html + ' ' + width + 'x' + height)`);
    expect(small).toEqual([]);
  });

  it('forms and popups work by touch', async () => {
    const { weir, page } = await open(PHONE);
    const event = page.locator('[data-widget="event"]');
    await event.getByLabel('Event id').tap();
    await page.keyboard.type('try-1');
    await event.getByText('Trace').tap();
    await expect
      .poll(() => weir.lastCall('event')!.context.forms)
      .toEqual({ all: { id: 'try-1', tenant: '' } });
    await page.locator('[data-widget="runs"]').getByText('show').tap();
    const box = (await page.getByRole('dialog').boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(375);
    await page.getByRole('button', { name: 'Close' }).tap();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });
});

describe('by keyboard alone', () => {
  const focused = (page: Page) =>
    page.evaluate<string>(
      'document.activeElement === document.body ? "" : document.activeElement.textContent.trim() || document.activeElement.name',
    );

  it('everything is reached in the order that it is read in, and seen when it is', async () => {
    const { page } = await open();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the widgets');
    expect((await page.locator('.skip').boundingBox())!.y).toBeGreaterThanOrEqual(0);
    const stops: string[] = [];
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press('Tab');
      const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
      const name = await focused(page);
      if (await page.evaluate('document.activeElement === document.body')) break;
      expect(outline, name).not.toBe('none');
      stops.push(name);
    }
    const order = ['As a table', 'Refresh', 'id', 'tenant', 'Trace', 'show', 'All of them', 'Refresh'];
    let from = -1;
    for (const name of order) {
      from = stops.indexOf(name, from + 1);
      expect(from, `${name} in ${stops.join(', ')}`).toBeGreaterThanOrEqual(0);
    }
  });

  it('links are pressed by Enter and buttons by the space bar, and the focus stays where one is', async () => {
    const { weir, page } = await open();
    const event = page.locator('[data-widget="event"]');
    await event.getByRole('button', { name: 'All of them' }).focus();
    const calls = weir.calls.length;
    await page.keyboard.press('Space');
    await expect.poll(() => weir.calls.length).toBe(calls + 1);
    await event.locator('.widget[aria-busy="false"]').waitFor();
    expect(await page.evaluate('document.activeElement.closest("[data-widget]")?.dataset.widget')).toBe(
      'event',
    );

    await event.getByRole('button', { name: 'show' }).focus();
    await page.keyboard.press('Enter');
    const popup = page.getByRole('dialog');
    await popup.getByText('Way of it').waitFor();
    expect(await page.evaluate('document.activeElement.closest("dialog") !== null')).toBe(true);
    await page.keyboard.press('Escape');
    await popup.waitFor({ state: 'hidden' });
    expect(await focused(page)).toBe('show');
  });

  it('the skip link leads to the widgets', async () => {
    const { page } = await open();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.closest("[data-widget]")?.dataset.widget')).toBe(
      'event',
    );
  });
});
