import type { ItemRefusal } from '../domain/check-event.ts';
import type { ShedCode } from '../domain/control/shed-event.ts';
import type { SentItem } from '../domain/read-cloudevents.ts';
import type { HttpResponse } from '../platform/http.ts';
import type { Verdict } from './plan-records.ts';

/** How many items came to what. */
export interface Tally {
  readonly accepted: number;
  readonly quarantined: number;
  /** Without those shed. */
  readonly refused: number;
  readonly shed: number;
  /** 1 where the request was answered with 5xx for nothing but shedding. */
  readonly requestsShed: number;
}

export interface Answer {
  readonly response: HttpResponse;
  readonly tally: Tally;
  /** Problem code → items, for the log. */
  readonly codes: Readonly<Record<string, number>>;
}

/** Seconds after which items are to be sent again, as whoever answers has drawn them. */
export interface RetryAfter {
  readonly notLogged: number;
  readonly shed: number;
}

interface Result {
  readonly index: number;
  readonly id?: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string;
  readonly retryAfter?: number;
}

type Outcome = Omit<Result, 'index' | 'id'>;

const STATUS: Partial<Record<ItemRefusal['code'], number>> = {
  'type-not-granted': 403,
  'event-too-large': 413,
};

/**
 * The answer to a request: 202 where all items were accepted, the one status that all share, or 207.
 * @param written Of each item, whether the log has what was to be written of it. What it hasn't is not kept: the
 * sender is told to send it again (P1, P3).
 */
export function answerItems(
  items: readonly SentItem[],
  verdicts: readonly Verdict[],
  written: readonly boolean[],
  receipt: string,
  retryAfter: RetryAfter,
): Answer {
  const counts = { accepted: 0, quarantined: 0, refused: 0, shed: 0 };
  const codes: Record<string, number> = {};
  const results: Result[] = [];
  let wait = 0;
  for (const [index, verdict] of verdicts.entries()) {
    const kept = verdict.kind === 'refused' || verdict.kind === 'shed' || written[index] === true;
    counts[kept ? verdict.kind : 'refused'] += 1;
    if (kept && verdict.kind === 'accepted') continue;
    const outcome = kept ? refusedAs(verdict, retryAfter) : notWritten(retryAfter.notLogged);
    codes[outcome.code] = (codes[outcome.code] ?? 0) + 1;
    wait = Math.max(wait, outcome.retryAfter ?? 0);
    results.push({ index, ...idOf(items[index]!), ...outcome });
  }
  const statuses = new Set(results.map(({ status }) => status));
  if (counts.accepted > 0 || results.length === 0) statuses.add(202);
  const status = statuses.size === 1 ? [...statuses][0]! : 207;
  const { accepted, quarantined, refused, shed } = counts;
  return {
    response: {
      status,
      ...(wait > 0 && { headers: { 'retry-after': String(wait) } }),
      body: JSON.stringify({ accepted, quarantined, refused: refused + shed, receipt, results }),
    },
    tally: { ...counts, requestsShed: status === 503 && shed === verdicts.length ? 1 : 0 },
    codes,
  };
}

function refusedAs(verdict: Verdict, retryAfter: RetryAfter): Outcome {
  if (verdict.kind === 'accepted') throw new TypeError('an accepted item has no refusal');
  if (verdict.kind === 'shed') return shedAs(verdict.code, retryAfter.shed);
  const { code, detail, pointer } = verdict.refusal;
  return { status: STATUS[code] ?? 422, code, detail, ...(pointer !== undefined && { pointer }) };
}

function shedAs(code: ShedCode, retryAfter: number): Outcome {
  const [status, why] =
    code === 'shed'
      ? [503, 'more comes than can be counted in time, and events of higher priority go first']
      : [429, 'this producer sends more events than it may'];
  const detail = `${why}; it was not kept: send it again later with the same id and time`;
  return { status, code, detail, retryAfter };
}

function notWritten(retryAfter: number): Outcome {
  const detail =
    'the log did not take it in time and it was not kept; send it again with the same id and time';
  return { status: 503, code: 'not-logged', detail, retryAfter };
}

/** The item's id, if it has one that is fit to be repeated. */
function idOf({ plain }: SentItem): { readonly id?: string } {
  const id = (plain as Record<string, unknown> | null)?.id;
  return typeof id === 'string' && /^[\x20-\x7e]{1,128}$/.test(id) ? { id } : {};
}
