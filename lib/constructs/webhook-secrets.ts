import { Stack, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct, type IConstruct } from 'constructs';
import type { WeirConfig } from '../config/index.ts';
import { allow, allowKeyThrough } from './grants.ts';

export interface WebhookSecretsProps {
  readonly config: WeirConfig;
  readonly key: IKey;
}

/** Where `weir webhooks add` puts the secrets of endpoints: they are made with an endpoint, not with a stack. */
export class WebhookSecrets extends Construct {
  /** Begins the names of all of them. */
  readonly prefix: string;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { config, key }: WebhookSecretsProps) {
    super(scope, id);
    this.prefix = `${config.name}/webhooks/`;
    this.#key = key;
  }

  /** Lets `grantee` read secrets of endpoints. */
  grantRead(grantee: IGrantable & IConstruct): void {
    const { partition, region, account } = Stack.of(this);
    const secrets = `arn:${partition}:secretsmanager:${region}:${account}:secret:${this.prefix}*`;
    allow(grantee, ['secretsmanager:GetSecretValue'], [secrets]);
    Validations.of(grantee).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${secrets}]`,
      reason: 'Endpoints, and their secrets with them, are added while Weir runs.',
    });
    allowKeyThrough('secretsmanager', this.#key, grantee, ['kms:Decrypt']);
  }
}
