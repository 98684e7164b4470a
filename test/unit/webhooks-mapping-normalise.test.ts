import { hash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { Contracts, ValidatingContract } from '../../lambdas/domain/contract.ts';
import { dryRun } from '../../lambdas/domain/webhooks/dry-run.ts';
import { compileMapping } from '../../lambdas/domain/webhooks/mapping.ts';
import {
  type NormalisedDelivery,
  normaliseDelivery,
} from '../../lambdas/domain/webhooks/normalise-delivery.ts';
import { presets } from '../../lambdas/domain/webhooks/presets.ts';
import { checkedContracts } from '../support/checked-contracts.ts';

const RECEIPT = '2026-11-21T07:05:00.250Z';
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const ORDERS = {
  event: '/type',
  rules: [
    {
      when: 'order.paid',
      type: 'shop.order',
      subject: '/shop',
      time: { value: '/at', orReceipt: true },
      data: { amount: '/amount', note: '/note' },
    },
  ],
};

function normalise(
  body: string | Buffer,
  {
    mapping = ORDERS as object,
    headers = JSON_TYPE as Record<string, string>,
    name = 'orders',
    dataref = undefined as string | undefined,
  } = {},
) {
  const endpoint = { name, provider: 'shop', mapping: compileMapping(mapping) };
  return normaliseDelivery(endpoint, {
    deliveryId: 'd-1',
    headers,
    body: Buffer.from(body),
    ...(dataref !== undefined && { dataref }),
  });
}

function normalised(...input: Parameters<typeof normalise>): NormalisedDelivery {
  const result = normalise(...input);
  if ('code' in result) throw new Error(result.detail);
  return result;
}

const eventOf = (...input: Parameters<typeof normalise>) =>
  normalised(...input).eventAt(RECEIPT).plain as CloudEvent;
const order = (change: object = {}) =>
  JSON.stringify({ type: 'order.paid', shop: 's', amount: 5, note: 'n', ...change });

describe('a delivery as an event', () => {
  it('has the delivery for id, the endpoint for source, the mapped fields and the payload for data', () => {
    expect(eventOf(order())).toEqual({
      specversion: '1.0',
      id: 'd-1',
      source: '/webhooks/orders',
      type: 'shop.order',
      subject: 's',
      time: RECEIPT,
      datacontenttype: 'application/json',
      data: { amount: 5, note: 'n', payload: JSON.parse(order()) },
    });
  });

  it('P2: never shares an identity with one of another endpoint', () => {
    expect(eventOf(order(), { name: 'a/b' }).source).toBe('/webhooks/a%2Fb');
    expect(eventOf(order(), { name: 'other' }).source).not.toBe(eventOf(order()).source);
  });

  it('has the time of the body, where the mapping names it, whenever it is received', () => {
    expect(eventOf(order({ at: '2026-11-20T01:00:00+01:00' })).time).toBe('2026-11-20T00:00:00Z');
  });

  it('P2: keeps the text of every number in the archive, and is judged by the plain reading', () => {
    const body =
      '{"type":"order.paid","shop":"s","amount":9007199254740993,"rate":1.10,"tiny":1e-7,"big":0.1000000000000000055}';
    const { plain, exact } = normalised(body).eventAt(RECEIPT);
    expect(JSON.stringify(exact)).toContain(`"data":{"amount":9007199254740993,"payload":${body}}`);
    expect((plain as CloudEvent).data).toEqual({ amount: 9007199254740992, payload: JSON.parse(body) });
  });

  it('carries a large body by reference, with its hash, beside the mapped fields', () => {
    const event = eventOf(order(), { dataref: 's3://bodies/abc' });
    expect(event).toMatchObject({
      dataref: 's3://bodies/abc',
      datarefhash: hash('sha256', order()),
      data: { amount: 5, note: 'n' },
    });
    expect(event.data).not.toHaveProperty('payload');
  });
});

describe('P3: a body', () => {
  it('that is a form is an object of its fields, with lists of those that repeat', () => {
    const mapping = { event: '/EventType', fallback: { subject: '/Account', data: { sms: '/Body' } } };
    const form = 'EventType=sent&Account=AC1&Body=caf%C3%A9+%26%3D%0A&Media=1&Media=2&__proto__=x&empty=';
    const event = eventOf(form, {
      mapping,
      headers: { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' },
    });
    expect(event).toMatchObject({ type: 'shop.sent', subject: 'AC1' });
    expect(JSON.stringify(event.data)).toBe(
      '{"sms":"café &=\\n","payload":{"EventType":"sent","Account":"AC1","Body":"café &=\\n","Media":["1","2"],"__proto__":"x","empty":""}}',
    );
  });

  it('that is a form with JSON in a field is that JSON, where the mapping says so', () => {
    const mapping = { ...ORDERS, jsonField: 'payload' };
    const body = new URLSearchParams({ other: 'x', payload: order() }).toString();
    expect(eventOf(body, { mapping, headers: FORM_TYPE }).data).toEqual(eventOf(order()).data);
    expect(eventOf('command=%2Fpay', { mapping, headers: FORM_TYPE }).data).toEqual({
      payload: { command: '/pay' },
    });
  });

  it.each([
    ['no content type', {}],
    ['text/plain', { 'content-type': 'text/plain' }],
    ['a type with +json', { 'content-type': 'application/vnd.shop+json; charset=utf-8' }],
  ])('that is JSON is read as such under %s', (_, headers) => {
    expect(eventOf(order(), { headers }).type).toBe('shop.order');
  });

  it.each<[string, string | Buffer, Record<string, string>, string]>([
    [
      'bytes',
      Buffer.from([0xff, 0xfe, 0x00]),
      { 'content-type': 'application/protobuf' },
      'application/protobuf',
    ],
    ['bytes that are said to be JSON', Buffer.from([0x22, 0xff, 0x22]), JSON_TYPE, 'application/json'],
    ['XML', '<order/>', { 'content-type': 'text/xml; charset=utf-8' }, 'text/xml'],
    ['JSON cut short', '{"type":"order.paid"', JSON_TYPE, 'application/json'],
    ['empty', '', JSON_TYPE, 'application/json'],
    ['without a type', 'a b', {}, 'application/octet-stream'],
    ['of a type that is none', 'a b', { 'content-type': 'nonsense\u0007' }, 'application/octet-stream'],
    ['a form of broken escapes', 'a=%zz', FORM_TYPE, 'application/x-www-form-urlencoded'],
    ['a form that is no UTF-8', 'a=%ff', FORM_TYPE, 'application/x-www-form-urlencoded'],
    ['a form made to swell', `a=${'\u0001'.repeat(1000)}`, FORM_TYPE, 'application/x-www-form-urlencoded'],
  ])('that is %s is kept byte for byte, by the fallback', (_, body, headers, datacontenttype) => {
    const event = eventOf(body, { headers });
    expect(event).toMatchObject({ type: 'shop.unknown', subject: 'shop', time: RECEIPT, datacontenttype });
    expect(Buffer.from(event.data_base64!, 'base64')).toEqual(Buffer.from(body));
    expect(event).not.toHaveProperty('data');
  });

  it.each([
    [
      'nests too deep',
      `{"a":${'['.repeat(62)}${']'.repeat(62)}}`,
      'nested-too-deep',
      /^\/data\/payload\/a\/0/,
    ],
    ['nests without end', '['.repeat(100_000) + ']'.repeat(100_000), 'nested-too-deep', /^\/data\/payload/],
    ['holds half a character', '{"a":{"b":"\\ud800"}}', 'lone-surrogate', /^\/data\/payload\/a\/b$/],
    ['holds a number beyond all bounds', '{"a":[1e999]}', 'number-out-of-range', /^\/data\/payload\/a\/0$/],
  ])('that %s is refused as ingress would refuse it', (_, body, code, pointer) => {
    expect(normalise(body)).toMatchObject({ code, pointer: expect.stringMatching(pointer) });
  });

  it('may nest as deep as an event may', () => {
    expect(normalise(`{"a":${'['.repeat(61)}${']'.repeat(61)}}`)).not.toHaveProperty('code');
  });
});

describe('F2: the billed hash', () => {
  const hashOf = (...input: Parameters<typeof normalise>) => normalised(...input).billedHash;

  it('is the same for what is billed alike', () => {
    const same = [
      order({ pending_webhooks: 3 }),
      '{"note":"n","amount":5.0,"shop":"s","type":"order.paid"}',
      '{"type":"order.paid","shop":"s","amount":50e-1,"note":"n"}',
    ];
    for (const body of same) expect(hashOf(body)).toBe(hashOf(order()));
  });

  it.each([
    ['amount', { amount: 6 }],
    ['amount by its seventeenth digit', { amount: 5.000000000000001 }],
    ['amount as a text', { amount: '5' }],
    ['note', { note: 'm' }],
    ['note missing', { note: null }],
    ['subject', { shop: 't' }],
    ['time', { at: '2026-11-20T00:00:00Z' }],
  ])('differs by %s', (_, change) => {
    expect(hashOf(order(change))).not.toBe(hashOf(order()));
  });

  it('does not run fields together', () => {
    expect(hashOf(order({ amount: 'a', note: 'b' }))).not.toBe(hashOf(order({ amount: 'ab', note: '' })));
  });

  it('covers the whole body where no rule was for it', () => {
    expect(hashOf('{"type":"x","a":1}')).toBe(hashOf('{"type":"x","a":1}'));
    expect(hashOf('{"type":"x","a":1}')).not.toBe(hashOf('{"type":"x","a":2}'));
    expect(hashOf(Buffer.from([255, 1]))).not.toBe(hashOf(Buffer.from([255, 2])));
  });

  it('does not depend on when the delivery came', () => {
    const delivery = normalised(order());
    const [first, second] = [delivery.eventAt(RECEIPT), delivery.eventAt('2026-11-29T00:00:00.000Z')];
    expect(first.plain).not.toEqual(second.plain);
    expect(normalised(order()).billedHash).toBe(delivery.billedHash);
  });
});

describe('a dry run', () => {
  let contracts: Contracts<ValidatingContract>;
  beforeAll(async () => {
    contracts = await checkedContracts();
  });
  const stripe = presets.get('stripe')!;
  const now = Date.parse(RECEIPT);
  const created = Math.floor(now / 1000) - 3600;
  const charge = {
    id: 'evt_1',
    type: 'charge.succeeded',
    created,
    data: { object: { captured: true, amount_captured: 4999, currency: 'eur' } },
  };
  const run = (body: object | string, mapping: object = stripe.mapping) =>
    dryRun(
      { name: 'my-stripe', provider: 'stripe', mapping: compileMapping(mapping) },
      { headers: JSON_TYPE, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
      contracts,
      now,
    );

  it('tells what the event would be', () => {
    const { outcome, lines, event } = run(charge);
    expect(outcome).toBe('counted');
    expect(lines).toEqual([
      'delivery id: evt_1',
      "provider's event: charge.succeeded",
      'rule: rules/0',
      'type: payment.received',
      'subject: account',
      'time: 2026-11-21T06:05:00Z',
      'data: amount = 4999, currency = eur, movement = charge',
      'counted: as version 1 of "payment.received"',
    ]);
    expect(event).toMatchObject({ source: '/webhooks/my-stripe', id: 'evt_1' });
  });

  it('tells that there is no contract', () => {
    const { outcome, lines } = run({ id: 'evt_2', type: 'payout.paid', created });
    expect(outcome).toBe('quarantined');
    expect(lines).toContain('rule: none is for it, so the fallback is used');
    expect(lines.at(-1)).toMatch(
      /^quarantined: no-contract at \/type: there is no contract for the type "stripe\.payout\.paid"/,
    );
  });

  it('tells what does not fit', () => {
    const { lines, refusal } = run({ ...charge, id: undefined, created: 'soon' });
    expect(lines).toEqual([
      'delivery id: none found; the scheme must bring it in a header',
      expect.stringMatching(
        /^quarantined: time-invalid at \/time: the mapping's rules\/0\/time does not fit: .* unix-seconds/,
      ),
    ]);
    expect(refusal).toMatchObject({ code: 'time-invalid' });
  });

  it('tells what the contract refuses', () => {
    const { lines } = run({
      ...charge,
      data: { object: { captured: true, amount_captured: 49.99, currency: 'eur' } },
    });
    expect(lines.at(-1)).toMatch(/^quarantined: contract-violation at \/data\/amount: must be integer/);
  });
});
