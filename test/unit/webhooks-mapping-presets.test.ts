import { describe, expect, it } from 'vitest';
import { findDeliveryId, mapDelivery } from '../../lambdas/domain/webhooks/map-delivery.ts';
import { compileMapping } from '../../lambdas/domain/webhooks/mapping.ts';
import { readPayload } from '../../lambdas/domain/webhooks/payload.ts';
import { presets } from '../../lambdas/domain/webhooks/presets.ts';
import { parseScheme } from '../../lambdas/domain/webhooks/scheme.ts';

interface Shape {
  readonly type: string;
  readonly subject: string;
  readonly time?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  /** As the mapping finds it; the others come with a header that the scheme knows. */
  readonly id?: string;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields).toString();

/** A delivery of each provider, cut down from its documentation, and what its preset makes of it. */
const cases: readonly [
  provider: string,
  what: string,
  headers: Record<string, string>,
  body: object | string,
  shape: Shape,
][] = [
  [
    'github',
    'of a repository',
    { 'x-github-event': 'issues' },
    { action: 'opened', repository: { id: 186853002 } },
    {
      type: 'github.delivery',
      subject: 'repository:186853002',
      fields: { action: 'opened', event: 'issues' },
    },
  ],
  [
    'stripe',
    'that captures',
    {},
    {
      id: 'evt_1',
      type: 'charge.captured',
      account: 'acct_1',
      created: 1763708700,
      data: { object: { amount_captured: 2000, currency: 'usd' } },
    },
    {
      type: 'payment.received',
      subject: 'acct_1',
      time: '2025-11-21T07:05:00Z',
      id: 'evt_1',
      fields: { amount: 2000, currency: 'usd', movement: 'capture' },
    },
  ],
  [
    'stripe',
    'that refunds',
    {},
    {
      id: 'evt_2',
      type: 'refund.created',
      created: 1763708700,
      data: { object: { amount: 300, currency: 'usd' } },
    },
    {
      type: 'payment.received',
      subject: 'account',
      time: '2025-11-21T07:05:00Z',
      id: 'evt_2',
      fields: { amount: -300, currency: 'usd', movement: 'refund' },
    },
  ],
  [
    'stripe',
    'without a rule',
    {},
    { id: 'evt_3', type: 'invoice.paid', created: 1763708700, data: { object: {} } },
    { type: 'stripe.invoice.paid', subject: 'account', time: '2025-11-21T07:05:00Z', id: 'evt_3' },
  ],
  [
    'shopify',
    'of an order',
    { 'x-shopify-topic': 'orders/paid', 'x-shopify-shop-domain': 'my.myshopify.com' },
    '{"id":820982911946154508,"total_price":"398.00","currency":"USD"}',
    {
      type: 'shopify.orders_paid',
      subject: 'my.myshopify.com',
      fields: { currency: 'USD', order: '820982911946154508', total: '398.00' },
    },
  ],
  [
    'shopify',
    'of another topic',
    { 'x-shopify-topic': 'customers/update', 'x-shopify-shop-domain': 'my.myshopify.com' },
    { id: 1 },
    { type: 'shopify.customers_update', subject: 'my.myshopify.com' },
  ],
  [
    'slack',
    'of an event',
    {},
    {
      type: 'event_callback',
      team_id: 'T1',
      event_id: 'Ev1',
      event_time: 1763708700,
      event: { type: 'message', channel: 'C1' },
    },
    { type: 'slack.message', subject: 'T1', time: '2025-11-21T07:05:00Z', id: 'Ev1' },
  ],
  [
    'slack',
    'of a command',
    FORM,
    form({ command: '/weather', team_id: 'T1', trigger_id: '13345.1' }),
    { type: 'slack._weather', subject: 'T1', id: '13345.1' },
  ],
  [
    'slack',
    'of an interaction',
    FORM,
    form({ payload: JSON.stringify({ type: 'block_actions', team: { id: 'T1' }, trigger_id: '7.8' }) }),
    { type: 'slack.block_actions', subject: 'T1', id: '7.8' },
  ],
  [
    'standard-webhooks',
    'with a time',
    {},
    { type: 'invoice.paid', timestamp: '2022-11-03T20:26:10.344522Z', data: { id: 'inv_1' } },
    { type: 'standard-webhooks.invoice.paid', subject: 'inv_1', time: '2022-11-03T20:26:10.344522Z' },
  ],
  [
    'standard-webhooks',
    'with less than the standard advises',
    {},
    { type: 'contact.created' },
    { type: 'standard-webhooks.contact.created', subject: 'standard-webhooks' },
  ],
  [
    'gitlab',
    'of a project',
    { 'x-gitlab-event': 'Merge Request Hook' },
    { object_kind: 'merge_request', project: { id: 1 }, object_attributes: { action: 'open' } },
    { type: 'gitlab.merge_request', subject: 'project:1', fields: { action: 'open' } },
  ],
  [
    'gitlab',
    'of the system',
    { 'x-gitlab-event': 'System Hook' },
    { event_name: 'user_create', user_id: 41 },
    { type: 'gitlab.user_create', subject: 'user:41' },
  ],
  [
    'square',
    'of a payment',
    {},
    {
      merchant_id: '6SSW7HV8K2ST5',
      type: 'payment.updated',
      event_id: '6a8f5f28-54a1',
      created_at: '2020-11-22T21:16:51.086Z',
      data: {},
    },
    {
      type: 'square.payment.updated',
      subject: '6SSW7HV8K2ST5',
      time: '2020-11-22T21:16:51.086Z',
      id: '6a8f5f28-54a1',
    },
  ],
  [
    'twilio',
    'of a message',
    FORM,
    form({ AccountSid: 'AC1', MessageSid: 'SM1', MessageStatus: 'delivered', ErrorCode: '' }),
    { type: 'twilio.delivered', subject: 'AC1', fields: { message: 'SM1' } },
  ],
  [
    'twilio',
    'of a call',
    FORM,
    form({ AccountSid: 'AC1', CallSid: 'CA1', CallStatus: 'completed', CallDuration: '42' }),
    { type: 'twilio.completed', subject: 'AC1', fields: { call: 'CA1', seconds: '42' } },
  ],
];

describe('presets', () => {
  it.each([...presets.keys()])('for %s can be used as they are', (name) => {
    const { scheme, mapping, provider } = presets.get(name)!;
    expect(provider).toBe(name);
    expect(parseScheme(structuredClone(scheme))).toEqual(scheme);
    expect(() => compileMapping(JSON.parse(JSON.stringify(mapping)))).not.toThrow();
  });

  it.each(cases)(
    'read a delivery from %s %s',
    (provider, _, headers, body, { id, fields = {}, ...expected }) => {
      const mapping = compileMapping(presets.get(provider)!.mapping);
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const payload = readPayload(Buffer.from(text), headers['content-type'], mapping.jsonField);
      const mapped = mapDelivery(mapping, { provider, headers, payload, deliveryId: 'd' });
      expect(mapped).toMatchObject(expected);
      expect('time' in mapped).toBe(expected.time !== undefined);
      expect('fields' in mapped && Object.fromEntries(mapped.fields)).toEqual(fields);
      expect(findDeliveryId(mapping, { headers, payload })).toBe(id);
    },
  );

  it('have a delivery each', () => {
    expect(new Set(cases.map(([provider]) => provider))).toEqual(new Set(presets.keys()));
  });
});
