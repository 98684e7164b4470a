import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RefusalReason } from '../../lambdas/domain/webhooks/read-signature.ts';
import { type Delivery, verifyDelivery } from '../../lambdas/domain/webhooks/verify.ts';
import {
  type Message,
  type Sender,
  senders,
  toHeaders,
  URL_OF_ENDPOINT,
} from '../support/webhook-senders.ts';

const AT = 1_790_000_000;
const message: Message = {
  body: Buffer.from('{"amount": 4200, "currency": "eur",\n "note": "\u00e9"}'),
  id: 'msg_2KWPBgLl-5f4W',
  at: AT,
};

type Sent = Record<string, string | readonly string[]>;

function verify(
  sender: Sender,
  headers: Sent,
  options: Partial<Delivery & { secrets: string[]; nowMs: number }>,
) {
  const {
    secrets = [sender.secrets[0]],
    body = message.body,
    url = URL_OF_ENDPOINT,
    nowMs = AT * 1000,
  } = options;
  return verifyDelivery(sender.scheme, secrets, { headers: toHeaders(headers), body, url }, nowMs);
}

const refused = (reason: RefusalReason) => ({ ok: false, reason });

describe.each(senders)('$name', (sender) => {
  const [secret, next, foreign] = sender.secrets;
  const { signs } = sender;
  const genuine = sender.sign(message, secret);
  const signature = genuine[sender.header]!;
  const withSignature = (text: string | readonly string[]): Sent => ({ ...genuine, [sender.header]: text });

  it('P3: accepts what was signed, says whose id it is and when it was signed', () => {
    const { id: idSigned, body, time } = signs;
    const hasId = Object.values(genuine).includes(message.id);
    expect(verify(sender, genuine, {})).toEqual({
      ok: true,
      ...(hasId && { deliveryId: message.id }),
      // An id in the body is signed with it.
      idSigned: hasId ? idSigned : body,
      ...(time && { signedAt: AT * 1000 }),
    });
  });

  it('P3: accepts bodies that are empty, no UTF-8, or full of NUL', () => {
    for (const body of [Buffer.alloc(0), Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80]), Buffer.alloc(1000)])
      expect(verify(sender, sender.sign({ ...message, body }, secret), { body })).toMatchObject({ ok: true });
  });

  it('F10: accepts either of two live secrets, and neither when it is no longer live', () => {
    const rotated = sender.sign(message, next);
    for (const secrets of [
      [secret, next],
      [next, secret],
    ]) {
      expect(verify(sender, genuine, { secrets })).toMatchObject({ ok: true });
      expect(verify(sender, rotated, { secrets })).toMatchObject({ ok: true });
    }
    expect(verify(sender, genuine, { secrets: [next] })).toEqual(refused('signature-mismatch'));
    expect(() => verify(sender, genuine, { secrets: [secret, next, foreign] })).toThrow(RangeError);
  });

  it("F10: refuses another endpoint's secret, no secret at all, and an empty one", () => {
    expect(verify(sender, sender.sign(message, foreign), { secrets: [secret, next] })).toEqual(
      refused('signature-mismatch'),
    );
    expect(verify(sender, genuine, { secrets: [] })).toEqual(refused('signature-mismatch'));
    expect(verify(sender, genuine, { secrets: [''] })).toEqual(refused('signature-mismatch'));
    if (!/^wh/.test(secret))
      expect(verify(sender, sender.sign(message, ''), { secrets: [''] })).toMatchObject({ ok: false });
  });

  it('refuses a signature that is cut, in the wrong case, padded, spaced or split', () => {
    const forged = [
      signature.slice(0, -1),
      signature.slice(0, 20),
      signature.slice(1),
      signature.toUpperCase(),
      signature.replace(/[0-9a-f]{40,}/i, (hex) => hex.toUpperCase()),
      signature.replace(/.(?=.{4}$)/, ''),
      `${signature}=`,
      `${signature}\u0000`,
      `${signature}\r\nx-more: 1`,
      `\u00a0${signature}`,
      `\t${signature}`,
      `"${signature}"`,
    ].filter((text) => text !== signature);
    for (const text of forged) {
      expect(verify(sender, withSignature(text), {}), JSON.stringify(text)).toMatchObject({ ok: false });
    }
  });

  it('refuses a header that is missing, empty, sent twice, over-long, or holds control characters', () => {
    for (const [name, value] of Object.entries(genuine)) {
      const { [name]: _, ...rest } = genuine;
      const needed = name === sender.header || signs.id || signs.time;
      const without = verify(sender, rest, {});
      expect(without).toEqual(needed ? refused('missing-header') : { ok: true, idSigned: false });
      const wrong = (text: string | readonly string[]) => verify(sender, { ...genuine, [name]: text }, {});
      expect(wrong([])).toEqual(without);
      expect(wrong([value, value])).toEqual(refused('duplicate-header'));
      expect(wrong([value, 'another'])).toEqual(refused('duplicate-header'));
      for (const text of [
        '',
        `${value}\n`,
        `${value}\0`,
        `a\r\n${value}`,
        `${value}\u0661`,
        value.padEnd(8193, '0'),
      ])
        expect(wrong(text)).toEqual(refused('malformed-header'));
    }
  });
});

