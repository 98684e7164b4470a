import { asOf } from '../domain/as-of.ts';
import { allValues, type Combined, combineBuckets, hasUniqueValues } from '../domain/combine-buckets.ts';
import type { Contracts } from '../domain/contract.ts';
import { metersOf } from '../domain/count-events.ts';
import { formatUnits } from '../domain/decimal.ts';
import type { Head } from '../domain/head-item.ts';
import { decodePart } from '../domain/keys.ts';
import { ALL } from '../domain/measure.ts';
import type { Clock, Random } from '../domain/ports.ts';
import type { ProjectorProgress, UsageReader } from '../domain/usage-reader.ts';
import { windowLength, windowName, windowStart } from '../domain/window.ts';
import type { Authenticate } from '../platform/authenticate.ts';
import { retryAfterSeconds } from '../platform/http.ts';
import { mapAtMost } from '../platform/map-at-most.ts';
import { ProblemError } from '../platform/problem.ts';
import type { Route } from '../platform/serve.ts';
import { cutPeriods, type Span } from './cut-periods.ts';
import { encodeNext, readQuery, type UsageQuery } from './read-query.ts';

/** Most windows that one answer is made of. */
const MAX_WINDOWS = 20_000;
/** Most that is read of them, as stored: a head may have 350 KB. */
const MAX_HEAD_BYTES = 16 * 1024 * 1024;
/** Most rows of one answer, as {@link bytesOf} counts them: Lambda may return 6 MB. */
const MAX_ROW_BYTES = 4_000_000;
/** Buckets whose pages are read at the same time. */
const PAGE_READERS = 8;

export interface AnswerUsageProps {
  readonly contracts: Contracts;
  readonly authenticate: Authenticate;
  readonly usage: UsageReader;
  readonly progress: ProjectorProgress;
  readonly clock: Clock;
  readonly random: Random;
}

/** One period's value of one meter and group. */
export interface UsageRow {
  readonly from: string;
  readonly to: string;
  readonly meter: string;
  readonly aggregate: string;
  readonly unit: string;
  /** The group's key in state: `all`, or `name=value|name=value` with `%`, `#` and `|` percent-encoded. */
  readonly group: string;
  /** The same, taken apart. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** Exact decimal. */
  readonly value: string;
}

/** GET /v1/usage: the tenant is the credential's (P6), whatever the query says. */
export function createAnswerUsage(props: AnswerUsageProps): Route {
  const { contracts, authenticate, random } = props;
  return async (request) => {
    const { tenant } = await authenticate(request, 'usage:read');
    const query = readQuery(request, contracts);
    try {
      // First how far the projector has come, then the buckets: they hold at least that.
      const progress = await readProgress(props);
      const page = await readPage(props, tenant, query);
      const { subject, contract, span, by } = query;
      const body = { subject, type: contract.type, ...spanTimes(span), by, ...progress, ...page };
      return { status: 200, body: JSON.stringify(body) };
    } catch (cause) {
      if (cause instanceof ProblemError) throw cause;
      const detail = 'usage can not be read at the moment; ask again';
      const retryAfter = retryAfterSeconds(random);
      throw new ProblemError({ status: 503, code: 'usage-unavailable', detail, retryAfter }, { cause });
    }
  };
}

/**
 * `asOf` says that state holds all that was acknowledged before it. While a range of the log waits to be repaired
 * nothing of the kind can be said, whatever marks were passed since: then it is null. SQS's counts are approximate and
 * may lag behind by about a minute, so for that long after a range was given up `asOf` may say too much.
 */
async function readProgress({ progress, clock }: AnswerUsageProps) {
  const listed = new Date(clock.now()).toISOString();
  const [shards, marks] = await Promise.all([progress.shards(), progress.marks()]);
  // After the marks: what was given up before a mark is in the queue before the mark is noted.
  const pendingRepairs = await progress.pendingRepairs();
  return { asOf: pendingRepairs > 0 ? null : (asOf(shards, marks, listed) ?? null), pendingRepairs };
}

