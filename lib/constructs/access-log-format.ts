import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';

/**
 * One JSON object for each request: what is needed to find it, and to see who was slow. Neither the key itself nor the
 * sender's address is in it, nor the path's values, which name subjects; nor any other text that senders choose, as
 * API Gateway does not escape it. Functions log the same `gatewayId` beside the receipt.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
export function accessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      gatewayId: '$context.extendedRequestId',
      trace: '$context.xrayTraceId',
      at: '$context.requestTime',
      method: '$context.httpMethod',
      route: '$context.resourcePath',
      status: '$context.status',
      keyId: '$context.identity.apiKeyId',
      responseBytes: '$context.responseLength',
      latencyMs: '$context.responseLatency',
      functionMs: '$context.integrationLatency',
      refusal: '$context.error.responseType',
      functionError: '$context.integrationErrorMessage',
    }),
  );
}