describe.each(senders.filter(({ signs }) => signs.body))('the body of $name', (sender) => {
  const secret = sender.secrets[0];
  const genuine = sender.sign(message, secret);

  it('is refused if it was cut, lengthened, or written anew from its JSON', () => {
    const rewritten = Buffer.from(JSON.stringify(JSON.parse(message.body.toString())));
    for (const body of [
      message.body.subarray(0, -1),
      message.body.subarray(1),
      Buffer.concat([message.body, Buffer.from('\n')]),
      Buffer.concat([message.body, Buffer.from([0])]),
      Buffer.alloc(0),
      rewritten,
    ])
      expect(verify(sender, genuine, { body })).toEqual(refused('signature-mismatch'));
  });

  it('is refused if it differs only where it is no UTF-8', () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    const other = Buffer.from([0x7b, 0xfe, 0x7d]);
    expect(body.toString()).toBe(other.toString());
    expect(verify(sender, sender.sign({ ...message, body }, secret), { body: other })).toEqual(
      refused('signature-mismatch'),
    );
  });
});

describe.each(senders.filter(({ signs }) => signs.time))('the time of $name', (sender) => {
  const genuine = sender.sign(message, sender.secrets[0]);

  it('refuses what was signed too long ago or too far ahead, and takes the edges', () => {
    for (const seconds of [-300, -299, 0, 299, 300])
      expect(verify(sender, genuine, { nowMs: (AT + seconds) * 1000 })).toMatchObject({ ok: true });
    // By whole seconds, as the providers' libraries count.
    expect(verify(sender, genuine, { nowMs: (AT + 300) * 1000 + 999 })).toMatchObject({ ok: true });
    expect(verify(sender, genuine, { nowMs: (AT - 300) * 1000 - 1 })).toMatchObject({ ok: false });
    for (const seconds of [-1e8, -86_400, -301, 301, 86_400, 1e8])
      expect(verify(sender, genuine, { nowMs: (AT + seconds) * 1000 })).toEqual(
        refused('timestamp-out-of-tolerance'),
      );
  });

  it('refuses an old delivery under a new timestamp, and one that is no timestamp', () => {
    const now = AT + 86_400;
    const rewrite = (headers: Record<string, string>, from: number, to: string): Sent =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          value
            .replace(String(from), to)
            .replace(
              new Date(from * 1000).toISOString(),
              to === String(now) ? new Date(now * 1000).toISOString() : to,
            ),
        ]),
      );
    expect(verify(sender, rewrite(genuine, AT, String(now)), { nowMs: now * 1000 })).toEqual(
      refused('signature-mismatch'),
    );
    for (const text of [
      '',
      '0',
      'NaN',
      '1e9',
      '-790000000',
      '0x6ab13b80',
      `${AT}.0`,
      `0${AT}`,
      `${AT} `,
      '٣٣٣٣٣٣٣٣٣٣',
    ])
      expect(verify(sender, rewrite(genuine, AT, text), {})).toMatchObject({ ok: false });
  });
});

