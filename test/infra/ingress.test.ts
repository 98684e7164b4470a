import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { problemBody } from '../../lambdas/platform/problem.ts';
import { configOf, synthesize } from '../support/synth.ts';

const { ingress } = synthesize(configOf());

/** `GET /v1/usage` → the method's properties. */
const routes = (() => {
  const resources = ingress.findResources('AWS::ApiGateway::Resource');
  const pathOf = (id: string): string => {
    const resource = resources[id];
    return resource
      ? `${pathOf(resource.Properties.ParentId.Ref ?? '')}/${resource.Properties.PathPart}`
      : '';
  };
  return Object.fromEntries(
    Object.values(ingress.findResources('AWS::ApiGateway::Method')).map(({ Properties }) => [
      `${Properties.HttpMethod} ${pathOf(Properties.ResourceId.Ref ?? '')}`,
      Properties,
    ]),
  );
})();

describe('routes', () => {
  it.each([
    ['POST /v1/events', 'Ingest', true],
    ['GET /health', 'Ingest', false],
    ['POST /v1/webhooks/{endpoint}', 'Receive', false],
    ['GET /v1/usage', 'Usage', true],
    ['GET /v1/contracts', 'Catalogue', true],
    ['GET /v1/contracts/{type}/{version}', 'Catalogue', true],
    ['GET /v1/openapi.json', 'Catalogue', true],
  ])('%s goes to %s; key required: %s', (route, room, keyRequired) => {
    expect(routes[route]).toMatchObject({ ApiKeyRequired: keyRequired, Integration: { Type: 'AWS_PROXY' } });
    expect(JSON.stringify(routes[route].Integration.Uri)).toContain(`"${room}HandlerLive`);
  });

  it('are these and no others', () => {
    expect(Object.keys(routes)).toHaveLength(7);
  });

  it('may each call their function, and nobody else may', () => {
    const permissions = Object.values(ingress.findResources('AWS::Lambda::Permission'));
    expect(permissions).toHaveLength(7);
    for (const { Properties } of permissions) {
      expect(Properties.Principal).toBe('apigateway.amazonaws.com');
      expect(JSON.stringify(Properties.SourceArn)).toMatch(/\/(GET|POST)\/(health|v1\/)/);
    }
  });
});

describe('the API', () => {
  it('is regional, takes keys from x-api-key, bodies as bytes, and TLS 1.2 or later', () => {
    ingress.hasResourceProperties('AWS::ApiGateway::RestApi', {
      EndpointConfiguration: { Types: ['REGIONAL'] },
      ApiKeySourceType: 'HEADER',
      BinaryMediaTypes: ['*/*'],
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09',
      EndpointAccessMode: 'STRICT',
    });
  });

  it('throttles, traces, and logs no payload', () => {
    ingress.hasResourceProperties('AWS::ApiGateway::Stage', {
      StageName: 'live',
      TracingEnabled: true,
      MethodSettings: [
        Match.objectLike({
          HttpMethod: '*',
          ResourcePath: '/*',
          DataTraceEnabled: false,
          LoggingLevel: 'ERROR',
          ThrottlingRateLimit: 2000,
          ThrottlingBurstLimit: 4000,
        }),
      ],
    });
  });

  it('writes one JSON object for each request, without the key, the address or the path of the sender', () => {
    const stage = Object.values(ingress.findResources('AWS::ApiGateway::Stage'))[0]!;
    const format = JSON.parse(stage.Properties.AccessLogSetting.Format) as Record<string, string>;
    expect(format).toMatchObject({ gatewayId: '$context.extendedRequestId', status: '$context.status' });
    expect(Object.values(format)).not.toContain('$context.identity.apiKey');
    expect(Object.values(format)).not.toContain('$context.identity.sourceIp');
    expect(Object.values(format)).not.toContain('$context.path');
    // Senders choose these, and nothing escapes them.
    expect(Object.values(format)).not.toContain('$context.requestId');
    expect(Object.values(format)).not.toContain('$context.identity.userAgent');
  });

  it('logs into encrypted groups that forget', () => {
    ingress.resourceCountIs('AWS::Logs::LogGroup', 6);
    ingress.allResourcesProperties('AWS::Logs::LogGroup', {
      RetentionInDays: 90,
      KmsKeyId: { 'Fn::ImportValue': Match.stringLikeRegexp('KeysLogs') },
    });
  });

  it('has a usage plan for each tier', () => {
    ingress.resourceCountIs('AWS::ApiGateway::UsagePlan', 2);
    ingress.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      UsagePlanName: 'weir-standard',
      Throttle: { RateLimit: 50, BurstLimit: 100 },
    });
    ingress.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      UsagePlanName: 'weir-bulk',
      Throttle: { RateLimit: 500, BurstLimit: 1000 },
    });
  });
});

describe('what API Gateway answers by itself', () => {
  const responses = Object.values(ingress.findResources('AWS::ApiGateway::GatewayResponse')).map(
    ({ Properties }) => Properties,
  );

  it.each(responses.map((response) => [response.ResponseType, response] as const))(
    '%s is a problem like those of the functions, with a receipt',
    (_, { StatusCode, ResponseParameters, ResponseTemplates }) => {
      expect(ResponseParameters).toMatchObject({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
        'gatewayresponse.header.x-weir-receipt': 'context.extendedRequestId',
      });
      const body = JSON.parse(ResponseTemplates['application/json']);
      expect(String(body.status)).toBe(StatusCode);
      const { status, code, detail } = body;
      const ours = problemBody({ status, code, detail }, '$context.extendedRequestId');
      expect({ ...body, title: ours.title }).toEqual(ours);
    },
  );

  it('says when to try again after throttling', () => {
    const throttled = responses.find(({ ResponseType }) => ResponseType === 'THROTTLED');
    expect(throttled).toMatchObject({
      StatusCode: '429',
      ResponseParameters: { 'gatewayresponse.header.Retry-After': "'1'" },
    });
  });

  it('is 401 without a key, and leaves nothing to API Gateway’s defaults', () => {
    const byType = Object.fromEntries(responses.map((each) => [each.ResponseType, each.StatusCode]));
    expect(byType).toMatchObject({ INVALID_API_KEY: '401', DEFAULT_4XX: '400', DEFAULT_5XX: '500' });
  });
});

describe('a domain of your own', () => {
  const domain = {
    name: 'events.example.com',
    certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/0f1e2d3c',
    truststoreUri: 's3://example-trust/clients.pem',
    probeCertificateArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:probe-AbCdEf',
  };
  const { ingress: template, observability } = synthesize({ ...configOf(), domain });

  it('asks clients for their certificates, and is the only way in', () => {
    template.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: 'events.example.com',
      RegionalCertificateArn: domain.certificateArn,
      MutualTlsAuthentication: { TruststoreUri: 's3://example-trust/clients.pem' },
      SecurityPolicy: 'TLS_1_2',
    });
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
    template.hasOutput('ApiUrl', { Value: 'https://events.example.com' });
    template.hasOutput('ApiDomainTarget', {});
  });

  it('is the probe’s way in too, with a certificate that it may read (F4)', () => {
    observability.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'weir-probe',
      Environment: {
        Variables: Match.objectLike({ CERTIFICATE_SECRET: domain.probeCertificateArn }),
      },
    });
    observability.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'secretsmanager:GetSecretValue',
            Resource: Match.arrayWith([domain.probeCertificateArn]),
          }),
        ]),
      },
    });
  });
});
