import { GatewayResponse, type IRestApi, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

const retry = 'Send it again with the same event ids: what was counted is not counted twice.';
const notFound: Answer = {
  status: 404,
  code: 'unknown-route',
  title: 'Not found',
  detail: 'No such route or method. GET /v1/openapi.json lists them.',
};
const badRequest: Answer = {
  status: 400,
  code: 'bad-request',
  title: 'Bad request',
  detail: 'The request could not be read.',
};

/** What API Gateway answers by itself, before or after our functions. The rest falls under the two defaults. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  MISSING_AUTHENTICATION_TOKEN: notFound,
  RESOURCE_NOT_FOUND: notFound,
  INVALID_API_KEY: {
    status: 401,
    code: 'unauthorized',
    title: 'Unauthorized',
    detail: 'The header x-api-key is missing, or is no key of this service.',
  },
  THROTTLED: {
    status: 429,
    code: 'throttled',
    title: 'Too many requests',
    detail: `Over the rate of this key's tier. ${retry}`,
    retryAfter: 1,
  },
  QUOTA_EXCEEDED: {
    status: 429,
    code: 'quota-exceeded',
    title: 'Too many requests',
    detail: "Over the quota of this key's tier.",
    retryAfter: 3600,
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    code: 'body-too-large',
    title: 'Content too large',
    detail: 'A request body may have at most 4 MiB.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    code: 'unknown-media-type',
    title: 'Unsupported media type',
    detail: 'Send CloudEvents over HTTP: structured, batched or binary.',
  },
  INTEGRATION_FAILURE: {
    status: 503,
    code: 'unavailable',
    title: 'Service unavailable',
    detail: retry,
    retryAfter: 1,
  },
  INTEGRATION_TIMEOUT: {
    status: 504,
    code: 'timeout',
    title: 'Gateway timeout',
    detail: retry,
    retryAfter: 1,
  },
  DEFAULT_4XX: badRequest,
  DEFAULT_5XX: { status: 500, code: 'internal-error', title: 'Internal error', detail: retry, retryAfter: 1 },
};

/** Makes API Gateway's own errors problems (RFC 9457), with a receipt, as the functions' errors are. */
export function addGatewayProblems(api: RestApi): void {
  for (const [type, answer] of Object.entries(ANSWERS)) {
    new GatewayResponse(api, `Problem-${type}`, {
      restApi: api as IRestApi,
      type: ResponseType.of(type),
      statusCode: String(answer.status),
      responseHeaders: {
        'Content-Type': "'application/problem+json'",
        'x-weir-receipt': 'context.extendedRequestId',
        ...(answer.retryAfter === undefined ? {} : { 'Retry-After': `'${answer.retryAfter}'` }),
      },
      templates: { 'application/json': JSON.stringify(problemBody(answer)) },
    });
  }
}

/**
 * The same members as `problemBody` of `lambdas/platform/problem.ts` has. The receipt is API Gateway's own id of the
 * request, as no function has made one; the plain `requestId` is one that senders may choose.
 */
function problemBody({ status, code, title, detail }: Answer): Record<string, unknown> {
  return {
    type: `urn:weir:problem:${code}`,
    title,
    status,
    detail,
    instance: 'urn:weir:receipt:$context.extendedRequestId',
    code,
  };
}
