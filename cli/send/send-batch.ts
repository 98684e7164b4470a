import type { Random } from '../../lambdas/domain/ports.ts';
import { type Destination, encodeBatch, postBatch } from './post-batch.ts';
import type { NotAccepted, SendableEvent } from './read-events.ts';
import { type ItemResult, type Reply, readReply } from './read-reply.ts';

export interface RetryPolicy {
  /** Tries of one event, the first included. */
  readonly attempts: number;
  /** Longest wait that is honoured, in ms; a server that asks for more is taken at its word that this is not the time. */
  readonly maxWaitMs: number;
}

export interface SendBatchProps {
  readonly destination: Destination;
  readonly policy: RetryPolicy;
  readonly random: Pick<Random, 'fraction'>;
  /** Waits; ends early, without an error, when the run is interrupted. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly interrupted: AbortSignal;
  /** Told of each request and of each that is a retry; of each event that was shed, and of each of those sent again. */
  readonly count: (what: Counted, times?: number) => void;
}

export type Counted = 'requests' | 'retries' | 'shed' | 'shedSentAgain';

/** What became of a batch. Events that are in neither list are not known to be accepted: send them again. */
export interface BatchOutcome {
  readonly accepted: number;
  readonly notAccepted: readonly NotAccepted[];
  /** Why the rest was given up, if there is a rest. */
  readonly gaveUp?: string;
}

interface Pending {
  readonly events: readonly SendableEvent[];
  readonly attempt: number;
  readonly waitMs: number;
}

const FIRST_WAIT_MS = 200;
const LONGEST_BACKOFF_MS = 20_000;
/** Of items and of requests: the control plane has decided it, and nothing has failed. */
const SHED = new Set(['shed', 'over-budget', 'suspended']);

/**
 * Sends events until each is judged or the tries are used up. Always the same bytes, so the same ids: what arrived
 * without our hearing of it is counted once (P2). Of a request in part refused for now, only that part is sent again.
 */
export async function sendBatch(
  props: SendBatchProps,
  events: readonly SendableEvent[],
): Promise<BatchOutcome> {
  const notAccepted: NotAccepted[] = [];
  let accepted = 0;
  const queue: Pending[] = [{ events, attempt: 1, waitMs: 0 }];
  for (let pending = queue.shift(); pending; pending = queue.shift()) {
    if (pending.waitMs > 0) await props.sleep(pending.waitMs);
    if (pending.attempt > 1 && props.interrupted.aborted) {
      return { accepted, notAccepted, gaveUp: 'interrupted' };
    }
    const step = await tryOnce(props, pending);
    if (step.gaveUp !== undefined) return { accepted, notAccepted, gaveUp: step.gaveUp };
    accepted += step.accepted;
    notAccepted.push(...step.notAccepted);
    queue.push(...step.again);
  }
  return { accepted, notAccepted };
}

interface Step {
  readonly accepted: number;
  readonly notAccepted: readonly NotAccepted[];
  readonly again: readonly Pending[];
  readonly gaveUp?: string;
}

const NOTHING: Step = { accepted: 0, notAccepted: [], again: [] };

async function tryOnce(props: SendBatchProps, pending: Pending): Promise<Step> {
  const { events, attempt } = pending;
  props.count('requests');
  if (attempt > 1) props.count('retries');
  const reply = await attemptPost(props.destination, events);
  if ('failure' in reply) return later(props, pending, { reason: reply.failure }, 0);
  const verdict = readReply(reply, events);
  switch (verdict.kind) {
    case 'judged':
      return judged(props, pending, verdict.results, reply.retryAfterMs ?? 0);
    case 'later':
      if (SHED.has(verdict.code)) props.count('shed', events.length);
      return later(props, pending, verdict, reply.retryAfterMs ?? 0);
    case 'refused':
      return events.length > 1
        ? { ...NOTHING, again: halves(pending) }
        : { ...NOTHING, notAccepted: [describe(events[0]!, verdict)] };
    case 'hopeless':
      return { ...NOTHING, gaveUp: verdict.reason };
  }
}

async function attemptPost(
  destination: Destination,
  events: readonly SendableEvent[],
): Promise<Reply | { readonly failure: string }> {
  try {
    return await postBatch(destination, encodeBatch(events));
  } catch (error) {
    return { failure: networkFailure(error) };
  }
}

/** `fetch` says only "fetch failed"; what happened is in the causes. */
function networkFailure(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return 'no answer in time';
  return cause?.code ?? cause?.message ?? message;
}

function later(
  props: SendBatchProps,
  { events, attempt }: Pending,
  { code = '', reason }: { readonly code?: string; readonly reason: string },
  retryAfterMs: number,
): Step {
  const waitMs = waitBefore(props, attempt, retryAfterMs);
  if (attempt >= props.policy.attempts || waitMs > props.policy.maxWaitMs) {
    return { ...NOTHING, gaveUp: `${reason}, after ${attempt} tries` };
  }
  if (SHED.has(code)) props.count('shedSentAgain', events.length);
  return { ...NOTHING, again: [{ events, attempt: attempt + 1, waitMs }] };
}

function judged(
  props: SendBatchProps,
  { events, attempt }: Pending,
  results: readonly ItemResult[],
  retryAfterMs: number,
): Step {
  const isForNow = ({ status }: ItemResult) => status === 503 || status === 429;
  const forNow = results.filter(isForNow);
  const asked = forNow.map(({ retryAfter }) => (Number.isFinite(retryAfter) ? retryAfter! * 1000 : 0));
  const waitMs = waitBefore(props, attempt, Math.max(retryAfterMs, ...asked));
  const again = forNow.length > 0 && attempt < props.policy.attempts && waitMs <= props.policy.maxWaitMs;
  const shed = forNow.filter(({ code }) => SHED.has(code)).length;
  props.count('shed', shed);
  if (again) props.count('shedSentAgain', shed);
  const final = again ? results.filter((result) => !isForNow(result)) : results;
  return {
    accepted: events.length - results.length,
    notAccepted: final.map((result) => describe(events[result.index]!, result)),
    again: again ? [{ events: forNow.map(({ index }) => events[index]!), attempt: attempt + 1, waitMs }] : [],
  };
}

/** At least what the server asked for, and some jitter more, so that senders refused together don't return together. */
function waitBefore({ random }: SendBatchProps, attempt: number, retryAfterMs: number): number {
  const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 16));
  return retryAfterMs > 0
    ? Math.ceil(retryAfterMs * (1 + 0.2 * random.fraction()))
    : Math.ceil(backoff * (0.5 + 0.5 * random.fraction()));
}

function halves({ events, attempt }: Pending): Pending[] {
  const middle = Math.ceil(events.length / 2);
  return [events.slice(0, middle), events.slice(middle)].map((half) => ({
    events: half,
    attempt,
    waitMs: 0,
  }));
}

function describe(
  { line, id }: SendableEvent,
  { status, code, detail, pointer }: Pick<ItemResult, 'status' | 'code' | 'detail' | 'pointer'>,
): NotAccepted {
  return {
    line,
    ...(id !== undefined && { id }),
    status,
    code,
    detail,
    ...(pointer !== undefined && { pointer }),
  };
}
