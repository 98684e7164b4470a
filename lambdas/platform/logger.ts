import { Logger } from '@aws-lambda-powertools/logger';
import { bounded, describeError } from '../domain/describe-error.ts';

const MAX_TEXT = 1_000;

/** What any value of a line is written as, however deep in it. */
function writeValue(_key: string, value: unknown): unknown {
  if (value instanceof Error) return describeError(value);
  return typeof value === 'string' ? bounded(value, MAX_TEXT) : value;
}

const { AWS_LAMBDA_FUNCTION_VERSION: version, BUILD: build } = process.env;

/**
 * The function's one logger: JSON, service and level from the environment. Payloads, keys, secrets and header values are
 * never logged, of errors only what {@link describeError} leaves. Of what senders choose there are subject and event id, where a
 * line is about one, and of requests the trace. Every line has the function's version and build. Each invocation begins with
 * {@link correlate}, so that no key of the one before remains.
 */
export const logger = new Logger({
  jsonReplacerFn: writeValue,
  persistentKeys: { ...(version && { version }), ...(build && { build }) },
});

/** Keys by which one request can be followed through all of Weir. */
export interface Correlation {
  readonly receipt?: string;
  readonly trace?: string;
  /** API Gateway's own id of the request, which leads to its access log. */
  readonly gatewayId?: string;
  readonly tenant?: string;
  readonly producer?: string;
  /** AWS's id of the invocation: the platform's own lines have it as `requestId`. */
  readonly invocation?: string;
}

/** Drops the keys of the invocation before and sets these. */
export function correlate(keys: Correlation): void {
  logger.resetKeys();
  logger.appendKeys({ ...keys });
}
