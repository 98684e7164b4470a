import type { QuarantineCode } from './envelope.ts';
import { hashParts } from './identity.ts';

/** What makes two quarantined inputs one cause. */
export interface Cause {
  readonly tenant: string;
  readonly producer: string;
  readonly code: QuarantineCode;
  readonly type?: string;
  readonly schema?: number;
  /** Place in the schema (or the attribute's name), never a place in the input: an array index is no cause. */
  readonly place?: string;
}

/** 32 hex digits that stand for a cause: the line under which its inputs are counted, shown and redriven. */
export function fingerprintOf(cause: Cause): string {
  const { tenant, producer, code, type = '', schema, place = '' } = cause;
  return hashParts([
    tenant,
    producer,
    code,
    type,
    schema === undefined ? '' : String(schema),
    place,
  ]).toString('hex', 0, 16);
}

/** The line for all causes of a producer beyond its cap. */
export function overflowFingerprint(tenant: string, producer: string): string {
  return hashParts([tenant, producer, 'overflow']).toString('hex', 0, 16);
}

/** Causes that one producer may have before the rest share a line: types and pointers are a sender's to invent. */
export const MAX_FINGERPRINTS = 100;

/** Which fingerprints a producer has. */
export interface FingerprintRegistry {
  /**
   * The fingerprint itself if the producer has it already or has room for it, else the producer's overflow fingerprint.
   * @throws where the registry can't be reached; the caller decides what that means.
   */
  admit(tenant: string, producer: string, fingerprint: string): Promise<string>;
}
