import { CERTIFICATE_KIND, type Certificate, type CertificateTotals } from './certificate.ts';
import type { CertifiedObject } from './chain-section.ts';

type Json = Readonly<Record<string, unknown>>;

/** Whether it has a certificate's form; what it says is another matter. */
export function isCertificate(value: unknown): value is Certificate {
  if (!isObject(value) || value.kind !== CERTIFICATE_KIND || value.v !== 1) return false;
  const { period, totals, shards } = value;
  return (
    areTexts(value, 'requestId', 'knownAt', 'issuedAt', 'verdict', 'sha256') &&
    isObject(period) &&
    isObject(totals) &&
    areWhole(totals, ...TOTALS) &&
    areWhole(value, 'findings') &&
    Array.isArray(shards) &&
    shards.every(isProof)
  );
}

const TOTALS: readonly (keyof CertificateTotals)[] = [
  ...(['objects', 'accepted', 'replayed', 'uncountable', 'identities', 'distinct', 'duplicates'] as const),
  ...(['repeats', 'counted', 'conflicts', 'failed', 'missing', 'quarantined'] as const),
];

function isProof(value: unknown): boolean {
  return (
    isObject(value) &&
    areTexts(value, 'shardId', 'start', 'end') &&
    Array.isArray(value.parents) &&
    value.parents.every((parent) => typeof parent === 'string') &&
    areWhole(value, 'objects', 'records', 'events') &&
    Array.isArray(value.proofs) &&
    value.proofs.every((proof) => isObject(proof) && areTexts(proof, 'file', 'sha256'))
  );
}

export function isCertifiedObject(value: unknown): value is CertifiedObject {
  return (
    isObject(value) &&
    areTexts(value, 'key', 'sha256', 'first', 'last', 'chain') &&
    areWhole(value, 'records', 'events', 'bytes') &&
    [value.first, value.last].every((sequence) => /^\d{1,128}$/.test(String(sequence)))
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areTexts(value: Json, ...names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === 'string');
}

function areWhole(value: Json, ...names: readonly string[]): boolean {
  return names.every((name) => Number.isSafeInteger(value[name]));
}
