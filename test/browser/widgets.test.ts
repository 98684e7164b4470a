import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { couldNotRun } from '../../cli/platform/errors.ts';
import type { WidgetParams } from '../../scripts/console/ports.ts';
import { FakeWeir, OWN, serve } from '../support/browser/fake-weir.ts';
import { openPage } from '../support/browser/open-page.ts';

const card = (page: Page, widget: string) => page.locator(`[data-widget="${widget}"]`);

/** An action after a button, as widgets write it. */
const action = (label: string, attributes: string, content = '') =>
  `<a class="btn">${label}</a><cwdb-action ${attributes}>${content}</cwdb-action>`;

/** A console whose one widget answers as told. */
async function withWidget(widget: string, answer: (params: WidgetParams) => string | Promise<string>) {
  const weir = new FakeWeir();
  weir.answer = (params) => (params.widget === widget ? answer(params) : '<p>other</p>');
  const { url } = await serve(weir);
  const { page, complaints } = await openPage(url);
  await card(page, widget).locator('.widget[aria-busy="false"]').waitFor();
  return { weir, page, complaints, shown: card(page, widget) };
}

const TRACE = '{"widget":"event","from":"x"}';

describe('widgets', () => {
  it('are all shown, each asked with its name and what CloudWatch would send along', async () => {
    const weir = new FakeWeir();
    const { url } = await serve(weir);
    const { page } = await openPage(url, { colorScheme: 'dark' });
    for (const widget of ['event', 'state', 'control', 'budget', 'tenants', 'quarantine', 'runs'])
      await card(page, widget).getByText(`This is ${widget}`).waitFor();
    const { params, context } = weir.lastCall('tenants')!;
    expect(params).toEqual({ widget: 'tenants' });
    expect(context).toMatchObject({
      dashboardName: 'Weir console',
      widgetId: 'widget-tenants',
      locale: 'en-GB',
      timezone: { label: 'UTC', offsetISO: '+00:00', offsetInMinutes: 0 },
      theme: 'dark',
      title: 'Tenants',
      forms: { all: {} },
      params: { widget: 'tenants' },
      timeRange: { mode: 'relative', relativeStart: 1_800_000 },
      width: expect.any(Number),
    });
  });

  it('take what is filled into a form along with a call, and show the answer in its place', async () => {
    const form = `<form><label>Id <input name="id"></label><label>Live <input type="checkbox" name="live"></label>
      <input type="checkbox" name="all" checked><select name="by"><option>hour<option selected>day</select>
      <textarea name="note">n</textarea><input name="off" value="x" disabled></form>`;
    const { weir, page, shown } = await withWidget('event', ({ from, widgetContext }) => {
      if (from === undefined) return form + action('Trace', `action="call" endpoint="${OWN}"`, TRACE);
      const { forms } = widgetContext as { forms: { all: { id: string } } };
      return `<p>Found ${forms.all.id}</p>`;
    });
    await shown.getByLabel('Id').fill('try-1');
    await shown.getByRole('button', { name: 'Trace' }).click();
    await shown.getByText('Found try-1').waitFor();
    const { params, context } = weir.lastCall('event')!;
    expect(params).toEqual({ widget: 'event', from: 'x' });
    expect(context.forms).toEqual({ all: { id: 'try-1', all: 'on', by: 'day', note: 'n' } });
    expect(context.params).toEqual({ widget: 'event' });

    weir.answer = () => '<p>At its beginning</p>';
    await shown.getByRole('button', { name: 'Refresh' }).click();
    await shown.getByText('At its beginning').waitFor();
    expect(weir.lastCall('event')!.context.forms).toEqual({ all: {} });
    expect(await page.locator('dialog[open]').count()).toBe(0);
  });

  it('call by Enter in a field, with the button that follows', async () => {
    const { weir, page, shown } = await withWidget('event', (params) =>
      params.go
        ? '<p>Done</p>'
        : `<form><input name="a" aria-label="A"><input name="b" aria-label="B"></form>${action('Go', 'action="call"', '{"widget":"event","go":1}')}`,
    );
    await shown.getByLabel('A').fill('1');
    await page.keyboard.press('Enter');
    await shown.getByText('Done').waitFor();
    expect(weir.lastCall('event')!.context.forms).toEqual({ all: { a: '1', b: '' } });
  });

  it('open a popup, whose own links go on, and lead back into the widget', async () => {
    const { page, shown } = await withWidget('quarantine', ({ step }) => {
      if (step === 1)
        return `First ${action('On', 'action="call" display="popup"', '{"widget":"quarantine","step":2}')}`;
      if (step === 2)
        return `Second ${action('Take it', 'action="call" display="widget"', '{"widget":"quarantine","step":3}')}`;
      return step === 3
        ? 'Third'
        : `List ${action('Open', 'action="call" display="popup"', '{"widget":"quarantine","step":1}')}`;
    });
    const popup = page.getByRole('dialog', { name: 'Quarantine' });
    await shown.getByText('Open').click();
    await popup.getByText('First').waitFor();
    expect(await shown.textContent()).toContain('List');
    await popup.getByText('On').click();
    await popup.getByText('Second').waitFor();
    await popup.getByText('Take it').click();
    await shown.getByText('Third').waitFor();
    expect(await popup.count()).toBe(0);

    await shown.getByRole('button', { name: 'Refresh' }).click();
    await shown.getByText('Open').click();
    await popup.getByText('First').waitFor();
    await page.keyboard.press('Escape');
    await popup.waitFor({ state: 'hidden' });
  });

  it('show what an action holds, and call nothing then', async () => {
    const { weir, page, shown } = await withWidget(
      'runs',
      () =>
        action('Help', 'display="popup"', '<b>It lists runs.</b>') +
        action('Replace', 'action="html"', '<i>Instead</i>'),
    );
    await shown.getByText('Help').click();
    await page.getByRole('dialog').getByText('It lists runs.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    const calls = weir.calls.length;
    await shown.getByText('Replace').click();
    expect(await shown.locator('.widget').innerHTML()).toBe('<i>Instead</i>');
    expect(weir.calls).toHaveLength(calls);
  });

  it('ask before they do what says so', async () => {
    const { weir, page, shown } = await withWidget('control', ({ sure }) =>
      sure
        ? 'Done'
        : action('Set', 'action="call" confirmation="Really?"', '{"widget":"control","sure":true}'),
    );
    await shown.getByText('Set').click();
    await page.getByText('Really?').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(weir.lastCall('control')!.params.sure).toBeUndefined();
    await shown.getByText('Set').click();
    await page.getByRole('button', { name: 'Do it' }).click();
    await shown.getByText('Done').waitFor();
  });

  it('do what they do by a double click, or by pointing at it, only so; and never call by pointing', async () => {
    const { weir, page, shown } = await withWidget(
      'runs',
      ({ x }) =>
        `${x ?? ''}${action('Twice', 'action="call" event="dblclick"', '{"widget":"runs","x":"two"}')}` +
        action('Far', 'action="call" event="mouseenter"', '{"widget":"runs","x":"pointed"}') +
        action('Near', 'display="popup" event="mouseenter"', 'Shown by pointing'),
    );
    await shown.getByText('Twice').click();
    await shown.getByText('Twice').dblclick();
    await shown.getByText('two').waitFor();
    await shown.getByText('Far').hover();
    const near = (await shown.getByText('Near').boundingBox())!;
    await page.mouse.move(near.x + 5, near.y + 5);
    await page.getByRole('dialog').getByText('Shown by pointing').waitFor();
    expect(weir.calls.filter(({ x }) => x !== undefined).map(({ x }) => x)).toEqual(['two']);
  });

  it('call no other function', async () => {
    const other = 'arn:aws:lambda:us-east-1:000000000000:function:weir-guard';
    const { weir, shown } = await withWidget('runs', () =>
      action('Steal', `action="call" endpoint="${other}"`, '{"command":"set"}'),
    );
    await shown.getByText('Steal').click();
    await shown.getByText('calls the function of its widgets, and no other').waitFor();
    expect(weir.calls.some(({ command }) => command !== undefined)).toBe(false);
  });

  it('that fail say so, and work again when asked again', async () => {
    const { weir, shown } = await withWidget('budget', () =>
      Promise.reject(couldNotRun('weir-widgets failed: no table.', 'Its logs say more.')),
    );
    await shown.getByRole('alert').getByText('weir-widgets failed: no table. Its logs say more.').waitFor();
    weir.answer = () => 'Well again';
    await shown.getByRole('button', { name: 'Refresh' }).click();
    await shown.getByText('Well again').waitFor();
  });

  it('show the answer to what was asked last, whichever comes first', async () => {
    const slow = Promise.withResolvers<string>();
    const { shown } = await withWidget('runs', ({ x }) => {
      if (x === 'slow') return slow.promise;
      const links =
        action('Slow', 'action="call"', '{"widget":"runs","x":"slow"}') +
        action('Fast', 'action="call"', '{"widget":"runs","x":"fast"}');
      return x === 'fast' ? 'The fast one' : links;
    });
    await shown.getByText('Slow').click();
    await shown.getByText('Fast').click();
    await shown.getByText('The fast one').waitFor();
    slow.resolve('The slow one');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await shown.locator('.widget').textContent()).toBe('The fast one');
  });
});
