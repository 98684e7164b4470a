/** A problem of a whole request, to be answered as `application/problem+json` (RFC 9457). */
export interface Problem {
  readonly status: number;
  /** Short kebab-case name; `type` is made of it. */
  readonly code: string;
  /** What was wrong, where, and what to do about it. Never an internal message. */
  readonly detail: string;
  /** Name of the query parameter or header, or JSON Pointer into the body. */
  readonly pointer?: string;
  /** Whole seconds after which to try again; answered as `Retry-After`. */
  readonly retryAfter?: number;
  /** Methods that the route has; answered as `Allow`. */
  readonly allow?: string;
}

/** Thrown inside a room to answer the request with a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.problem = problem;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  410: 'Gone',
  413: 'Content too large',
  415: 'Unsupported media type',
  422: 'Unprocessable content',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Service unavailable',
};

/** The body of RFC 9457. `instance` is the request's receipt, by which operators find it. */
export function problemBody(problem: Problem, receipt: string): Record<string, unknown> {
  const { status, code, detail, pointer } = problem;
  return {
    type: `urn:weir:problem:${code}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    instance: `urn:weir:receipt:${receipt}`,
    code,
    ...(pointer === undefined ? {} : { pointer }),
  };
}
