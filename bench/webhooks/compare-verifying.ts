import { createHmac, timingSafeEqual } from 'node:crypto';
import { verify as verifyAsOctokit } from '@octokit/webhooks-methods';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import type { Scheme } from '../../lambdas/domain/webhooks/scheme.ts';
import { verifyDelivery } from '../../lambdas/domain/webhooks/verify.ts';
import { median } from '../cpu/compare.ts';
import { deliveryOf, SECRET } from './deliveries.ts';

const STANDARD_SECRET = `whsec_${Buffer.from('the bench has a secret of 32 char').toString('base64')}`;
const TOLERANCE_SECONDS = 300;

/** Verifying one kind of delivery, by us and by the provider's own library. */
export interface Verifying {
  readonly library: string;
  readonly bytes: number;
  /** CPU time of ours to the library's, and to one HMAC with one comparison. */
  readonly toLibrary: number;
  readonly toFloor: number;
  /** Microseconds a delivery, on this machine. */
  readonly oursMicros: number;
  readonly libraryMicros: number;
}

interface Contest {
  readonly library: string;
  readonly ours: () => boolean;
  readonly theirs: () => unknown;
}

/** Verifies bodies of so many bytes with each; both and the floor take turns, so that all meet the same machine. */
export async function compareVerifying(
  bytes: number,
  times: number,
  rounds: number,
  warmUp: number,
): Promise<Verifying[]> {
  const found: Verifying[] = [];
  for (const contest of contestsOf(bytes)) found.push(await compare(contest, bytes, times, rounds, warmUp));
  return found;
}

async function compare(
  { library, ours, theirs }: Contest,
  bytes: number,
  times: number,
  rounds: number,
  warmUp: number,
): Promise<Verifying> {
  if (!ours() || (await theirs()) === false) throw new Error(`the bench signs otherwise than ${library}`);
  const floor = floorOf(bytes);
  const all: { ours: number; theirs: number; floor: number }[] = [];
  for (let round = 0; round < warmUp + rounds; round++) {
    const first = await microsOf(round % 2 === 0 ? ours : theirs, times);
    const base = await microsOf(floor, times);
    const last = await microsOf(round % 2 === 0 ? theirs : ours, times);
    all.push({
      floor: base,
      ...(round % 2 === 0 ? { ours: first, theirs: last } : { ours: last, theirs: first }),
    });
  }
  const counted = all.slice(warmUp);
  return {
    ...{ library, bytes },
    toLibrary: median(counted.map((round) => round.ours / round.theirs)),
    toFloor: median(counted.map((round) => round.ours / round.floor)),
    oursMicros: median(counted.map((round) => round.ours)) / times,
    libraryMicros: median(counted.map((round) => round.theirs)) / times,
  };
}

/** Each library is given what it takes; where that is text, making it of the bytes is part of what it costs. */
function contestsOf(bytes: number): Contest[] {
  const nowMs = Date.now();
  const github = deliveryOf('github', 1, bytes, nowMs);
  const stripe = deliveryOf('stripe', 1, bytes, nowMs);
  const standard = { headers: standardHeaders(stripe.body, nowMs), body: stripe.body };
  const by = (scheme: Scheme, secret: string, { headers, body }: typeof standard) => {
    const delivery = { headers: new Map(Object.entries(headers).map(([k, v]) => [k, [v]])), body, url: '' };
    return () => verifyDelivery(scheme, [secret], delivery, nowMs).ok;
  };
  const webhook = new Webhook(STANDARD_SECRET);
  const { signature } = new Stripe('sk_test_of_nobody').webhooks;
  const given = {
    stripe: stripe.headers['stripe-signature']!,
    github: github.headers['x-hub-signature-256']!,
  };
  return [
    {
      library: 'stripe',
      ours: by({ kind: 'stripe' }, SECRET, stripe),
      theirs: () => signature!.verifyHeader(stripe.body, given.stripe, SECRET, TOLERANCE_SECONDS),
    },
    {
      library: '@octokit/webhooks-methods',
      ours: by({ kind: 'github' }, SECRET, github),
      theirs: () => verifyAsOctokit(SECRET, github.body.toString(), given.github),
    },
    {
      library: 'standardwebhooks',
      ours: by({ kind: 'standard-webhooks' }, STANDARD_SECRET, standard),
      theirs: () => webhook.verify(standard.body, standard.headers),
    },
  ];
}

function standardHeaders(body: Buffer, nowMs: number): Record<string, string> {
  const key = Buffer.from(STANDARD_SECRET.slice('whsec_'.length), 'base64');
  const seconds = String(Math.floor(nowMs / 1000));
  const signature = createHmac('sha256', key).update(`msg_1.${seconds}.`).update(body).digest('base64');
  return { 'webhook-id': 'msg_1', 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
}

/** The least that verifying is: one HMAC of the bytes, one comparison. */
function floorOf(bytes: number): () => boolean {
  const body = Buffer.alloc(bytes, 'x');
  const expected = createHmac('sha256', SECRET).update(body).digest();
  return () => timingSafeEqual(createHmac('sha256', SECRET).update(body).digest(), expected);
}

/** CPU time of all threads of this process. */
async function microsOf(verify: () => unknown, times: number): Promise<number> {
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) await verify();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
