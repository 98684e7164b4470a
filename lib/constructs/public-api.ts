import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  ApiKeySourceType,
  type CfnRestApi,
  EndpointAccessMode,
  EndpointType,
  type IRestApi,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  Period,
  RestApi,
  SecurityPolicy,
  type UsagePlan,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Domain, Tier, WeirConfig } from '../config/index.ts';
import { accessLogFormat } from './access-log-format.ts';
import { addGatewayProblems } from './gateway-problems.ts';
import type { WeirFunction } from './weir-function.ts';

export interface PublicApiProps {
  readonly config: WeirConfig;
  /** Encrypts the logs. */
  readonly logKey: IKey;
}

export interface RouteOptions {
  /** @default true */
  readonly keyRequired?: boolean;
}

const STAGE = 'live';
/** TLS 1.2 and 1.3 with forward secrecy. */
const tls = {
  securityPolicy: SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09,
  endpointAccessMode: EndpointAccessMode.STRICT,
};

/** The HTTPS endpoint: routes, API keys, throttling by tier, access logs. */
export class PublicApi extends Construct {
  readonly api: RestApi;
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** By tier. */
  readonly plans: Readonly<Record<string, UsagePlan>>;
  readonly #props: PublicApiProps;

  constructor(scope: Construct, id: string, props: PublicApiProps) {
    super(scope, id);
    this.#props = props;
    const { config } = props;
    this.api = this.#addApi();
    // API Gateway would make this group itself, unencrypted and for ever.
    const executionLog = `API-Gateway-Execution-Logs_${this.api.restApiId}/${STAGE}`;
    this.api.deploymentStage.node.addDependency(this.#addLogGroup('ExecutionLog', executionLog));
    addGatewayProblems(this.api);
    this.plans = Object.fromEntries(
      Object.entries(config.tiers).map(([tier, limits]) => [tier, this.#addPlan(tier, limits)]),
    );
    this.url = config.domain ? this.#addDomain(config.domain) : this.api.url.replace(/\/$/, '');
    this.#acknowledgeRules();
  }

  /** Sends requests of a method and path, such as `/v1/contracts/{type}`, to a function. */
  route(
    method: 'GET' | 'POST',
    path: string,
    to: WeirFunction,
    { keyRequired = true }: RouteOptions = {},
  ): void {
    const integration = new LambdaIntegration(to.live, { allowTestInvoke: false });
    this.api.root.resourceForPath(path).addMethod(method, integration, { apiKeyRequired: keyRequired });
  }

  #addApi(): RestApi {
    const { config } = this.#props;
    const api = new RestApi(this, 'Api', {
      restApiName: config.name,
      description: 'Weir: usage events in, exact numbers out',
      endpointTypes: [EndpointType.REGIONAL],
      apiKeySourceType: ApiKeySourceType.HEADER,
      // Bodies reach the functions as the bytes that were sent: gzip, and text that is not UTF-8.
      binaryMediaTypes: ['*/*'],
      disableExecuteApiEndpoint: config.domain !== undefined,
      // Without this role in its account, API Gateway writes no logs.
      cloudWatchRole: true,
      deployOptions: {
        stageName: STAGE,
        accessLogDestination: new LogGroupLogDestination(
          this.#addLogGroup('AccessLog', `/weir/${config.name}/access`),
        ),
        accessLogFormat: accessLogFormat(),
        loggingLevel: MethodLoggingLevel.ERROR,
        // Payloads are never logged.
        dataTraceEnabled: false,
        metricsEnabled: true,
        tracingEnabled: true,
        throttlingRateLimit: config.throttle.rate,
        throttlingBurstLimit: config.throttle.burst,
      },
    });
    // The stack has an output of its own, under a name that others can rely on.
    api.node.tryRemoveChild('Endpoint');
    Object.assign(api.node.defaultChild as CfnRestApi, tls);
    return api;
  }

  #addLogGroup(id: string, logGroupName: string): LogGroup {
    return new LogGroup(this, id, {
      logGroupName,
      retention: this.#props.config.logRetentionDays,
      encryptionKey: this.#props.logKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  #addPlan(tier: string, { rate, burst, quota }: Tier): UsagePlan {
    return this.api.addUsagePlan(`Plan-${tier}`, {
      name: `${this.#props.config.name}-${tier}`,
      apiStages: [{ api: this.api as IRestApi, stage: this.api.deploymentStage }],
      throttle: { rateLimit: rate, burstLimit: burst },
      ...(quota && {
        quota: { limit: quota.limit, period: Period[quota.period.toUpperCase() as 'DAY' | 'WEEK' | 'MONTH'] },
      }),
    });
  }

  #addDomain({ name, certificateArn, truststoreUri }: Domain): string {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(truststoreUri ?? '') ?? [];
    this.api.addDomainName('Domain', {
      domainName: name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      endpointType: EndpointType.REGIONAL,
      // API Gateway has no mutual TLS under the newer policies.
      ...(bucket && key
        ? {
            securityPolicy: SecurityPolicy.TLS_1_2,
            mtls: { bucket: Bucket.fromBucketName(this, 'Truststore', bucket), key },
          }
        : tls),
    });
    return `https://${name}`;
  }

  #acknowledgeRules(): void {
    const ours = 'The functions look the API key up by its hash and answer 401, 403 or 422 themselves.';
    Validations.of(this).acknowledge(
      {
        id: 'AwsSolutions-APIG2',
        reason: `Contracts are checked for each event by itself, not by request. ${ours}`,
      },
      {
        id: 'AwsSolutions-APIG4',
        reason: `Every route requires an API key, but for /health and for webhooks, which are signed. ${ours}`,
      },
      {
        id: 'AwsSolutions-COG4',
        reason: `Senders are machines with API keys, not users of a user pool. ${ours}`,
      },
      {
        id: 'AwsSolutions-APIG3',
        reason:
          'Usage plans limit each key and the stage limits all. A web ACL can be put before the stage where wanted.',
      },
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason: "API Gateway's own policy for the one role that its account setting takes.",
      },
    );
  }
}
