import type { SendableEvent } from './read-events.ts';

/** An HTTP answer, as far as it matters. */
export interface Reply {
  readonly status: number;
  /** `Retry-After` in ms, from now. */
  readonly retryAfterMs?: number;
  readonly body: string;
}

/** One item of a 207, or of another status that all items share. */
export interface ItemResult {
  readonly index: number;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** What an answer means for the events of its request. */
export type Verdict =
  /** Weir judged each event; `results` lists those that it did not accept. */
  | { readonly kind: 'judged'; readonly results: readonly ItemResult[] }
  /** Nothing is known of any event; the same request may succeed later. */
  | { readonly kind: 'later'; readonly code: string; readonly reason: string }
  /** The request as a whole was refused for something in it: one event must not take its neighbours down. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly detail: string }
  /** No request of ours will succeed. */
  | { readonly kind: 'hopeless'; readonly reason: string };

const LATER = new Set([408, 425, 429]);
const MAX_DETAIL = 300;

export function readReply(reply: Reply, events: readonly SendableEvent[]): Verdict {
  const body = parse(reply.body);
  if (Array.isArray(body.results)) return readResults(reply, body, events.length);
  const { code, detail } = problemOf(reply, body);
  if (reply.status >= 500 || LATER.has(reply.status)) return { kind: 'later', code, reason: detail };
  if (reply.status === 400 || reply.status === 413) {
    return { kind: 'refused', status: reply.status, code, detail };
  }
  return { kind: 'hopeless', reason: detail };
}

/** Nothing is taken as accepted that the answer does not account for (P3). */
function readResults(reply: Reply, body: Body, sent: number): Verdict {
  const results = (body.results as unknown[]).filter(isItemResult);
  const indexes = new Set(results.map(({ index }) => index));
  const inRange = results.every(({ index }) => index < sent);
  if (!inRange || indexes.size !== body.results!.length || body.accepted !== sent - indexes.size) {
    return {
      kind: 'hopeless',
      reason: `the answer (${reply.status}) does not account for the ${sent} events of its request; is this Weir's API?`,
    };
  }
  return { kind: 'judged', results };
}

function isItemResult(item: unknown): item is ItemResult {
  const { index, status, code, detail } = (item ?? {}) as Partial<ItemResult>;
  return (
    Number.isInteger(index) &&
    index! >= 0 &&
    Number.isInteger(status) &&
    typeof code === 'string' &&
    typeof detail === 'string'
  );
}

interface Body {
  readonly accepted?: unknown;
  readonly results?: readonly unknown[];
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly message?: unknown;
}

function parse(text: string): Body {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** Weir's problem (RFC 9457), or whatever API Gateway or a proxy answered in its place. */
function problemOf({ status }: Reply, body: Body): { code: string; detail: string } {
  const said = [body.detail, body.message].find((text) => typeof text === 'string') as string | undefined;
  return {
    code: typeof body.code === 'string' ? body.code : `http-${status}`,
    detail: `${status}${said ? `: ${said.slice(0, MAX_DETAIL)}` : ''}`,
  };
}

/** `Retry-After` as seconds or as an HTTP date (RFC 9110 §10.2.3), in ms from `now`. */
export function readRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
