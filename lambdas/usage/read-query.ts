import { quoted } from '../domain/check-event.ts';
import { LIMITS } from '../domain/cloudevent.ts';
import type { Contract, Contracts } from '../domain/contract.ts';
import { parseInstant } from '../domain/instant.ts';
import { contractOfEvent } from '../domain/probe.ts';
import { windowLength } from '../domain/window.ts';
import type { HttpRequest } from '../platform/http.ts';
import { ProblemError } from '../platform/problem.ts';
import { isPeriodStart, PERIODS, type Period, type Span } from './cut-periods.ts';

/** What is asked for, checked. */
export interface UsageQuery {
  readonly subject: string;
  readonly contract: Contract;
  readonly span: Span;
  readonly by: Period;
  /** Only this meter; all where absent. */
  readonly meter?: string;
  /** Only these groups, as rows name them; all where absent. */
  readonly groups?: ReadonlySet<string>;
  /** Most periods of one answer. */
  readonly limit: number;
  /** Where this page begins. */
  readonly startMs: number;
}

const PARAMETERS = ['subject', 'type', 'meter', 'from', 'to', 'by', 'group', 'limit', 'next'] as const;
type Parameter = (typeof PARAMETERS)[number];
const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1_000;

/** Reads the query of GET /v1/usage. Throws a problem (422) that names the parameter, in the order that they have here. */
export function readQuery(request: HttpRequest, contracts: Contracts): UsageQuery {
  for (const name of request.query.keys()) {
    if (!PARAMETERS.includes(name as Parameter)) {
      throw invalid(
        name.slice(0, 64),
        `there is no parameter ${quoted(name)}; there are ${PARAMETERS.join(', ')}`,
      );
    }
  }
  const subject = required(request, 'subject');
  if (subject.length > LIMITS.subject)
    throw invalid('subject', `a subject has at most ${LIMITS.subject} characters`);
  const contract = contractOfEvent(contracts, required(request, 'type'));
  if (!contract)
    throw invalid('type', 'there is no contract for this type; GET /v1/contracts lists those that there are');
  const meter = single(request, 'meter');
  if (
    meter !== undefined &&
    !contract.revisions.some((revision) => revision.meters.some(({ name }) => name === meter))
  ) {
    throw invalid('meter', `"${contract.type}" has no meter ${quoted(meter)}`);
  }
  const span = readSpan(request, contract);
  const by = readPeriod(request, contract);
  const groups = request.query.get('group');
  return {
    subject,
    contract,
    span,
    by,
    ...(meter !== undefined && { meter }),
    ...(groups && { groups: new Set(groups) }),
    limit: readLimit(request),
    startMs: readNext(request, span, by),
  };
}

function readSpan(request: HttpRequest, contract: Contract): Span {
  const startMs = readTime(request, 'from', contract);
  const endMs = readTime(request, 'to', contract);
  if (startMs >= endMs) throw invalid('to', 'to must be later than from: from is included, to is not');
  return { startMs, endMs };
}

/** A moment as RFC 3339 or as a date, which is its midnight in UTC. */
function readTime(request: HttpRequest, name: 'from' | 'to', { bucket }: Contract): number {
  const text = required(request, name);
  // In a query "+" is a space, and few remember to encode the one of "+01:00".
  const full = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text.replace(/ (?=\d\d:\d\d$)/, '+');
  const time = parseInstant(full);
  if (!time)
    throw invalid(
      name,
      `${name} must be a date or an RFC 3339 time, e.g. 2026-11-21 or 2026-11-21T07:00:00Z`,
    );
  const length = windowLength(bucket);
  const start = Math.floor(time.ms / length) * length;
  if (start === time.ms && !time.text.includes('.')) return time.ms;
  const [before, after] = [start, start + length].map((ms) => new Date(ms).toISOString());
  throw invalid(
    name,
    `this type is counted in windows of ${bucket}: ${name} must be the start of one, such as ${before} or ${after}`,
  );
}

function readPeriod(request: HttpRequest, { bucket }: Contract): Period {
  const by = single(request, 'by') ?? 'total';
  if (!PERIODS.includes(by as Period)) throw invalid('by', `by must be one of ${PERIODS.join(', ')}`);
  if (by === 'hour' && windowLength(bucket) > 3_600_000) {
    throw invalid('by', `this type is counted in windows of ${bucket}, which can not be told apart by hour`);
  }
  return by as Period;
}

function readLimit(request: HttpRequest): number {
  const text = single(request, 'limit');
  const limit = text === undefined ? DEFAULT_LIMIT : Number(/^\d{1,4}$/.exec(text)?.[0]);
  if (!(limit >= 1 && limit <= MAX_LIMIT))
    throw invalid('limit', `limit must be a whole number from 1 to ${MAX_LIMIT}`);
  return limit;
}

/** Where the page begins: at `from`, or where the answer before said. */
function readNext(request: HttpRequest, span: Span, by: Period): number {
  const token = single(request, 'next');
  if (token === undefined) return span.startMs;
  const ms = decodeNext(token);
  if (ms > span.startMs && ms < span.endMs && isPeriodStart(ms, by)) return ms;
  throw invalid('next', 'next must be as the answer before gave it, with the same from, to and by');
}

/** The token by which the next page is asked for: opaque, and worth nothing without a key. */
export function encodeNext(startMs: number): string {
  return Buffer.from(startMs.toString(36)).toString('base64url');
}

function decodeNext(token: string): number {
  return token.length > 32
    ? Number.NaN
    : Number.parseInt(Buffer.from(token, 'base64url').toString('latin1'), 36);
}

function required(request: HttpRequest, name: Parameter): string {
  const value = single(request, name);
  if (value === undefined || value === '') throw invalid(name, `the parameter ${name} is missing`);
  return value;
}

function single(request: HttpRequest, name: Parameter): string | undefined {
  const values = request.query.get(name);
  if (values && values.length > 1) throw invalid(name, `the parameter ${name} can be given once`);
  return values?.[0];
}

function invalid(pointer: string, detail: string): ProblemError {
  return new ProblemError({ status: 422, code: 'invalid-parameter', detail, pointer });
}
