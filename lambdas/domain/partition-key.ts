import { hashParts } from './identity.ts';

/**
 * The log's partition key: 32 hex digits of SHA-256(tenant, subject). A hash, as keys show in shard metrics and
 * throttling records, where a subject has no business. Quarantine uses its fingerprint as the subject, so that one
 * bucket's records stay in one shard.
 */
export function partitionKeyOf(tenant: string, subject: string): string {
  return hashParts([tenant, subject]).toString('hex', 0, 16);
}
