import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Random } from '../domain/ports.ts';
import { type Problem, ProblemError, problemBody } from './problem.ts';
import { continueTrace } from './trace-context.ts';

/** A request as the rooms see it: header names in lower case, the body as the bytes that were sent. */
export interface HttpRequest {
  readonly method: string;
  /** The route as the API declares it, e.g. `/v1/contracts/{type}/{version}`. */
  readonly route: string;
  /** Path parameters, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** Query parameters; each value of those given more than once. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** Header values by name in lower case, in the order sent. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
  /** Names this request and no other; given to the sender as `x-weir-receipt`. */
  readonly receipt: string;
  /** W3C traceparent of this hop. */
  readonly trace: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text unless the headers say otherwise, or empty. */
  readonly body: string;
}

/**
 * Reads API Gateway's REST proxy event. Header casing is the sender's, so it is never trusted; nor is the request id,
 * which senders may choose: the receipt tells quarantined inputs apart, so it is made here.
 */
export function readRequest(event: APIGatewayProxyEvent, random: Random): HttpRequest {
  const headers = valuesOf(event.multiValueHeaders, event.headers, (name) => name.toLowerCase());
  const traceparent = headers.get('traceparent');
  return {
    method: event.httpMethod,
    route: event.resource && !event.resource.includes('+}') ? event.resource : event.path,
    path: Object.fromEntries(
      Object.entries(event.pathParameters ?? {}).map(([k, v]) => [k, decoded(v ?? '')]),
    ),
    query: valuesOf(event.multiValueQueryStringParameters, event.queryStringParameters, (name) => name),
    headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    receipt: random.hex(16),
    trace: continueTrace(traceparent?.length === 1 ? traceparent[0] : undefined, random),
  };
}

function valuesOf(
  many: APIGatewayProxyEvent['multiValueHeaders'] | null,
  single: APIGatewayProxyEvent['headers'] | null,
  rename: (name: string) => string,
): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  const add = (name: string, value: readonly (string | undefined)[]) => {
    const key = rename(name);
    const known = values.get(key) ?? [];
    values.set(key, [...known, ...value.filter((one) => one !== undefined)]);
  };
  for (const [name, value] of Object.entries(many ?? {})) add(name, value ?? []);
  for (const [name, value] of Object.entries(single ?? {})) if (!values.has(rename(name))) add(name, [value]);
  return values;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The one value of a header, or undefined where it was not sent.
 * @throws ProblemError 400 where it was sent more than once: which one counts would be a guess.
 */
export function headerOf(request: HttpRequest, name: string): string | undefined {
  const values = request.headers.get(name);
  if (values && values.length > 1) {
    throw new ProblemError({
      status: 400,
      code: 'duplicate-header',
      detail: `the header ${name} was sent ${values.length} times; send it once`,
      pointer: name,
    });
  }
  return values?.[0];
}

/** API Gateway's answer. Every one carries the receipt and the trace, whatever became of the request. */
export function writeResponse(request: HttpRequest, response: HttpResponse): APIGatewayProxyResult {
  return {
    statusCode: response.status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...response.headers,
      'x-weir-receipt': request.receipt,
      traceparent: request.trace,
    },
    body: response.body,
    isBase64Encoded: false,
  };
}

/** A problem as a response, `application/problem+json` (RFC 9457). */
export function problemResponse(problem: Problem, receipt: string): HttpResponse {
  return {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(problem.retryAfter !== undefined && { 'retry-after': String(problem.retryAfter) }),
      ...(problem.allow !== undefined && { allow: problem.allow }),
    },
    body: JSON.stringify(problemBody(problem, receipt)),
  };
}

/** Seconds after which to try again, spread so that refused senders don't come back as one. Both bounds are included. */
export function retryAfterSeconds(random: Random, least = 1, most = 5): number {
  return least + Math.floor(random.fraction() * (most - least + 1));
}
