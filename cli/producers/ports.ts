import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StackOutputs } from '../platform/stack-outputs.ts';
import type { AwsSettings } from '../platform/target.ts';
import { GatewayKeys } from './gateway-keys.ts';
import { ProducerStore } from './producer-store.ts';

/** The real table and the real API Gateway. */
export function producerPorts(aws: AwsSettings, outputs: Pick<StackOutputs, 'controlTable' | 'usagePlans'>) {
  return {
    store: new ProducerStore(new DynamoDBClient(aws), outputs.controlTable),
    gateway: new GatewayKeys(new APIGatewayClient(aws), outputs.usagePlans),
    now: Date.now,
  };
}
