import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Scope } from '../../lambdas/domain/credential.ts';
import { encodePart } from '../../lambdas/domain/keys.ts';
import { tenantKey } from '../platform/tenant-items.ts';

/** A producer as the control table has it. */
export interface Producer {
  readonly tenant: string;
  readonly producer: string;
  readonly types: readonly string[];
  readonly scopes: readonly Scope[];
  /** Names its usage plan, which limits its requests. */
  readonly tier: string;
  /** RFC 3339. */
  readonly created: string;
  /** In the order made; ended ones stay in the list. */
  readonly keys: readonly ProducerKey[];
}

export interface ProducerKey {
  /** First twelve hex digits of the hash: names the key in logs and lists. */
  readonly keyId: string;
  /** SHA-256 of the key, 64 hex digits. */
  readonly hash: string;
  /** API Gateway's id of its copy. */
  readonly apiKeyId: string;
  readonly status: 'active' | 'revoked';
  readonly created: string;
  /** RFC 3339; absent where it has no end. */
  readonly expires?: string;
}

type Item = Record<string, AttributeValue>;

export function producerKey(producer: string): string {
  return `PRODUCER#${encodePart(producer)}`;
}

export function credentialKey(hash: string): Item {
  return { pk: { S: `KEY#${hash}` }, sk: { S: 'KEY' } };
}

export function isLive(key: ProducerKey, now: number): boolean {
  return key.status === 'active' && (key.expires === undefined || Date.parse(key.expires) > now);
}

export function encodeProducer(producer: Producer): Item {
  return {
    pk: { S: tenantKey(producer.tenant) },
    sk: { S: producerKey(producer.producer) },
    tenant: { S: producer.tenant },
    producer: { S: producer.producer },
    types: texts(producer.types),
    scopes: texts(producer.scopes),
    tier: { S: producer.tier },
    created: { S: producer.created },
    keys: encodeKeys(producer.keys),
  };
}

export function encodeKeys(keys: readonly ProducerKey[]): AttributeValue {
  return {
    L: keys.map(({ keyId, hash, apiKeyId, status, created, expires }) => ({
      M: {
        keyId: { S: keyId },
        hash: { S: hash },
        apiKeyId: { S: apiKeyId },
        status: { S: status },
        created: { S: created },
        ...(expires !== undefined && { expires: { S: expires } }),
      },
    })),
  };
}

export function decodeProducer(item: Item): Producer {
  return {
    tenant: textOf(item.tenant),
    producer: textOf(item.producer),
    types: item.types?.L?.map(textOf) ?? [],
    scopes: (item.scopes?.L?.map(textOf) ?? []) as Scope[],
    tier: textOf(item.tier),
    created: textOf(item.created),
    keys: item.keys?.L?.map(({ M = {} }) => decodeKey(M)) ?? [],
  };
}

function decodeKey(item: Item): ProducerKey {
  const expires = item.expires?.S;
  return {
    keyId: textOf(item.keyId),
    hash: textOf(item.hash),
    apiKeyId: textOf(item.apiKeyId),
    status: item.status?.S === 'active' ? 'active' : 'revoked',
    created: textOf(item.created),
    ...(expires !== undefined && { expires }),
  };
}

/** What ingest reads to know whom a key stands for. */
export function encodeCredential(
  producer: Omit<Producer, 'keys' | 'tier' | 'created'>,
  key: ProducerKey,
): Item {
  return {
    ...credentialKey(key.hash),
    tenant: { S: producer.tenant },
    producer: { S: producer.producer },
    types: texts(producer.types),
    scopes: texts(producer.scopes),
    status: { S: key.status },
    keyId: { S: key.keyId },
    ...(key.expires !== undefined && { expires: { S: key.expires } }),
  };
}

function texts(values: readonly string[]): AttributeValue {
  return { L: values.map((value) => ({ S: value })) };
}

function textOf(value: AttributeValue | undefined): string {
  return value?.S ?? '';
}
