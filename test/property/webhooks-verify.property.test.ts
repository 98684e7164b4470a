import { sign as signForGitHub, verify as verifyForGitHub } from '@octokit/webhooks-methods';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { verifyDelivery } from '../../lambdas/domain/webhooks/verify.ts';
import {
  type Message,
  type Sender,
  senders,
  toHeaders,
  URL_OF_ENDPOINT,
} from '../support/webhook-senders.ts';

const messages: fc.Arbitrary<Message> = fc.record({
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  id: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  at: fc.integer({ min: 1_500_000_000, max: 9_999_999_000 }),
});

const flip = (bytes: Buffer, bit: number): Buffer => {
  const flipped = Buffer.from(bytes);
  const at = bit % (bytes.length * 8);
  flipped[at >> 3]! ^= 1 << (at & 7);
  return flipped;
};

interface Attempt {
  readonly secrets?: readonly string[];
  readonly nowMs: number;
}

function verify(
  { scheme, secrets }: Sender,
  headers: Record<string, string>,
  body: Buffer,
  attempt: Attempt,
) {
  const delivery = { headers: toHeaders(headers), body, url: URL_OF_ENDPOINT };
  return verifyDelivery(scheme, attempt.secrets ?? [secrets[0]], delivery, attempt.nowMs).ok;
}

describe.each(senders)('$name', (sender) => {
  const [secret, next, foreign] = sender.secrets;

  it('P3: accepts every body of any bytes, under either live secret, within the tolerance', () => {
    fc.assert(
      fc.property(messages, fc.boolean(), fc.integer({ min: -300, max: 300 }), (message, rotated, late) => {
        const headers = sender.sign(message, rotated ? next : secret);
        const nowMs = (message.at + late) * 1000;
        expect(verify(sender, headers, message.body, { secrets: [secret, next], nowMs })).toBe(true);
        expect(verify(sender, headers, message.body, { secrets: [foreign], nowMs })).toBe(false);
      }),
    );
  });

  it('refuses headers with any one bit turned, but for an id that nobody signed', () => {
    fc.assert(
      fc.property(messages, fc.nat(), fc.nat(), (message, which, bit) => {
        const headers = sender.sign(message, secret);
        const names = Object.keys(headers).filter((name) => sender.signs.id || headers[name] !== message.id);
        const name = names[which % names.length]!;
        const text = headers[name]!;
        const forged = flip(Buffer.from(text, 'latin1'), bit).toString('latin1');
        expect(
          verify(sender, { ...headers, [name]: forged }, message.body, { nowMs: message.at * 1000 }),
        ).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('takes any headers and any bytes without an error, and refuses them', () => {
    const names = Object.keys(sender.sign({ body: Buffer.alloc(0), id: 'x', at: 1_700_000_000 }, secret));
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(
        fc.array(text, { minLength: names.length, maxLength: names.length }),
        messages,
        (texts, message) => {
          const headers = Object.fromEntries(names.map((name, at) => [name, texts[at]!]));
          expect(verify(sender, headers, message.body, { nowMs: message.at * 1000 })).toBe(false);
        },
      ),
    );
  });
});

describe.each(senders.filter(({ signs }) => signs.body))('the body of $name', (sender) => {
  it('is refused with any one bit turned', () => {
    fc.assert(
      fc.property(messages, fc.nat(), (message, bit) => {
        fc.pre(message.body.length > 0);
        const headers = sender.sign(message, sender.secrets[0]);
        expect(verify(sender, headers, flip(message.body, bit), { nowMs: message.at * 1000 })).toBe(false);
      }),
    );
  });
});

describe.each(senders.filter(({ signs }) => signs.time))('the time of $name', (sender) => {
  it('is refused outside the tolerance, in both directions', () => {
    const beyond = fc.integer({ min: 301, max: 1_000_000_000 });
    fc.assert(
      fc.property(messages, beyond, fc.constantFrom(-1, 1), (message, seconds, direction) => {
        const headers = sender.sign(message, sender.secrets[0]);
        const nowMs = (message.at + direction * seconds) * 1000;
        expect(verify(sender, headers, message.body, { nowMs })).toBe(false);
      }),
    );
  });
});

/** Texts of all of Unicode: the libraries sign text, so bodies are what it is in UTF-8. Two of them take no empty one. */
const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
const [standard, , stripe, github] = senders as readonly [Sender, Sender, Sender, Sender, ...Sender[]];
const NOW = 1_790_000_000_000;

describe("P3, F10: what the providers' own libraries sign is accepted, and by the right secret only", () => {
  const accepts = (sender: Sender, headers: Record<string, string>, body: string) => {
    const bytes = Buffer.from(body);
    const [secret, next, foreign] = sender.secrets;
    expect(verify(sender, headers, bytes, { secrets: [next, secret], nowMs: NOW })).toBe(true);
    expect(verify(sender, headers, bytes, { secrets: [next, foreign], nowMs: NOW })).toBe(false);
    const more = Buffer.concat([bytes, Buffer.from(' ')]);
    expect(verify(sender, headers, more, { secrets: [next, secret], nowMs: NOW })).toBe(false);
  };

  it('standardwebhooks', () => {
    const library = new Webhook(standard.secrets[0]);
    fc.assert(
      fc.property(texts, fc.uuid(), (body, id) => {
        const signature = library.sign(id, new Date(NOW), body);
        const headers = {
          'webhook-id': id,
          'webhook-timestamp': String(NOW / 1000),
          'webhook-signature': signature,
        };
        accepts(standard, headers, body);
      }),
    );
  });

  it('stripe', () => {
    const secret = stripe.secrets[0];
    fc.assert(
      fc.property(texts, (payload) => {
        const header = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: NOW / 1000 });
        accepts(stripe, { 'stripe-signature': header }, payload);
      }),
    );
  });

  it('@octokit/webhooks-methods', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (body) => {
        accepts(github, { 'x-hub-signature-256': await signForGitHub(github.secrets[0], body) }, body);
      }),
    );
  });
});

