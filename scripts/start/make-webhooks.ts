import { randomBytes } from 'node:crypto';
import type { Profile } from '../../cli/platform/profile.ts';
import { addWebhook, rotateSecret } from '../../cli/webhooks/manage-webhooks.ts';
import { webhookPorts } from '../../cli/webhooks/ports.ts';
import type { Provider } from './plan-deliveries.ts';

/** Where a provider sends, and what it signs with. */
export interface Webhook {
  readonly url: string;
  readonly secret: string;
}

/** What the demo's tenant calls its webhooks. */
export const WEBHOOKS: Readonly<Record<Provider, string>> = { github: 'code', stripe: 'payments' };

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Makes the demo's endpoints as `weir webhooks add` does; new secrets where they exist already. */
export async function makeWebhooks(profile: Profile): Promise<Readonly<Record<Provider, Webhook>>> {
  const { endpoint, region } = profile;
  const ports = webhookPorts({ endpoint, region, credentials: CREDENTIALS }, profile);
  const make = async (provider: Provider): Promise<Webhook> => {
    const names = { tenant: profile.tenant, name: WEBHOOKS[provider] };
    // Stripe makes its secrets itself, so somebody has to be Stripe.
    const secret = `whsec_${randomBytes(24).toString('base64url')}`;
    const found = await ports.store.find(names.tenant, names.name);
    if (!found) return { url: (await addWebhook(ports, { ...names, provider, secret })).url, secret };
    await rotateSecret(ports, names, 0, secret);
    return { url: `${profile.apiUrl}/v1/webhooks/${found.endpoint}`, secret };
  };
  return { github: await make('github'), stripe: await make('stripe') };
}
