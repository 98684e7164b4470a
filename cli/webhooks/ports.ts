import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoEndpoints } from '../../lambdas/adapters/dynamo-endpoints.ts';
import type { StackOutputs } from '../platform/stack-outputs.ts';
import type { AwsSettings } from '../platform/target.ts';
import { WebhookSecrets } from './webhook-secrets.ts';
import { WebhookStore } from './webhook-store.ts';

type Outputs = Pick<StackOutputs, 'controlTable' | 'apiUrl' | 'webhookSecretPrefix' | 'dataKey'>;

/** The real table and the real Secrets Manager. */
export function webhookPorts(aws: AwsSettings, outputs: Outputs) {
  const dynamo = new DynamoDBClient(aws);
  return {
    store: new WebhookStore(dynamo, outputs.controlTable),
    endpoints: new DynamoEndpoints(dynamo, outputs.controlTable),
    secrets: new WebhookSecrets(new SecretsManagerClient(aws), outputs.dataKey),
    apiUrl: outputs.apiUrl,
    secretPrefix: outputs.webhookSecretPrefix,
    now: Date.now,
  };
}