const named = (name: string): Sender => senders.find((sender) => sender.name === name)!;
const standard = named('Standard Webhooks');
const ed25519 = named('Standard Webhooks, ed25519');
const stripe = named('Stripe');
const slack = named('Slack');
const own = named('a provider with everything of its own');
const twitch = named('Twitch-like');
const square = named('Square-like');

describe('several signatures in one header', () => {
  const other = 'A'.repeat(43);
  it.each([
    { sender: standard, wrong: `v1,${other}=`, separator: ' ', most: 16 },
    { sender: ed25519, wrong: `v1a,${other.repeat(2)}==`, separator: ' ', most: 4 },
    { sender: stripe, wrong: `v1=${'0'.repeat(64)}`, separator: ',', most: 16 },
    { sender: own, wrong: `h1:${'0'.repeat(128)}`, separator: ';', most: 16 },
  ])('$sender.name: one that matches is enough, wherever it stands, among at most $most', (row) => {
    const { sender, wrong, separator, most } = row;
    const genuine = sender.sign(message, sender.secrets[0]);
    const sent = (before: number, after: number) => {
      const elements = [...Array(before).fill(wrong), genuine[sender.header], ...Array(after).fill(wrong)];
      return verify(sender, { ...genuine, [sender.header]: elements.join(separator) }, {});
    };
    for (const [before, after] of [
      [0, 1],
      [1, 0],
      [most - 1, 0],
      [0, most - 1],
      [1, most - 2],
    ] as const)
      expect(sent(before, after)).toMatchObject({ ok: true });
    expect(sent(most, 0)).toEqual(refused('malformed-header'));
    expect(sent(0, most)).toEqual(refused('malformed-header'));
  });

  it('passes over versions that it does not know, and does not take one for another', () => {
    const genuine = standard.sign(message, standard.secrets[0]);
    const text = genuine['webhook-signature']!;
    const sent = (header: string) => verify(standard, { ...genuine, 'webhook-signature': header }, {});
    expect(sent(`v1a,${other} v2,x ${text}  v1`)).toMatchObject({ ok: true });
    for (const version of ['v1a,', 'v2,', 'V1,', 'v1 ,', ''])
      expect(sent(text.replace('v1,', version))).toEqual(refused('malformed-header'));
    expect(sent(`${text},${text}`)).toEqual(refused('signature-mismatch'));
  });

  it("does not take Stripe's v0 for v1, nor a second timestamp beside the first", () => {
    const sent = (header: string) => verify(stripe, { 'stripe-signature': header }, {});
    const header = stripe.sign(message, stripe.secrets[0])['stripe-signature']!;
    expect(sent(`${header},v0=${'0'.repeat(64)}`)).toMatchObject({ ok: true });
    expect(sent(header.replace('v1=', 'v0='))).toEqual(refused('malformed-header'));
    for (const more of [`,t=${AT}`, `,t=${AT + 1}`, ',t='])
      expect(sent(header + more)).toEqual(refused('malformed-header'));
    expect(sent(header.replace(/^t=\d+,/, ''))).toEqual(refused('malformed-header'));
  });
});

describe('the tolerance', () => {
  it('is what the operator says, in both directions', () => {
    const strict = { ...slack, scheme: { kind: 'slack', toleranceSeconds: 10 } } as const;
    const genuine = slack.sign(message, slack.secrets[0]);
    for (const [seconds, ok] of [
      [-11, false],
      [-10, true],
      [10, true],
      [11, false],
    ] as const)
      expect(verify(strict, genuine, { nowMs: (AT + seconds) * 1000 })).toMatchObject({ ok });
  });
});

