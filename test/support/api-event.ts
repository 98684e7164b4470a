import type { APIGatewayProxyEvent } from 'aws-lambda';

export interface ApiCall {
  readonly method?: string;
  readonly route?: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  /** A header may be sent more than once. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
  readonly requestId?: string;
}

const listed = (values: Readonly<Record<string, string | readonly string[]>> = {}) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value].flat() as string[]]));
const last = (values: Readonly<Record<string, string[]>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.at(-1)!]));

/** The event that API Gateway's REST proxy makes of a call; bodies come in base64, as `*\/*` is binary. */
export function apiEvent(call: ApiCall): APIGatewayProxyEvent {
  const headers = listed(call.headers);
  const query = listed(call.query);
  const route = call.route ?? '/v1/events';
  return {
    httpMethod: call.method ?? 'GET',
    resource: route,
    path: route,
    headers: last(headers),
    multiValueHeaders: headers,
    queryStringParameters: last(query),
    multiValueQueryStringParameters: query,
    pathParameters: { ...call.path },
    stageVariables: null,
    body: call.body === undefined ? null : Buffer.from(call.body as string).toString('base64'),
    isBase64Encoded: true,
    requestContext: { requestId: call.requestId ?? 'gateway-1' } as APIGatewayProxyEvent['requestContext'],
  };
}