/** A text with some characters taken out and others put in. */
interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}
const edits: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 3 }),
  insert: fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.constantFrom(',', ' ', 'v1,', 'v1=', '=', '\n', `,t=${NOW / 1000}`),
  ),
});
function edit(text: string, { at, remove, insert }: Edit): string {
  const place = at % (text.length + 1);
  return text.slice(0, place) + insert + text.slice(place + remove);
}

describe("F10: what the providers' own libraries refuse is refused", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** The library answers false or throws where it refuses. */
  const refusesWhatTheyDo = async (
    sender: Sender,
    genuine: (body: string) => Promise<Record<string, string>>,
    library: (headers: Record<string, string>, body: string) => unknown,
  ) => {
    const property = fc.asyncProperty(
      texts,
      fc.nat(),
      edits,
      fc.option(edits),
      async (body, which, change, other) => {
        const headers = await genuine(body);
        const name = Object.keys(headers)[which % Object.keys(headers).length]!;
        headers[name] = edit(headers[name]!, change);
        const sent = other ? edit(body, other) : body;
        const takes = verify(sender, headers, Buffer.from(sent), { nowMs: NOW });
        if (takes) expect(await library(headers, sent)).not.toBe(false);
      },
    );
    await fc.assert(property, { numRuns: 500 });
  };

  it('standardwebhooks', () => {
    const library = new Webhook(standard.secrets[0]);
    return refusesWhatTheyDo(
      standard,
      async (body) => ({
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(NOW / 1000),
        'webhook-signature': library.sign('msg_1', new Date(NOW), body),
      }),
      (headers, body) => library.verify(body, headers, { jsonParse: false }),
    );
  });

  it('stripe', () => {
    const [secret] = stripe.secrets;
    return refusesWhatTheyDo(
      stripe,
      async (payload) => ({
        'stripe-signature': Stripe.webhooks.generateTestHeaderString({
          payload,
          secret,
          timestamp: NOW / 1000,
        }),
      }),
      (headers, body) =>
        Stripe.webhooks.signature!.verifyHeader(body, headers['stripe-signature']!, secret, 300),
    );
  });

  it('@octokit/webhooks-methods', () => {
    const [secret] = github.secrets;
    return refusesWhatTheyDo(
      github,
      async (body) => ({ 'x-hub-signature-256': await signForGitHub(secret, body) }),
      (headers, body) => verifyForGitHub(secret, body, headers['x-hub-signature-256']!),
    );
  });
});
