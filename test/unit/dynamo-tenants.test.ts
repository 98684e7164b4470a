import { DynamoDBClient, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { DynamoTenants } from '../../lambdas/adapters/dynamo-tenants.ts';

describe('tenants', () => {
  it('P6: are found by their keys alone: the policy of who looks for them allows no other attribute', async () => {
    const inputs: ScanCommandInput[] = [];
    const client = new DynamoDBClient({ region: 'eu-central-1' });
    client.send = (async ({ input }: { input: ScanCommandInput }) => {
      inputs.push(input);
      return { Items: [{ pk: { S: 'TENANT#a%23b' } }, { pk: { S: 'TENANT#a%23b' } }] };
    }) as never;
    const found: string[] = [];
    for await (const names of new DynamoTenants(client, 'weir-control').list()) found.push(...names);
    expect(found).toEqual(['a#b']);
    expect(inputs).toHaveLength(1);
    expect(inputs[0]!.ProjectionExpression).toBe('pk');
    expect(inputs[0]!.FilterExpression).toBe('begins_with(pk, :tenants)');
    expect(inputs[0]).not.toHaveProperty('Select');
    client.destroy();
  });
});
