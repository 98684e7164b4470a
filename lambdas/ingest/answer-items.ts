import type { ItemRefusal } from '../domain/check-event.ts';
import type { SentItem } from '../domain/read-cloudevents.ts';
import type { HttpResponse } from '../platform/http.ts';
import type { Verdict } from './plan-records.ts';

/** How many items came to what. */
export interface Tally {
  readonly accepted: number;
  readonly quarantined: number;
  readonly refused: number;
}

export interface Answer {
  readonly response: HttpResponse;
  readonly tally: Tally;
  /** Problem code → items, for the log. */
  readonly codes: Readonly<Record<string, number>>;
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
  retryAfter: number,
): Answer {
  const tally = { accepted: 0, quarantined: 0, refused: 0 };
  const codes: Record<string, number> = {};
  const results: Result[] = [];
  for (const [index, verdict] of verdicts.entries()) {
    const kept = verdict.kind === 'refused' || written[index] === true;
    tally[kept ? verdict.kind : 'refused'] += 1;
    if (kept && verdict.kind === 'accepted') continue;
    const result = { index, ...idOf(items[index]!), ...(kept ? refusedAs(verdict) : notWritten(retryAfter)) };
    codes[result.code] = (codes[result.code] ?? 0) + 1;
    results.push(result);
  }
  const statuses = new Set(results.map(({ status }) => status));
  if (tally.accepted > 0 || results.length === 0) statuses.add(202);
  return {
    response: {
      status: statuses.size === 1 ? [...statuses][0]! : 207,
      ...(statuses.has(503) && { headers: { 'retry-after': String(retryAfter) } }),
      body: JSON.stringify({ ...tally, receipt, results }),
    },
    tally,
    codes,
  };
}

function refusedAs(verdict: Verdict): Pick<Result, 'status' | 'code' | 'detail' | 'pointer'> {
  if (verdict.kind === 'accepted') throw new TypeError('an accepted item has no refusal');
  const { code, detail, pointer } = verdict.refusal;
  return { status: STATUS[code] ?? 422, code, detail, ...(pointer !== undefined && { pointer }) };
}

function notWritten(retryAfter: number) {
  const detail =
    'the log did not take it in time and it was not kept; send it again with the same id and time';
  return { status: 503, code: 'not-logged', detail, retryAfter };
}

/** The item's id, if it has one that is fit to be repeated. */
function idOf({ plain }: SentItem): { readonly id?: string } {
  const id = (plain as Record<string, unknown> | null)?.id;
  return typeof id === 'string' && /^[\x20-\x7e]{1,128}$/.test(id) ? { id } : {};
}