async function readPage(props: AnswerUsageProps, tenant: string, query: UsageQuery) {
  const { contract, subject, span, startMs } = query;
  const periods = takePeriods(query);
  const endMs = periods.at(-1)!.endMs;
  const range = {
    tenant,
    subject,
    type: contract.type,
    first: windowName(contract.bucket, startMs),
    last: windowName(contract.bucket, endMs - windowLength(contract.bucket)),
  };
  const { heads, cut } = await props.usage.heads(range, MAX_HEAD_BYTES);
  // Of a period that was not read to its end, nothing can be said.
  const readMs = cut ? windowStart(heads.at(-1)!.key.window) + windowLength(contract.bucket) : endMs;
  const rows: UsageRow[] = [];
  let at = 0;
  let bytes = 0;
  for (const period of periods) {
    if (period.endMs > readMs) {
      if (period !== periods[0]) return { rows, next: encodeNext(period.startMs) };
      throw tooMuch('to', 'the buckets of one period are too large; ask for shorter periods');
    }
    const from = at;
    while (at < heads.length && windowStart(heads[at]!.key.window) < period.endMs) at += 1;
    const more = await readPeriod(props, query, period, heads.slice(from, at));
    bytes += bytesOf(more);
    if (bytes > MAX_ROW_BYTES) {
      if (rows.length > 0) return { rows, next: encodeNext(period.startMs) };
      throw tooMuch(
        'group',
        `one period has ${more.length} rows; ask for one meter or group, or for shorter periods`,
      );
    }
    rows.push(...more);
  }
  return endMs < span.endMs ? { rows, next: encodeNext(endMs) } : { rows };
}

/** As many periods as one answer may have, by its limit and by the windows that they are made of. */
function takePeriods({ contract, span, startMs, by, limit }: UsageQuery): readonly Span[] {
  const mostMs = MAX_WINDOWS * windowLength(contract.bucket);
  const periods: Span[] = [];
  for (const period of cutPeriods({ startMs, endMs: span.endMs }, by)) {
    if (periods.length === limit || period.endMs - startMs > mostMs) break;
    periods.push(period);
  }
  if (periods.length > 0) return periods;
  throw tooMuch(
    'to',
    `one period has more than ${MAX_WINDOWS} windows of ${contract.bucket}; ask for a shorter range`,
  );
}

/** Bytes of rows as Lambda returns them: JSON text within JSON, each quote of which is escaped once more. */
function bytesOf(rows: readonly UsageRow[]): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(rows)));
}

function tooMuch(pointer: string, detail: string): ProblemError {
  return new ProblemError({ status: 422, code: 'too-much', detail, pointer });
}

/** The rows of one period, from the heads of its windows. */
async function readPeriod(
  { contracts, usage }: AnswerUsageProps,
  { meter, groups }: UsageQuery,
  period: Span,
  heads: readonly Head[],
): Promise<readonly UsageRow[]> {
  const meters = metersOf(contracts);
  const buckets = await mapAtMost(PAGE_READERS, heads, async (head) => {
    if (heads.length === 1 || !hasUniqueValues(head, meters)) return { head };
    const pages = head.bucket.tail === undefined ? [] : await usage.pages(head.key, head.bucket.epoch);
    return { head, values: allValues(head, pages) };
  });
  return combineBuckets(buckets, meters)
    .filter((row) => (meter === undefined || row.meter === meter) && (!groups || groups.has(row.group)))
    .map((row) => rowOf(period, row));
}

function rowOf(period: Span, { meter, aggregate, unit, group, units, scale }: Combined): UsageRow {
  const value = formatUnits(units, scale);
  return { ...spanTimes(period), meter, aggregate, unit, group, dimensions: dimensionsOf(group), value };
}

function dimensionsOf(group: string): Readonly<Record<string, string>> {
  if (group === ALL) return {};
  const pairs = group.split('|').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), decodePart(pair.slice(at + 1))];
  });
  return Object.fromEntries(pairs);
}

function spanTimes({ startMs, endMs }: Span): { readonly from: string; readonly to: string } {
  return { from: secondsOf(startMs), to: secondsOf(endMs) };
}

function secondsOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
