import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { encodePart } from '../../lambdas/domain/keys.ts';
import type { Endpoint } from '../../lambdas/domain/webhooks/endpoint.ts';
import { tenantKey } from '../platform/tenant-items.ts';

/** A webhook as its tenant's list has it. */
export interface Webhook {
  readonly endpoint: string;
  readonly tenant: string;
  readonly name: string;
  readonly provider: string;
  readonly status: Endpoint['status'];
  /** RFC 3339. */
  readonly created: string;
}

type Item = Record<string, AttributeValue>;

export function webhookKey(tenant: string, name: string): Item {
  return { pk: { S: tenantKey(tenant) }, sk: { S: `WEBHOOK#${encodePart(name)}` } };
}

export function endpointKey(endpoint: string): Item {
  return { pk: { S: `ENDPOINT#${endpoint}` }, sk: { S: 'ENDPOINT' } };
}

export function encodeWebhook({ endpoint, tenant, name, provider, status, created }: Webhook): Item {
  return {
    ...webhookKey(tenant, name),
    ...texts({ endpoint, tenant, name, provider, status, created }),
  };
}

export function decodeWebhook(item: Item): Webhook {
  const text = (name: keyof Webhook) => item[name]?.S ?? '';
  return {
    endpoint: text('endpoint'),
    tenant: text('tenant'),
    name: text('name'),
    provider: text('provider'),
    status: text('status') === 'active' ? 'active' : 'disabled',
    created: text('created'),
  };
}

/** What `receive` and `normalise` read to know whose deliveries they have. Secrets are no part of it. */
export function encodeEndpoint(endpoint: Endpoint, created: string): Item {
  const { scheme, mapping, headers, ...plain } = endpoint;
  return {
    ...endpointKey(endpoint.endpoint),
    ...texts({ ...plain, created }),
    scheme: { S: JSON.stringify(scheme) },
    mapping: { S: JSON.stringify(mapping) },
    headers: { L: headers.map((header) => ({ S: header })) },
  };
}

function texts(values: Readonly<Record<string, string>>): Item {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { S: value }]));
}
