import { expect, it } from 'vitest';
import { parseScheme } from '../../lambdas/domain/webhooks/scheme.ts';
import { verifyDelivery } from '../../lambdas/domain/webhooks/verify.ts';
import { toHeaders } from '../support/webhook-senders.ts';

/** Signatures that the providers themselves have published: nothing here was signed by us. */
const vectors = [
  {
    name: "Slack's page on verifying requests",
    scheme: { kind: 'slack' },
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    at: 1531420618,
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  },
  {
    name: "GitHub's page on validating deliveries",
    scheme: { kind: 'github' },
    secret: "It's a Secret to Everybody",
    headers: {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    body: 'Hello, World!',
  },
  {
    name: "Standard Webhooks' libraries",
    scheme: { kind: 'standard-webhooks' },
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    at: 1614265330,
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: '{"test": 2432232314}',
  },
  {
    // The signature stands in the specification; key and message are those of the Svix server's test of it.
    name: "Standard Webhooks' specification (v1a)",
    scheme: { kind: 'standard-webhooks-ed25519' },
    secret: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
    at: 1614265330,
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature':
        'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
    },
    body: '{"test": 2432232314}',
  },
  {
    name: "Twilio's page on security",
    scheme: twilioLike(),
    secret: '12345',
    url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
    headers: { 'x-twilio-signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' },
    body: 'Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE',
  },
  {
    name: "Twilio's libraries, a parameter given three times",
    scheme: twilioLike(),
    secret: '12345',
    url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
    headers: { 'x-twilio-signature': 'IK+Dwps556ElfBT0I3Rgjkr1wJU=' },
    body: 'Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234',
  },
  {
    name: "Square's libraries",
    scheme: {
      kind: 'hmac',
      header: 'x-square-hmacsha256-signature',
      algorithm: 'sha256',
      encoding: 'base64',
      template: '{url}{body}',
    },
    secret: 'Ibxx_5AKakO-3qeNVR61Dw',
    url: 'https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9',
    headers: { 'x-square-hmacsha256-signature': 'GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=' },
    body: '{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification","event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z","data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}',
  },
];

function twilioLike() {
  const header = 'X-Twilio-Signature';
  return { kind: 'hmac', header, algorithm: 'sha1', encoding: 'base64', template: '{url}{form}' };
}

it.each(vectors)('F10: accepts the published signature of $name, and not with a byte more', (vector) => {
  const { secret, headers, body, url = '', at = 0 } = vector;
  const scheme = parseScheme(vector.scheme);
  const verify = (text: string) =>
    verifyDelivery(
      scheme,
      [secret],
      { headers: toHeaders(headers), body: Buffer.from(text), url },
      at * 1000,
    );

  expect(verify(body)).toMatchObject({ ok: true });
  expect(verify(`${body}!`)).toEqual({ ok: false, reason: 'signature-mismatch' });
});

it("F10: Twilio's order of parameters doesn't matter, as it signs them sorted; a parameter more does", () => {
  const scheme = parseScheme(twilioLike());
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
  const headers = toHeaders({ 'x-twilio-signature': 'IK+Dwps556ElfBT0I3Rgjkr1wJU=' });
  const verify = (body: string) =>
    verifyDelivery(scheme, ['12345'], { headers, body: Buffer.from(body), url }, 0);

  const accepted = { ok: true, idSigned: false };
  expect(verify('Digits=1234&Digits=5678&SidAccount=AC123&&Sid=CA123')).toEqual(accepted);
  expect(verify('Digits=1234&Digits=%35678&SidAccount=AC123&Sid=CA123')).toEqual(accepted);
  for (const body of [
    'Digits=1234&Digits=5678&SidAccount=AC123&Sid=CA123&To=1',
    'Digits=1234&Digits=5678&SidAccount=AC123&Sid=CA12%zz',
    `${'&'.repeat(1000)}Digits=1234&Digits=5678&SidAccount=AC123&Sid=CA123`,
  ])
    expect(verify(body)).toEqual({ ok: false, reason: 'signature-mismatch' });
});
