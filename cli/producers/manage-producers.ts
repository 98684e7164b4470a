import { hash, randomBytes } from 'node:crypto';
import { RESERVED_TYPE_PREFIX } from '../../lambdas/domain/cloudevent.ts';
import type { Scope } from '../../lambdas/domain/credential.ts';
import { refused, wrongUsage } from '../platform/errors.ts';
import type { GatewayKeys } from './gateway-keys.ts';
import { isLive, type Producer, type ProducerKey } from './producer.ts';
import { ChangedMeanwhileError, type ProducerStore } from './producer-store.ts';

export interface ProducerPorts {
  readonly store: Pick<ProducerStore, 'find' | 'create' | 'replaceKeys' | 'hasCredential'>;
  readonly gateway: Pick<GatewayKeys, 'tiers' | 'create' | 'remove' | 'removeStrays'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface NewProducer {
  readonly tenant: string;
  readonly producer: string;
  readonly types: readonly string[];
  readonly scopes: readonly Scope[];
  readonly tier: string;
  /** In ms; without it the key has no end. */
  readonly expiresAfterMs?: number;
}

/** A key as it is made: the only time that its text is seen. */
export interface Issued {
  readonly key: string;
  readonly keyId: string;
  readonly expires?: string;
}

/** Live keys that a producer may have: the one in use, and the one that takes its place. */
const MAX_LIVE = 2;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Records that Weir itself writes into the log bear this tenant's name. */
const RESERVED_TENANT = 'weir';
const TYPE = /^(\*|[^\s*]{1,126}\.\*|[^\s*]{1,128})$/;

/**
 * Makes a producer with its first key. The key's text stands nowhere but in the answer and in API Gateway.
 * A failure leaves nothing that opens anything, so the command can be repeated.
 * @throws CliError where the producer exists or something is wrong with the request
 */
export async function addProducer(ports: ProducerPorts, wanted: NewProducer): Promise<Issued> {
  checkNew(wanted, ports.gateway.tiers);
  const { tenant, producer, types, scopes, tier, expiresAfterMs } = wanted;
  const exists = () =>
    refused(
      `Tenant ${tenant} has a producer ${producer} already.`,
      'weir producers rotate gives it a new key.',
    );
  if (await ports.store.find(tenant, producer)) throw exists();
  const expires = expiresAfterMs === undefined ? undefined : iso(ports.now() + expiresAfterMs);
  const empty = { tenant, producer, types, scopes, tier, created: iso(ports.now()), keys: [] };
  try {
    return await issue(ports, empty, expires, (key) => ports.store.create({ ...empty, keys: [key] }));
  } catch (error) {
    throw error instanceof ChangedMeanwhileError ? exists() : error;
  }
}

/**
 * Gives a producer a second key; those that it has end after `overlapMs` at the latest.
 * @throws CliError where there is no such producer, or two keys are live already
 */
export async function rotateKey(
  ports: ProducerPorts,
  names: Pick<Producer, 'tenant' | 'producer'>,
  overlapMs: number,
): Promise<Issued & { readonly ending: readonly ProducerKey[] }> {
  const producer = await required(ports, names);
  const live = producer.keys.filter((key) => isLive(key, ports.now()));
  if (live.length >= MAX_LIVE) {
    const ids = live
      .map(({ keyId, expires }) => `${keyId}${expires ? ` (ends ${expires})` : ''}`)
      .join(' and ');
    throw refused(
      `Two keys are live already: ${ids}.`,
      'Revoke one first: weir producers revoke … --key <id>.',
    );
  }
  const end = iso(ports.now() + overlapMs);
  const keys = producer.keys.map((key) =>
    isLive(key, ports.now()) && (key.expires === undefined || key.expires > end)
      ? { ...key, expires: end }
      : key,
  );
  const issued = await orChanged(
    issue(ports, producer, undefined, (key) => ports.store.replaceKeys(producer, [...keys, key])),
  );
  await removeEnded(ports, producer.keys);
  return { ...issued, ending: keys.filter((key) => isLive(key, ports.now())) };
}

/**
 * Ends one key, or all of them. May be repeated: what is left to do is then done.
 * @returns the keys that are revoked now and were asked for
 */
export async function revokeKeys(
  ports: ProducerPorts,
  names: Pick<Producer, 'tenant' | 'producer'>,
  which: { readonly keyId: string } | 'all',
): Promise<readonly ProducerKey[]> {
  const producer = await required(ports, names);
  const meant = producer.keys.filter(({ keyId }) => which === 'all' || keyId === which.keyId);
  if (meant.length === 0) {
    const has = producer.keys.map(({ keyId }) => keyId).join(', ') || 'none';
    throw refused(`Producer ${names.producer} has no such key.`, `It has ${has}.`);
  }
  const keys = producer.keys.map((key) =>
    meant.includes(key) ? { ...key, status: 'revoked' as const } : key,
  );
  if (meant.some(({ status }) => status === 'active'))
    await orChanged(ports.store.replaceKeys(producer, keys));
  for (const { apiKeyId } of meant) await ports.gateway.remove(apiKeyId);
  return keys.filter(({ hash: one }) => meant.some((key) => key.hash === one));
}

/** API Gateway's copy first: a credential without one would be refused at the door, and nobody would know why. */
async function issue(
  { store, gateway, now }: ProducerPorts,
  { tenant, producer, tier, keys }: Producer,
  expires: string | undefined,
  write: (key: ProducerKey) => Promise<void>,
): Promise<Issued> {
  const key = `wk_${randomBytes(32).toString('base64url')}`;
  const keyHash = hash('sha256', key);
  const keyId = keyHash.slice(0, 12);
  const prefix = `weir/${tenant}/${producer}/`;
  await gateway.removeStrays(prefix, new Set(keys.map(({ apiKeyId }) => apiKeyId)), now());
  const apiKeyId = await gateway.create(`${prefix}${keyId}`, key, tier);
  const end = expires === undefined ? {} : { expires };
  try {
    await write({ keyId, hash: keyHash, apiKeyId, status: 'active', created: iso(now()), ...end });
  } catch (error) {
    // An answer that was lost is no failure: what counts is what stands in the table.
    const failed = error instanceof ChangedMeanwhileError;
    const written = failed ? false : await store.hasCredential(keyHash).catch(() => undefined);
    if (written === false) await gateway.remove(apiKeyId).catch(() => {});
    if (!written) throw error;
  }
  return { key, keyId, ...end };
}

/** Copies of keys that have ended are of no use. */
async function removeEnded({ gateway, now }: ProducerPorts, keys: readonly ProducerKey[]): Promise<void> {
  for (const key of keys) if (!isLive(key, now())) await gateway.remove(key.apiKeyId);
}

async function required(
  { store }: ProducerPorts,
  { tenant, producer }: Pick<Producer, 'tenant' | 'producer'>,
): Promise<Producer> {
  const found = await store.find(tenant, producer);
  if (found) return found;
  throw refused(
    `Tenant ${tenant} has no producer ${producer}.`,
    'weir producers list shows those that there are.',
  );
}

async function orChanged<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    if (!(error instanceof ChangedMeanwhileError)) throw error;
    throw refused(
      'Somebody else changed this producer at the same moment.',
      'Nothing was done: look, and try again.',
    );
  }
}

function checkNew({ tenant, producer, types, scopes, tier }: NewProducer, tiers: readonly string[]): void {
  for (const [what, name] of Object.entries({ tenant, producer })) {
    if (!NAME.test(name)) {
      throw wrongUsage(
        `The ${what} "${name}" must be 1 to 64 letters, digits, dots, dashes and underscores.`,
      );
    }
  }
  if (tenant.toLowerCase() === RESERVED_TENANT)
    throw wrongUsage(`The tenant "${tenant}" is Weir's own name.`, 'Choose another.');
  const bad = types.find((type) => !TYPE.test(type) || type.startsWith(RESERVED_TYPE_PREFIX));
  if (bad !== undefined) {
    throw wrongUsage(
      `The type "${bad}" can't be granted.`,
      `Use exact types, a prefix such as network.*, or *; those of ${RESERVED_TYPE_PREFIX}* are Weir's own.`,
    );
  }
  if (scopes.includes('events:write') && types.length === 0)
    throw wrongUsage('A producer that writes needs --types.');
  if (!tiers.includes(tier))
    throw wrongUsage(`There is no tier "${tier}".`, `There are ${tiers.join(', ')}.`);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
