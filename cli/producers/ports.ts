import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StackOutputs } from '../platform/stack-outputs.ts';
import type { AwsSettings } from '../platform/target.ts';
import { GatewayKeys } from './gateway-keys.ts';
import { readLastSeen } from './last-seen.ts';
import { ProducerStore } from './producer-store.ts';

/** The real table and the real API Gateway. */
export function producerPorts(aws: AwsSettings, outputs: Pick<StackOutputs, 'controlTable' | 'usagePlans'>) {
  const dynamo = new DynamoDBClient(aws);
  return {
    store: new ProducerStore(dynamo, outputs.controlTable),
    lastSeen: () => readLastSeen(dynamo, outputs.controlTable),
    gateway: new GatewayKeys(new APIGatewayClient(aws), outputs.usagePlans),
    now: Date.now,
  };
}
