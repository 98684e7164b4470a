import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type { Random } from '../domain/ports.ts';
import { type HttpRequest, type HttpResponse, problemResponse, readRequest, writeResponse } from './http.ts';
import { correlate, logger } from './logger.ts';
import { count, flushMetrics } from './metrics.ts';
import { ProblemError } from './problem.ts';

/** Answers one request; `remainingMs` tells how long the function may still run. */
export type Route = (request: HttpRequest, remainingMs: () => number) => Promise<HttpResponse>;
/** Route → method → what answers it. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Route>>>>;

/**
 * A Lambda handler behind API Gateway: finds the route, turns what is thrown into problems, and correlates logs. What
 * is not a `ProblemError` is ours: it goes to the log, and the sender hears of nothing but the receipt.
 */
export function serve(
  routes: Routes,
  random: Random,
): (
  event: APIGatewayProxyEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
) => Promise<APIGatewayProxyResult> {
  return async (event, context) => {
    const request = readRequest(event, random);
    const gatewayId = event.requestContext?.extendedRequestId;
    correlate({ receipt: request.receipt, trace: request.trace, ...(gatewayId && { gatewayId }) });
    try {
      const answer = findRoute(routes, request);
      return writeResponse(request, await answer(request, () => context.getRemainingTimeInMillis()));
    } catch (error) {
      return writeResponse(request, problemResponse(problemOf(error), request.receipt));
    } finally {
      flushMetrics();
    }
  };
}

function findRoute(routes: Routes, request: HttpRequest): Route {
  const methods = Object.hasOwn(routes, request.route) ? routes[request.route]! : undefined;
  if (!methods) {
    throw new ProblemError({
      status: 404,
      code: 'unknown-route',
      detail: 'there is nothing at this path; GET /v1/openapi.json lists what there is',
    });
  }
  if (Object.hasOwn(methods, request.method)) return methods[request.method]!;
  const allow = Object.keys(methods).join(', ');
  throw new ProblemError({ status: 405, code: 'wrong-method', detail: `this path takes ${allow}`, allow });
}

function problemOf(error: unknown) {
  if (error instanceof ProblemError) {
    const { problem } = error;
    count({ [`status${problem.status}`]: 1 });
    if (error.cause !== undefined) logger.error(problem.code, { cause: error.cause });
    else logger.info('refused', { problem: problem.code, status: problem.status });
    return problem;
  }
  count({ status500: 1 });
  logger.error('failed', error instanceof Error ? error : new Error(String(error)));
  return {
    status: 500,
    code: 'internal-error',
    detail: 'Weir failed; try again, and name the receipt if it persists',
  };
}
