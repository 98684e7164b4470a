import { randomBytes } from 'node:crypto';
import type { Endpoint, Secret } from '../../lambdas/domain/webhooks/endpoint.ts';
import { compileMapping } from '../../lambdas/domain/webhooks/mapping.ts';
import { presets } from '../../lambdas/domain/webhooks/presets.ts';
import { parseScheme, type Scheme } from '../../lambdas/domain/webhooks/scheme.ts';
import { checkSecret } from '../../lambdas/domain/webhooks/secret.ts';
import { refused, wrongUsage } from '../platform/errors.ts';
import type { Webhook } from './webhook.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';
import { WebhookExistsError, type WebhookStore } from './webhook-store.ts';

export interface WebhookPorts {
  readonly store: Pick<WebhookStore, 'find' | 'create' | 'setStatus'>;
  readonly secrets: Pick<WebhookSecrets, 'create' | 'find' | 'replace' | 'remove'>;
  readonly endpoints: { find(endpoint: string): Promise<Endpoint | undefined> };
  /** Base of the public API, without a slash at the end. */
  readonly apiUrl: string;
  /** Begins the names of secrets. */
  readonly secretPrefix: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Names {
  readonly tenant: string;
  readonly name: string;
}

export interface NewWebhook extends Names {
  /** A preset's name, or any other where scheme and mapping are given. */
  readonly provider: string;
  /** JSON. @default - the preset's */
  readonly scheme?: unknown;
  /** JSON. @default - the preset's */
  readonly mapping?: unknown;
  /** As the provider gave it. @default - made up, where the provider lets us; else none yet */
  readonly secret?: string;
}

/** An endpoint as it is made. */
export interface Added {
  readonly endpoint: string;
  readonly url: string;
  /** A secret that was made up: the only time that it is seen. */
  readonly secret?: string;
  /** Whether it has a secret: without one, it refuses everything. */
  readonly ready: boolean;
}

/** A secret as it is changed. */
export interface Rotated {
  readonly secret?: string;
  /** When the ones before end, RFC 3339. */
  readonly ending: readonly string[];
}

const MAX_LIVE = 2;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const PROVIDER = /^[a-z][a-z0-9-]{0,31}$/;
/** Presets whose provider makes up the secret itself. */
const GIVEN = new Set(['stripe', 'shopify', 'slack', 'square', 'twilio']);

/**
 * Makes an endpoint. Its secret stands nowhere but in the answer, if it was made up, and in Secrets Manager.
 * @throws CliError where there is one of that name, or something is wrong with the request; then nothing is left behind
 */
export async function addWebhook(ports: WebhookPorts, wanted: NewWebhook): Promise<Added> {
  const { tenant, name, provider } = wanted;
  const { scheme, mapping, headers } = readNew(wanted);
  if (wanted.secret !== undefined) requireSound(scheme, wanted.secret);
  const made = wanted.secret === undefined ? makeSecret(scheme, provider) : undefined;
  const value = wanted.secret ?? made;
  if (await ports.store.find(tenant, name)) throw exists(wanted);
  const endpoint = `we_${randomBytes(24).toString('base64url')}`;
  const secretId = `${ports.secretPrefix}${endpoint}`;
  const url = `${ports.apiUrl}/v1/webhooks/${endpoint}`;
  const created = new Date(ports.now()).toISOString();
  const secrets = value === undefined ? [] : [{ value, created }];
  await ports.secrets.create(secretId, `Weir webhook ${name} of tenant ${tenant}`, secrets);
  const stored = { ...{ endpoint, name, tenant, provider, scheme, mapping, headers, url, secretId } };
  await create(ports, { ...stored, status: 'active' }, created);
  return { endpoint, url, ready: value !== undefined, ...(made !== undefined && { secret: made }) };
}

async function create(ports: WebhookPorts, endpoint: Endpoint, created: string): Promise<void> {
  try {
    await ports.store.create(endpoint, created);
  } catch (error) {
    // An answer that was lost is no failure: what counts is what stands in the table.
    const failed = error instanceof WebhookExistsError;
    const written = failed ? false : await isThere(ports, endpoint);
    if (written === false) await ports.secrets.remove(endpoint.secretId).catch(() => {});
    if (!written) throw failed ? exists(endpoint) : error;
  }
}

async function isThere({ endpoints }: WebhookPorts, { endpoint }: Endpoint): Promise<boolean | undefined> {
  try {
    return (await endpoints.find(endpoint)) !== undefined;
  } catch {
    return undefined;
  }
}

/**
 * Gives an endpoint a second secret; the one before ends after `overlapMs` at the latest, and both verify until then.
 * @throws CliError where there is no such webhook, or two secrets are live already and `overlapMs` is not 0
 */
export async function rotateSecret(
  ports: WebhookPorts,
  names: Names,
  overlapMs: number,
  given?: string,
): Promise<Rotated> {
  const webhook = await required(ports, names);
  const endpoint = await ports.endpoints.find(webhook.endpoint);
  if (!endpoint) throw refused(`The endpoint of ${names.name} is gone from the control table.`);
  const { scheme, secretId, provider } = endpoint;
  const made = given === undefined ? makeSecret(scheme, provider) : undefined;
  const value = given ?? made;
  if (value === undefined) throw wrongUsage(`${provider} makes the secret.`, 'Give it with --secret-file.');
  requireSound(scheme, value);
  const now = ports.now();
  const live = (await ports.secrets.find(secretId)).filter((secret) => isLive(secret, now));
  if (live.some((secret) => secret.value === value)) throw refused('The endpoint has this secret already.');
  if (live.length >= MAX_LIVE && overlapMs > 0) {
    const ends = live.map(({ expires }) => expires).filter((end) => end !== undefined);
    throw refused(
      `Two secrets are live already; the older one ends at ${ends.join(', ') || 'no set time'}.`,
      'Wait until then, or end both now with --overlap 0.',
    );
  }
  const end = new Date(now + overlapMs).toISOString();
  const kept = overlapMs === 0 ? [] : live.map((secret) => endingBy(secret, end));
  await ports.secrets.replace(secretId, [...kept, { value, created: new Date(now).toISOString() }]);
  return { ending: kept.map(({ expires }) => expires!), ...(made !== undefined && { secret: made }) };
}

/** Switches an endpoint on or off. What was taken before is counted all the same. */
export async function switchWebhook(
  ports: WebhookPorts,
  names: Names,
  status: Webhook['status'],
): Promise<void> {
  const webhook = await required(ports, names);
  if (webhook.status !== status) await ports.store.setStatus(webhook, status);
}

const isLive = ({ expires }: Secret, now: number) => expires === undefined || Date.parse(expires) > now;

const endingBy = (secret: Secret, end: string): Secret =>
  secret.expires === undefined || secret.expires > end ? { ...secret, expires: end } : secret;

function readNew({ tenant, name, provider, scheme, mapping }: NewWebhook) {
  for (const [what, text] of Object.entries({ tenant, name })) {
    if (!NAME.test(text))
      throw wrongUsage(`The ${what} must be 1 to 64 letters, digits, dots, dashes and underscores.`);
  }
  if (!PROVIDER.test(provider))
    throw wrongUsage('The provider must be 1 to 32 lower-case letters, digits and dashes.');
  const preset = presets.get(provider);
  const known = [...presets.keys()].join(', ');
  if (!preset && (scheme === undefined || mapping === undefined))
    throw wrongUsage(`${provider} has no preset.`, `Give --scheme and --mapping, or one of ${known}.`);
  const usable = orWrongUsage(() => parseScheme(scheme ?? preset!.scheme));
  const json = mapping ?? preset!.mapping;
  const { headers } = orWrongUsage(() => compileMapping(json));
  return { scheme: usable, mapping: json, headers };
}

/** The domain's messages name every mistake, and never a secret. */
function orWrongUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw wrongUsage((error as Error).message);
  }
}

function requireSound(scheme: Scheme, secret: string): void {
  const problem = checkSecret(scheme, secret);
  if (problem) throw wrongUsage(`The secret ${problem}.`);
}

/** 256 random bits, in the form that the scheme wants; undefined where the provider makes the secret. */
function makeSecret({ kind }: Scheme, provider: string): string | undefined {
  if (kind === 'standard-webhooks-ed25519' || GIVEN.has(provider)) return undefined;
  return kind === 'standard-webhooks'
    ? `whsec_${randomBytes(32).toString('base64')}`
    : randomBytes(32).toString('hex');
}

async function required({ store }: WebhookPorts, { tenant, name }: Names): Promise<Webhook> {
  const found = await store.find(tenant, name);
  if (found) return found;
  throw refused(`Tenant ${tenant} has no webhook ${name}.`, 'weir webhooks list shows those that there are.');
}

function exists({ tenant, name }: Names) {
  return refused(
    `Tenant ${tenant} has a webhook ${name} already.`,
    'weir webhooks rotate gives it a new secret.',
  );
}
