import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Scheme } from './scheme.ts';
import { type KeyForm, signingOf } from './signing.ts';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const ED25519_KEY_BYTES = 32;
/** Least length of a secret: 128 bits written in hex would be 32, and what providers make up has at least 22. */
const MIN_CHARACTERS = 16;
const MIN_KEY_BYTES = 16;

/** The key of an HMAC. Undefined where the secret can't be one: an empty key would let everyone sign. */
export function hmacKey(form: Exclude<KeyForm, 'whpk'>, secret: string): Buffer | string | undefined {
  if (form === 'text') return secret === '' ? undefined : secret;
  return decodeKey('whsec_', secret);
}

/** An ed25519 public key as Standard Webhooks writes it (`whpk_` and base64 of its 32 bytes). Undefined if it is none. */
export function publicKey(secret: string): KeyObject | undefined {
  const key = decodeKey('whpk_', secret);
  if (key?.length !== ED25519_KEY_BYTES) return undefined;
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') },
    format: 'jwk',
  });
}

function decodeKey(prefix: string, secret: string): Buffer | undefined {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  if (!BASE64.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  return key.length > 0 ? key : undefined;
}

/**
 * Says what is wrong with a secret that an operator gives for a scheme, without repeating it; undefined if nothing is.
 * Asked when a secret is added, since verifying takes an unusable one for one that nobody has signed with.
 */
export function checkSecret(scheme: Scheme, secret: string): string | undefined {
  if (!/^[!-~]+$/.test(secret))
    return 'must be visible ASCII characters: a space or line break was perhaps copied with it';
  const form = scheme.kind === 'token' ? 'text' : signingOf(scheme).key;
  if (form === 'whpk') return checkPublicKey(secret);
  if (form === 'whsec') {
    const key = hmacKey(form, secret);
    return key && key.length >= MIN_KEY_BYTES
      ? undefined
      : `must be "whsec_" and at least ${MIN_KEY_BYTES} bytes in base64`;
  }
  return secret.length >= MIN_CHARACTERS ? undefined : `must be at least ${MIN_CHARACTERS} characters long`;
}

function checkPublicKey(secret: string): string | undefined {
  if (secret.startsWith('whsk_'))
    return 'is the private key, which only the sender may have: give the public one ("whpk_")';
  return publicKey(secret) ? undefined : `must be "whpk_" and ${ED25519_KEY_BYTES} bytes in base64`;
}
