import { sha256Hex } from '../manifest.ts';
import type { Certificate, CertificateTotals } from './certificate.ts';
import type { CertifiedObject } from './chain-section.ts';
import { differenceOf, recordsIn } from './read-object.ts';

/** A file that whoever checks has at hand: of a certificate's proofs, or of the archive. */
export interface GivenFile {
  readonly bytes: Uint8Array;
  /** The bytes inflated. */
  readonly text: string;
}

/** Files by name, each looked up when it is needed, so that all of them need not be in memory. */
export type GivenFiles = Pick<ReadonlyMap<string, GivenFile>, 'get'>;

export const NOTHING_GIVEN: GivenFiles = new Map();

/** Holds archive objects against what proofs say of them, one at a time, and adds up what is in them. */
export class ArchiveCheck {
  readonly #totals: CertificateTotals;
  readonly #given: GivenFiles;
  readonly #sent: SentInPeriod;
  readonly #problems: string[] = [];
  #isAllGiven: boolean;

  constructor({ period, totals }: Certificate, given: GivenFiles) {
    this.#totals = totals;
    this.#given = given;
    this.#sent = new SentInPeriod(period);
    this.#isAllGiven = given !== NOTHING_GIVEN;
  }

  add(object: CertifiedObject, shardId: string): void {
    const found = this.#given.get(object.key);
    if (!found) this.#isAllGiven = false;
    else
      this.#problems.push(
        ...differences(object, shardId, found, this.#sent).map((what) => `${object.key}: ${what}`),
      );
  }

  /** There are objects of which nothing is known. */
  leaveOut(): void {
    this.#isAllGiven = false;
  }

  problems(): readonly string[] {
    return this.#isAllGiven && this.#problems.length === 0
      ? this.#sent.problems(this.#totals)
      : this.#problems;
  }
}

function differences(
  object: CertifiedObject,
  shardId: string,
  { bytes, text }: GivenFile,
  sent: SentInPeriod,
): readonly string[] {
  const sha256 = sha256Hex(bytes);
  if (sha256 !== object.sha256) return [`its SHA-256 is ${sha256}, not ${object.sha256}`];
  const difference = differenceOf(text, { ...object, shardId, versionId: '' });
  if (difference !== undefined) return [difference];
  const events = sent.add(text, shardId);
  const problems: string[] = [];
  if (events !== object.events) problems.push(`it holds ${events} events, not ${object.events}`);
  if (bytes.length !== object.bytes) problems.push(`it has ${bytes.length} bytes, not ${object.bytes}`);
  return problems;
}

/** Counts afresh what arrived in the period. */
class SentInPeriod {
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #counts = { accepted: 0, replayed: 0, quarantined: 0 };

  constructor({ from, to }: Certificate['period']) {
    this.#fromMs = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
    this.#toMs = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to);
  }

  /** @returns the object's events, whenever they arrived */
  add(text: string, shardId: string): number {
    let events = 0;
    for (const { envelope, arrived } of recordsIn(text, shardId)) {
      if (!envelope || 'mark' in envelope) continue;
      const arrivedMs = Date.parse(arrived);
      const isInPeriod = arrivedMs >= this.#fromMs && arrivedMs < this.#toMs;
      if ('quarantine' in envelope) {
        if (isInPeriod) this.#counts.quarantined++;
        continue;
      }
      events += envelope.events.length;
      if (isInPeriod)
        this.#counts[envelope.replay === undefined ? 'accepted' : 'replayed'] += envelope.events.length;
    }
    return events;
  }

  problems(totals: CertificateTotals): readonly string[] {
    return (['accepted', 'replayed', 'quarantined'] as const)
      .filter((name) => totals[name] !== this.#counts[name])
      .map((name) => `its objects hold ${this.#counts[name]} ${name}, and it says ${totals[name]}`);
  }
}
