import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { connectConsole } from '../../scripts/console/connect-console.ts';
import { makeDemo } from '../../scripts/start/make-demo.ts';
import { serve } from '../support/browser/fake-weir.ts';
import { openPage } from '../support/browser/open-page.ts';
import { deployed } from '../support/deployed.ts';
import { eventually } from '../support/localstack.ts';

const outputs = deployed();
const tenant = `console-${Date.now().toString(36)}`;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const EVENTS = 3;

/** Sends events under ids of this run's own. */
async function send(ids: readonly string[]): Promise<void> {
  const { apiUrl, apiKey } = await makeDemo({ endpoint: outputs.endpoint, outputs, tenant });
  const time = new Date().toISOString();
  const events = ids.map((id) => ({
    ...{ specversion: '1.0', id, source: '/console-test', type: 'network.transfer', subject: 'box' },
    ...{ time, data: { bytes: 7 } },
  }));
  const response = await fetch(`${apiUrl}/v1/events`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(events),
  });
  expect(response.status, await response.text()).toBe(202);
}

/** What a chart shows in all: other tests may send as well, so it may be more than what was sent here. */
const inAll = (page: Page, id: string): Promise<number> =>
  page.evaluate(
    `[...document.querySelectorAll('[data-series="${id}"] [data-value]')].reduce((sum, one) => sum + Number(one.dataset.value), 0)`,
  );

describe('the console over a deployed Weir', () => {
  it('shows events that are sent on its charts, and the way of one of them in a widget', async () => {
    const aws = { endpoint: outputs.endpoint, region: 'us-east-1', credentials };
    const { url } = await serve(connectConsole({ name: 'weir', where: outputs.endpoint, aws }));
    const { page, complaints } = await openPage(url);
    await page.locator('[data-series="shed"] svg').waitFor();
    const before = { accepted: await inAll(page, 'accepted'), counted: await inAll(page, 'counted') };

    const ids = Array.from({ length: EVENTS }, (_, index) => `${tenant}-${index}`);
    await send(ids);
    for (const id of ['accepted', 'counted'] as const)
      await eventually(`${EVENTS} more ${id}`, async () =>
        (await inAll(page, id)) >= before[id] + EVENTS ? true : undefined,
      );

    const card = page.locator('[data-widget="event"]');
    await card.getByLabel('event id').fill(ids[1]!);
    await card.getByLabel('tenant').fill(tenant);
    // The archive takes a second more than the count.
    await eventually('the way of an event', async () => {
      await card.getByRole('button', { name: 'Trace' }).click();
      await card.locator('.widget[aria-busy="false"]').waitFor();
      const text = (await card.locator('.widget').textContent()) ?? '';
      return text.includes(ids[1]!) && /network\.transfer/.test(text) && !text.includes('not found')
        ? text
        : undefined;
    });
    for (const widget of ['state', 'control', 'budget', 'tenants', 'quarantine', 'runs']) {
      const body = page.locator(`[data-widget="${widget}"] .widget[aria-busy="false"]`);
      await body.waitFor({ timeout: 60_000 });
      expect(await body.textContent(), widget).not.toMatch(/could not be read/);
    }
    expect(complaints).toEqual([]);
  });
});
