import { sha256Hex } from '../manifest.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ShardProof } from './chain-section.ts';

export const CERTIFICATE_KIND = 'weir.completeness';

/** Sums that docs/certificate.md explains. Those of events are of records that arrived in the period. */
export interface CertificateTotals {
  /** Listed. */
  readonly objects: number;
  /** In envelopes sent for the first time, and in those that recovery has sent. */
  readonly accepted: number;
  readonly replayed: number;
  /** Of both, without a place in any bucket: of no type that the build has. They are in quarantine. */
  readonly uncountable: number;
  /** Distinct (tenant, source, id) by bucket. */
  readonly identities: number;
  /** Distinct identities with distinct content: `counted + conflicts + failed + missing`. */
  readonly distinct: number;
  /** Of `accepted`, what had been accepted before in the period; of `replayed`, likewise. */
  readonly duplicates: number;
  readonly repeats: number;
  readonly counted: number;
  /** An event of the same identity and other content is counted instead. */
  readonly conflicts: number;
  /** Refused by the projector, and in quarantine. */
  readonly failed: number;
  readonly missing: number;
  /** Pieces of quarantine. */
  readonly quarantined: number;
}

/** Says of a period what was accepted, where it is, and what became of it: docs/certificate.md. */
export interface Certificate {
  readonly kind: typeof CERTIFICATE_KIND;
  readonly v: 1;
  readonly requestId: string;
  /** RFC 3339. Of arrival in the log: `from` inclusive, `to` exclusive. */
  readonly period: { readonly from?: string; readonly to?: string };
  /** All that was acknowledged before then is in it. */
  readonly knownAt: string;
  readonly issuedAt: string;
  /** What the objects are is in the proof files beside the certificate, which it has the hashes of. */
  readonly shards: readonly ShardProof[];
  readonly totals: CertificateTotals;
  /** What verify found wrong; the run says what. */
  readonly findings: number;
  /** Complete: nothing was found, and nothing is missing. */
  readonly verdict: 'complete' | 'incomplete';
  /** Of the certificate without this, as {@link canonicalJson}. */
  readonly sha256: string;
}

/** What a certificate is made of. */
export interface Certified
  extends Pick<Certificate, 'requestId' | 'period' | 'knownAt' | 'issuedAt' | 'shards' | 'findings'> {
  /** Counts of all stages together, by name. */
  readonly counts: Readonly<Record<string, number>>;
}

export function issueCertificate({ counts, ...certified }: Certified): Certificate {
  const totals: CertificateTotals = {
    objects: certified.shards.reduce((sum, { objects }) => sum + objects, 0),
    accepted: counts.accepted ?? 0,
    replayed: counts.replayed ?? 0,
    uncountable: counts.uncountable ?? 0,
    identities: counts.identities ?? 0,
    distinct: counts.distinct ?? 0,
    duplicates: counts.duplicates ?? 0,
    repeats: counts.repeats ?? 0,
    counted: counts.counted ?? 0,
    conflicts: counts.conflicts ?? 0,
    failed: counts.failed ?? 0,
    missing: counts.missing ?? 0,
    quarantined: counts.quarantined ?? 0,
  };
  const verdict = verdictOf(totals, certified.findings);
  const certificate = { kind: CERTIFICATE_KIND, v: 1, ...certified, totals, verdict } as const;
  return { ...certificate, sha256: certificateHash(certificate) };
}

export function verdictOf(totals: CertificateTotals, findings: number): Certificate['verdict'] {
  return totals.missing === 0 && findings === 0 && addingMistakes(totals).length === 0
    ? 'complete'
    : 'incomplete';
}

/** Which sums of a certificate don't come out. */
export function addingMistakes(totals: CertificateTotals): readonly string[] {
  const { accepted, replayed, uncountable, identities, distinct, duplicates, repeats } = totals;
  const { counted, conflicts, failed, missing } = totals;
  const mistakes: string[] = [];
  if (counted + conflicts + failed + missing !== distinct)
    mistakes.push(
      `${counted} counted, ${conflicts} conflicts, ${failed} failed and ${missing} missing are not ${distinct} distinct`,
    );
  if (distinct + duplicates + repeats + uncountable !== accepted + replayed)
    mistakes.push(
      `${distinct} distinct, ${duplicates} duplicates, ${repeats} repeats and ${uncountable} uncountable are not ` +
        `${accepted} accepted and ${replayed} replayed`,
    );
  if (identities > distinct)
    mistakes.push(`there can’t be ${identities} identities of ${distinct} distinct events`);
  return mistakes;
}

export function certificateHash(certificate: Omit<Certificate, 'sha256'>): string {
  return sha256Hex(Buffer.from(canonicalJson(certificate)));
}
