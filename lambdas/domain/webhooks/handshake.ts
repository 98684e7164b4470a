import type { Scheme } from './scheme.ts';
import type { Delivery } from './verify.ts';

/** What a provider that tries an endpoint out waits for. */
export interface HandshakeAnswer {
  readonly status: 200;
  readonly contentType: string;
  readonly body: string;
}

/** Longest body that may be a handshake: GitHub's ping carries the hook and the repository, some 10 KB. */
const MAX_HANDSHAKE_BYTES = 64 * 1024;

const TEXT = 'text/plain; charset=utf-8';

/**
 * Answers a delivery that only tries the endpoint out; undefined for every other, which must be kept. Ask it only of
 * verified deliveries. What tells a handshake is in the signed body: a header alone, which nobody signs, could make a
 * real delivery vanish.
 */
export function answerHandshake(scheme: Scheme, { headers, body }: Delivery): HandshakeAnswer | undefined {
  if (scheme.kind === 'slack') return answerSlack(readObject(body));
  if (scheme.kind === 'github' && headers.get('x-github-event')?.join() === 'ping')
    return answerGitHub(readObject(body));
  return undefined;
}

/** https://docs.slack.dev/reference/events/url_verification: the challenge is sent back as it came. */
function answerSlack(payload: Readonly<Record<string, unknown>>): HandshakeAnswer | undefined {
  const { type, challenge } = payload;
  if (type !== 'url_verification' || typeof challenge !== 'string') return undefined;
  return /^[!-~]{1,1024}$/.test(challenge) ? { status: 200, contentType: TEXT, body: challenge } : undefined;
}

/** https://docs.github.com/webhooks/webhook-events-and-payloads#ping: any 2xx will do. */
function answerGitHub({ zen, hook_id }: Readonly<Record<string, unknown>>): HandshakeAnswer | undefined {
  const isPing = typeof zen === 'string' && Number.isInteger(hook_id);
  return isPing ? { status: 200, contentType: TEXT, body: 'pong' } : undefined;
}

function readObject(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length > MAX_HANDSHAKE_BYTES) return {};
  try {
    const payload: unknown = JSON.parse(body.toString('utf8'));
    return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
