import { Logger } from '@aws-lambda-powertools/logger';

/**
 * The function's one logger: JSON, service and level from the environment. Payloads, keys and header values are never
 * logged. Each invocation begins with {@link correlate}, so that no key of the one before remains.
 */
export const logger = new Logger();

/** Keys by which one request can be followed through all of Weir. */
export interface Correlation {
  readonly receipt?: string;
  readonly trace?: string;
  /** API Gateway's own id of the request, which leads to its access log. */
  readonly gatewayId?: string;
  readonly tenant?: string;
  readonly producer?: string;
}

/** Drops the keys of the invocation before and sets these. */
export function correlate(keys: Correlation): void {
  logger.resetKeys();
  logger.appendKeys({ ...keys });
}
