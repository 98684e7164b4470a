import { randomUUID } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readOutputs } from '../../cli/platform/stack-outputs.ts';
import { addWebhook, type NewWebhook } from '../../cli/webhooks/manage-webhooks.ts';
import { webhookPorts } from '../../cli/webhooks/ports.ts';
import { deployed } from './deployed.ts';
import { archivedLines } from './pipeline.ts';

const settings = () => ({
  endpoint: deployed().endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** What the CLI works with, on the deployed stacks. */
export function deployedPorts() {
  const { endpoint } = deployed();
  const outputs = readOutputs(new Map(Object.entries(deployed()) as [string, string][]), endpoint);
  return webhookPorts(settings(), outputs);
}

export const secretsManager = () => new SecretsManagerClient(settings());

/** Makes a webhook of a tenant of its own, as `weir webhooks add` does. */
export async function newWebhook(wanted: Partial<NewWebhook> & { readonly provider: string }) {
  const tenant = wanted.tenant ?? `hooks-${randomUUID().slice(0, 8)}`;
  const name = wanted.name ?? 'hook';
  const added = await addWebhook(deployedPorts(), { ...wanted, tenant, name });
  return { ...added, tenant, name, secret: wanted.secret ?? added.secret ?? '' };
}

/** Sends bytes to an address, as a provider does. */
export async function deliver(url: string, body: Buffer, headers: Readonly<Record<string, string>>) {
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

export interface Archived {
  readonly tenant: string;
  readonly producer: string;
  readonly at: string;
  readonly events?: readonly { readonly schema: number; readonly event: Record<string, unknown> }[];
  readonly quarantine?: {
    readonly code: string;
    readonly origin: string;
    readonly type?: string;
    readonly input: Record<string, unknown>;
  };
}

/** What the archive holds of a tenant. */
export async function archivedOf(tenant: string): Promise<readonly Archived[]> {
  const lines = await archivedLines();
  return lines
    .map(({ envelope }) => envelope as unknown as Archived)
    .filter((each) => each.tenant === tenant);
}