describe('one signature, one reading', () => {
  it.each([stripe, own])(
    '$name: a timestamp has one length, so it ends where it was signed to end',
    (sender) => {
      for (const at of [999_999_999, 17_900_000_000]) {
        const headers = sender.sign({ ...message, at }, sender.secrets[0]);
        expect(verify(sender, headers, { nowMs: at * 1000 })).toEqual(refused('malformed-header'));
      }
    },
  );

  it('an id is visible ASCII of at most 256 characters', () => {
    const sent = (id: string) => verify(standard, standard.sign({ ...message, id }, standard.secrets[0]), {});
    expect(sent('x'.repeat(256))).toMatchObject({ ok: true });
    for (const id of ['x'.repeat(257), 'a b', ' ']) expect(sent(id)).toEqual(refused('malformed-header'));
  });

  it('an id before a timestamp without anything between can take no bytes of it', () => {
    const time = new Date(AT * 1000).toISOString();
    const body = Buffer.from(`${time}{}`);
    const genuine = twitch.sign({ ...message, body, id: 'a.b' }, twitch.secrets[0]);
    const shifted = { ...genuine, 'twitch-eventsub-message-id': `a.b${time}` };
    expect(verify(twitch, genuine, { body })).toMatchObject({ ok: true });
    expect(verify(twitch, shifted, { body: Buffer.from('{}') })).toEqual(refused('malformed-header'));
  });

  it('an id can take no bytes of the timestamp, nor the timestamp of the body', () => {
    const body = Buffer.from(`${AT + 1}.${AT + 2}.{}`);
    const genuine = standard.sign({ ...message, body }, standard.secrets[0]);
    const shifted = {
      ...genuine,
      'webhook-id': `${message.id}.${AT}`,
      'webhook-timestamp': String(AT + 1),
    };
    const rest = { body: Buffer.from(`${AT + 2}.{}`) };
    expect(verify(standard, genuine, { body })).toMatchObject({ ok: true });
    expect(verify(standard, shifted, rest)).toEqual(refused('malformed-header'));
  });

  it('a signature for one scheme is none for another with the same secret', () => {
    const text = createHmac('sha256', slack.secrets[0]).update(message.body).digest('hex');
    const headers = { 'x-slack-request-timestamp': String(AT), 'x-slack-signature': `v0=${text}` };
    expect(verify(slack, headers, {})).toEqual(refused('signature-mismatch'));
  });

  it('a URL that is signed is the one of this endpoint', () => {
    const genuine = square.sign(message, square.secrets[0]);
    expect(verify(square, genuine, { url: `${URL_OF_ENDPOINT}y` })).toEqual(refused('signature-mismatch'));
  });

  it("a key that is no key is nobody's: not an empty one, not one of another length, not a private one", () => {
    for (const secret of ['', 'whsec_', 'whsec_====', 'whsec_*', 'whsec_AA AA', 'whsec_A']) {
      const key = Buffer.from('');
      const text = createHmac('sha256', key).update(`x.${AT}.`).update(message.body).digest('base64');
      const headers = {
        'webhook-id': 'x',
        'webhook-timestamp': String(AT),
        'webhook-signature': `v1,${text}`,
      };
      expect(verify(standard, headers, { secrets: [secret] })).toEqual(refused('signature-mismatch'));
    }
    const genuine = ed25519.sign(message, ed25519.secrets[0]);
    for (const secret of ['whpk_', 'whpk_AAAA', ed25519.secrets[0].slice(0, -4), `whsk_${'A'.repeat(43)}=`])
      expect(verify(ed25519, genuine, { secrets: [secret] })).toEqual(refused('signature-mismatch'));
    expect(verify(ed25519, genuine, { secrets: ['whpk_', ed25519.secrets[0]] })).toMatchObject({ ok: true });
  });
});
