import type { Context } from 'aws-lambda';
import { outward } from '../domain/describe-error.ts';
import { correlate } from './logger.ts';
import { flushMetrics } from './metrics.ts';

/**
 * A Lambda handler that is invoked otherwise than by the API: correlates logs, writes the metrics last, and lets nothing out that
 * {@link outward} does not, as Lambda writes what is thrown into the log.
 */
export function invocation<E, R>(
  handle: (event: E, context: Context) => Promise<R>,
): (event: E, context: Context) => Promise<R> {
  return async (event, context) => {
    correlate({ invocation: context.awsRequestId });
    try {
      return await handle(event, context);
    } catch (error) {
      throw outward(error);
    } finally {
      flushMetrics();
    }
  };
}
