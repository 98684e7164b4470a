import { InvokeCommand } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { deployed } from '../support/deployed.ts';
import { eventually } from '../support/localstack.ts';
import { aws, drained, newSender, reading, type Sender, send, sendAll } from '../support/pipeline.ts';
import { readHtml } from '../support/read-html.ts';
import { BY_TEST, recover } from '../support/recovery.ts';

let sender: Sender;
let event: CloudEvent;
/** An id that would be markup. */
const HOSTILE = `<img src=x onerror="alert('${Date.now()}')">`;

async function show(params: object): Promise<unknown> {
  const { Payload, FunctionError } = await aws.lambda.send(
    new InvokeCommand({
      FunctionName: deployed().WidgetsFunction,
      Payload: Buffer.from(
        JSON.stringify({ ...params, widgetContext: { forms: { all: {} }, theme: 'dark' } }),
      ),
    }),
  );
  const answer = JSON.parse(Buffer.from(Payload!).toString());
  if (FunctionError) throw new Error(JSON.stringify(answer));
  return answer;
}

async function drawn(params: object) {
  const html = await show(params);
  expect(typeof html).toBe('string');
  return readHtml(html as string);
}

beforeAll(async () => {
  sender = await newSender('widgets');
  event = reading('box', 5, { id: HOSTILE });
  await sendAll(sender.apiKey, [event]);
  await send(sender.apiKey, [reading('box', -5, { id: 'refused-1' })]);
  await drained();
});

describe('custom widgets, over what is deployed', () => {
  it('describe themselves', async () => {
    expect(await show({ describe: true })).toEqual({ markdown: expect.stringContaining('## Weir') });
  });

  it('show the way of an event, and its id as text', async () => {
    const { text, elements, textsOf } = await drawn({ widget: 'event', tenant: sender.tenant, id: HOSTILE });
    expect(text).toContain(HOSTILE);
    expect(text).toContain('✓ counted');
    expect(elements).not.toContain('img');
    const actions = textsOf('cwdb-action').map((json) => JSON.parse(json));
    const state = actions.find(({ widget }) => widget === 'state');
    // The button leads to a widget that can be shown.
    expect((await drawn(state)).text).toContain('state and archive agree');
  });

  it('show a bucket beside its archive', async () => {
    const window = event.time!.slice(0, 13);
    const params = { widget: 'state', tenant: sender.tenant, subject: 'box', type: event.type, window };
    const { text } = await drawn(params);
    expect(text).toContain('✓ state and archive agree');
    expect(text).toContain('bytes all55');
  });

  it('show who sends', async () => {
    await eventually('the tenant among those who send', async () => {
      const { text } = await drawn({ widget: 'tenants', minutes: 15 });
      return text.includes(sender.tenant) ? true : undefined;
    });
  });

  it('show quarantine, of one tenant and of all', async () => {
    const { text } = await drawn({ widget: 'quarantine', tenant: sender.tenant });
    expect(text).toContain('contract-violation');
    expect(text).toContain('The producer sends what the contract does not allow.');
    expect((await drawn({ widget: 'quarantine' })).text).toContain('contract-violation');
  });

  it('show runs', async () => {
    const requestId = `${sender.tenant}-dry`;
    await recover({ ...BY_TEST, requestId, verb: 'verify', dryRun: true });
    expect((await drawn({ widget: 'runs' })).text).toContain(requestId);
  });

  it('show budgets, and say what is not measured here', async () => {
    const { text } = await drawn({ widget: 'budget' });
    expect(text).toContain('api-availability');
    expect(text).toContain('not measured here');
  });

  it('show what is shed', async () => {
    expect((await drawn({ widget: 'control' })).text).toMatch(/sheds (nothing|bulk)/);
  });

  it('say what is missing, and never fail', async () => {
    expect((await drawn({ widget: 'nothing' })).text).toContain('widget must be one of');
    expect((await drawn({ widget: 'state', tenant: 't' })).text).toContain('is missing');
  });
});
