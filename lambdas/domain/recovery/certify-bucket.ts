import type { Measured } from '../bucket.ts';
import { measureEvent, QUARANTINE_TYPE, type Refusal } from '../count-events.ts';
import { EntryTable } from '../entry-table.ts';
import { ENTRY_BYTES, hashIdentity, IDENTITY_BYTES } from '../identity.ts';
import { headKey, subjectKey } from '../keys.ts';
import type { NumberedRevision } from './fold-bucket.ts';
import type { LiveBucket } from './live-bucket.ts';
import type { RunResult } from './run.ts';
import type { EventLine } from './shuffle.ts';

type Fate = 'counted' | 'conflicts' | 'failed' | 'missing';

const MAX_SHOWN = 10;

/**
 * Accounts for the events of one bucket, by the names of `CertificateTotals`: each distinct (identity, content) is counted, or was refused and is in
 * quarantine, or is missing. Give it all lines of the bucket, whose refusals must be known before.
 */
export class BucketCertifier {
  readonly #live: Pick<LiveBucket, 'key' | 'found' | 'ids'>;
  readonly #own: NumberedRevision | undefined;
  /** First content of each identity. */
  readonly #contents = new EntryTable();
  /** Identity and content, in hex, of contents that came second. */
  readonly #others = new Set<string>();
  /** What only recovery has sent so far: its first sending is before the range, or there is none. */
  readonly #sentAgain = new Set<string>();
  /** Places of what seems missing, and what is in quarantine instead: of several sendings the last one decides. */
  readonly #missing = new Map<string, string>();
  readonly #refused = new Set<string>();
  readonly #counts = {
    ...{ identities: 0, distinct: 0, duplicates: 0, repeats: 0 },
    ...{ counted: 0, conflicts: 0, failed: 0, missing: 0 },
  };

  /**
   * @param live the bucket as it is now
   * @param own the revision by which it is counted, or would be; undefined where there is none
   */
  constructor(live: Pick<LiveBucket, 'key' | 'found' | 'ids'>, own: NumberedRevision | undefined) {
    this.#live = live;
    this.#own = own;
  }

  /** @param refused whether it is in quarantine: `Refusals` */
  take(line: EventLine, refused: boolean): void {
    const { entry, isMeasured } = this.#entryOf(line);
    const name = entry.toString('hex');
    if (this.#isNew(entry, name)) {
      this.#counts.distinct++;
      if (line.replay !== undefined) this.#sentAgain.add(name);
      const fate = this.#fateOf(entry, isMeasured, refused);
      if (fate === 'missing') this.#missing.set(name, line.origin);
      else this.#counts[fate]++;
      if (fate === 'failed' && refused && isMeasured) this.#refused.add(name);
      return;
    }
    if (line.replay !== undefined) this.#counts.repeats++;
    // The first sending comes after what recovery sent only where another log's clock says so.
    else if (this.#sentAgain.delete(name)) this.#counts.repeats++;
    else this.#counts.duplicates++;
    if (refused && this.#missing.delete(name)) {
      this.#counts.failed++;
      this.#refused.add(name);
    } else if (!refused && this.#refused.delete(name)) {
      this.#counts.failed--;
      this.#missing.set(name, line.origin);
    }
  }

  finish(): RunResult {
    const { key } = this.#live;
    const missing = [...this.#missing.values()];
    const isQuarantine = key.type === QUARANTINE_TYPE;
    const counts = { ...this.#counts, missing: missing.length };
    const findings =
      missing.length === 0
        ? []
        : [
            {
              kind: 'missing-events',
              where: `${subjectKey(key.tenant, key.subject)} ${headKey(key.type, key.window)}`,
              detail:
                `${missing.length} accepted events are neither counted here nor refused; their places in the log are ` +
                `${missing.slice(0, MAX_SHOWN).join(', ')}${missing.length > MAX_SHOWN ? ' and more' : ''}`,
              action: 'reconcile with "repair": true has them counted',
            },
          ];
    // Quarantine is beside what was accepted.
    return isQuarantine
      ? { counts: { quarantinedDistinct: counts.distinct, quarantinedMissing: counts.missing }, findings }
      : { counts, findings };
  }

  #isNew(entry: Buffer, name: string): boolean {
    const first = this.#contents.find(entry);
    if (first === undefined) {
      this.#contents.add(entry);
      this.#counts.identities++;
      return true;
    }
    if (first === entry.readUInt32BE(IDENTITY_BYTES) || this.#others.has(name)) return false;
    this.#others.add(name);
    return true;
  }

  #fateOf(entry: Buffer, isMeasured: boolean, refused: boolean): Fate {
    const held = this.#live.ids.find(entry);
    if (held !== undefined)
      return isMeasured && held === entry.readUInt32BE(IDENTITY_BYTES) ? 'counted' : 'conflicts';
    // A head that can't be read says nothing of what it would refuse.
    const isRefusedHere = !isMeasured && (this.#own !== undefined || this.#live.found === undefined);
    return refused || isRefusedHere ? 'failed' : 'missing';
  }

  /** 12 bytes of the identity, 4 of the content: as state has it, or, of what can't be measured, of why. */
  #entryOf(line: EventLine): { readonly entry: Buffer; readonly isMeasured: boolean } {
    const measured = this.#measured(line);
    const entry = Buffer.alloc(ENTRY_BYTES);
    if ('identity' in measured) {
      measured.identity.copy(entry, 0, 0, IDENTITY_BYTES);
      measured.digest.copy(entry, IDENTITY_BYTES, 0, ENTRY_BYTES - IDENTITY_BYTES);
      return { entry, isMeasured: true };
    }
    hashIdentity(line.key.tenant, line.source, line.id).copy(entry, 0, 0, IDENTITY_BYTES);
    entry.write(measured.code, IDENTITY_BYTES);
    return { entry, isMeasured: false };
  }

  #measured(line: EventLine): Measured | Pick<Refusal, 'code'> {
    if (!this.#own) return { code: 'no-revision' };
    try {
      return measureEvent(line, this.#own.revision);
    } catch {
      return { code: 'projection-failed' };
    }
  }
}
