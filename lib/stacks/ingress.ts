import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { Catalogue } from '../constructs/catalogue.ts';
import { Ingest } from '../constructs/ingest.ts';
import { PublicApi } from '../constructs/public-api.ts';
import { Receive } from '../constructs/receive.ts';
import { releaseOf } from '../constructs/release.ts';
import type { RoomAssets } from '../constructs/room-assets.ts';
import { Usage } from '../constructs/usage.ts';
import type { DataStack } from './data.ts';

export interface IngressStackProps extends StackProps {
  readonly config: WeirConfig;
  readonly assets: RoomAssets;
  readonly data: DataStack;
}

/** The public side: the API and the functions behind it. It holds no data. */
export class IngressStack extends Stack {
  readonly publicApi: PublicApi;
  readonly ingest: Ingest;
  readonly usage: Usage;
  readonly catalogue: Catalogue;
  readonly receive: Receive;

  constructor(scope: Construct, id: string, props: IngressStackProps) {
    super(scope, id, props);
    const { config, assets, data } = props;
    const { log, state, control, repair, webhooks, webhookSecrets: secrets, archive: bucket } = data;
    const release = releaseOf(this, config, 'ingress');
    const room = { config, assets, logKey: data.keys.logs, ...(release && { release }) };
    this.ingest = new Ingest(this, 'Ingest', { ...room, log, control });
    this.usage = new Usage(this, 'Usage', { ...room, log, state, control, repair });
    this.catalogue = new Catalogue(this, 'Catalogue', { ...room, control });
    this.receive = new Receive(this, 'Receive', { ...room, control, webhooks, secrets, bucket });
    this.publicApi = new PublicApi(this, 'PublicApi', room);
    this.#addRoutes();
    this.#addOutputs();
  }

  #addRoutes(): void {
    const { publicApi, ingest, usage, catalogue, receive } = this;
    publicApi.route('POST', '/v1/events', ingest.handler);
    publicApi.route('GET', '/health', ingest.handler, { keyRequired: false });
    // Providers have no API key: they sign.
    publicApi.route('POST', '/v1/webhooks/{endpoint}', receive.handler, { keyRequired: false });
    publicApi.route('GET', '/v1/usage', usage.handler);
    publicApi.route('GET', '/v1/contracts', catalogue.handler);
    publicApi.route('GET', '/v1/contracts/{type}/{version}', catalogue.handler);
    publicApi.route('GET', '/v1/openapi.json', catalogue.handler);
  }

  #addOutputs(): void {
    const { api, plans, url } = this.publicApi;
    new CfnOutput(this, 'ApiUrl', { value: url });
    new CfnOutput(this, 'ApiId', { value: api.restApiId });
    for (const [tier, plan] of Object.entries(plans)) {
      const key = `UsagePlan${tier.charAt(0).toUpperCase()}${tier.slice(1)}`;
      new CfnOutput(this, key, { value: plan.usagePlanId });
    }
    if (api.domainName) {
      new CfnOutput(this, 'ApiDomainTarget', { value: api.domainName.domainNameAliasDomainName });
    }
  }
}
