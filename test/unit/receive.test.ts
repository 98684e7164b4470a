import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { endpointOf } from '../support/memory-webhooks.ts';
import { NOW, SECRET, signedByGitHub, startReceive } from '../support/receive.ts';

const body = Buffer.from('{"repository":{"id":1}}');

/** What the fake randomness makes of 16 bytes. */
const RECEIPT = 'a'.repeat(32);

describe('receive', () => {
  it('P1: says 202 of what the queue has, with the bytes, the delivery and what the mapping reads', async () => {
    const room = startReceive();
    const answer = await room.call(body, { ...signedByGitHub(body), 'X-Other': 'left behind' });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([202, { receipt: RECEIPT }]);
    expect(room.queue.messages).toEqual([
      {
        v: 1,
        endpoint: room.endpoint.endpoint,
        tenant: 'acme',
        name: 'hook',
        receipt: RECEIPT,
        trace: expect.stringMatching(/^00-/),
        receivedAt: '2026-11-21T07:30:00.000Z',
        deliveryId: 'd1',
        idSigned: false,
        timeSigned: false,
        headers: { 'x-github-event': 'push' },
        body: body.toString('base64'),
      },
    ]);
  });

  it.each(['queue', 'endpoints', 'secrets'] as const)(
    'P1: 503 and when to try again, while %s fail',
    async (port) => {
      const room = startReceive();
      room[port].down = true;
      const answer = await room.call(body, signedByGitHub(body));
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '3']);
      expect(room.queue.messages).toEqual([]);
      room[port].down = false;
      expect((await room.call(body, signedByGitHub(body))).status).toBe(202);
    },
  );

  it('P1: puts a large body where it stays before the queue hears of it', async () => {
    const room = startReceive();
    const large = randomBytes(300_000);
    room.bodies.down = true;
    expect((await room.call(large, signedByGitHub(large))).status).toBe(503);
    expect(room.queue.messages).toEqual([]);
    room.bodies.down = false;
    expect((await room.call(large, signedByGitHub(large))).status).toBe(202);
    const reference = room.queue.messages[0]!.body as { key: string; bytes: number };
    expect(reference.bytes).toBe(300_000);
    expect(room.bodies.bodies.get(reference.key)).toEqual(large);
  });

  it('tells nothing of an address that there is not: all but the status is as with a forgery', async () => {
    const room = startReceive();
    const forged = await room.call(body, signedByGitHub(body, 'd1', 'another-secret'));
    const nowhere = await room.call(body, signedByGitHub(body), `we_${'n'.repeat(32)}`);
    const malformed = await room.call(body, signedByGitHub(body), '../../etc');
    expect([forged.status, nowhere.status, malformed.status]).toEqual([401, 404, 404]);
    const told = ({ text }: { text: string }) => ({ ...JSON.parse(text), status: 0, title: '' });
    expect(told(nowhere)).toEqual(told(forged));
    expect(told(malformed)).toEqual(told(forged));
  });

  it('410 of a disabled endpoint, to those alone who can sign', async () => {
    const room = startReceive(endpointOf({ status: 'disabled' }));
    expect((await room.call(body, signedByGitHub(body))).status).toBe(410);
    expect((await room.call(body, signedByGitHub(body, 'd1', 'another-secret'))).status).toBe(401);
    expect(room.queue.messages).toEqual([]);
  });

  it('413 beyond 4 MiB', async () => {
    const room = startReceive();
    const huge = Buffer.alloc(4 * 1024 * 1024 + 1);
    expect((await room.call(huge, signedByGitHub(huge))).status).toBe(413);
    expect((await room.call(huge.subarray(1), signedByGitHub(huge.subarray(1)))).status).toBe(202);
  });

  it('answers a handshake only to who can sign, and keeps nothing of it', async () => {
    const room = startReceive(endpointOf({ provider: 'slack' }));
    const challenge = Buffer.from('{"type":"url_verification","challenge":"c-1"}');
    const at = String(NOW / 1000);
    const sign = (secret: string) => ({
      'X-Slack-Request-Timestamp': at,
      'X-Slack-Signature': `v0=${createHmac('sha256', secret).update(`v0:${at}:`).update(challenge).digest('hex')}`,
    });
    const answer = await room.call(challenge, sign(SECRET));
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([
      200,
      'c-1',
      'text/plain; charset=utf-8',
    ]);
    expect((await room.call(challenge, sign('another-secret'))).status).toBe(401);
    expect(room.queue.messages).toEqual([]);
  });

  it('counts what it refuses by endpoint and reason', async () => {
    const room = startReceive();
    await room.call(body, {});
    await room.call(body, signedByGitHub(body, 'd1', 'another-secret'));
    await room.call(body, signedByGitHub(body), `we_${'n'.repeat(32)}`);
    await room.call(body, signedByGitHub(body));
    expect(room.reports).toEqual([
      'missing-header hook',
      'signature-mismatch hook',
      'unknown-endpoint -',
      'queued hook',
    ]);
  });
});

describe('what receive remembers', () => {
  it('asks once a minute for an endpoint and its secrets', async () => {
    const room = startReceive();
    for (let times = 0; times < 3; times++) await room.call(body, signedByGitHub(body));
    expect([room.endpoints.asked, room.secrets.asked]).toEqual([1, 1]);
    room.clock.ms += 60_000;
    await room.call(body, signedByGitHub(body));
    expect([room.endpoints.asked, room.secrets.asked]).toEqual([2, 2]);
  });

  it('does not ask for addresses that can be none, nor more than each five seconds for one that is not', async () => {
    const room = startReceive();
    await room.call(body, {}, 'we_short');
    expect(room.endpoints.asked).toBe(0);
    for (let times = 0; times < 3; times++) await room.call(body, {}, `we_${'n'.repeat(32)}`);
    expect(room.endpoints.asked).toBe(1);
  });

  it('F10: takes a new secret at once, though it remembers the old one; a stream of forgeries asks little', async () => {
    const room = startReceive();
    await room.call(body, signedByGitHub(body));
    room.clock.ms += 6_000;
    room.hold(SECRET, 'the-next-secret-of-them');
    expect((await room.call(body, signedByGitHub(body, 'd2', 'the-next-secret-of-them'))).status).toBe(202);
    expect((await room.call(body, signedByGitHub(body, 'd3'))).status).toBe(202);
    const asked = room.secrets.asked;
    for (let times = 0; times < 50; times++)
      await room.call(body, signedByGitHub(body, 'd4', 'forged-secret'));
    expect(room.secrets.asked - asked).toBeLessThanOrEqual(1);
  });

  it('F10: an old secret ends at its time, whatever is remembered', async () => {
    const room = startReceive();
    const created = new Date(NOW).toISOString();
    room.secrets.secrets.set(room.endpoint.secretId, [
      { value: SECRET, created, expires: new Date(NOW + 1_000).toISOString() },
      { value: 'the-next-secret-of-them', created },
    ]);
    expect((await room.call(body, signedByGitHub(body))).status).toBe(202);
    room.clock.ms += 1_000;
    expect((await room.call(body, signedByGitHub(body))).status).toBe(401);
  });

  it('refuses everything while an endpoint has no secret', async () => {
    const room = startReceive();
    room.hold();
    expect((await room.call(body, signedByGitHub(body, 'd1', ''))).status).toBe(401);
  });
});
