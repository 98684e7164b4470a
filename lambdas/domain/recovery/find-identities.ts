import type { BucketKey } from '../bucket.ts';
import { headKey, subjectKey } from '../keys.ts';
import type { Finding, RunResult } from './run.ts';
import type { IdentityLine } from './shuffle.ts';

interface Sighting {
  readonly bucket: string;
  readonly origin: string;
}

/**
 * Finds one identity in two buckets: a sender that repeats an event's id but not its time or subject has it counted
 * twice, which the door can't see. Takes the lines of whole identities, in any order.
 *
 * Buckets are few beside identities, so their names are held once.
 */
export class IdentitySearch {
  readonly #names = new Map<string, string>();
  readonly #first = new Map<string, Sighting>();
  readonly #others = new Map<string, Map<string, string>>();

  take({ identity, key, origin }: IdentityLine): void {
    const bucket = this.#nameOf(key);
    const first = this.#first.get(identity);
    if (!first) {
      this.#first.set(identity, { bucket, origin });
    } else if (first.bucket !== bucket) {
      const others = this.#others.get(identity) ?? new Map<string, string>();
      this.#others.set(identity, others);
      if (!others.has(bucket)) others.set(bucket, origin);
    }
  }

  result(): RunResult {
    const findings: Finding[] = [];
    for (const [identity, others] of this.#others) {
      const first = this.#first.get(identity)!;
      const places = [[first.bucket, first.origin] as const, ...others].sort(([a], [b]) => (a < b ? -1 : 1));
      findings.push({
        kind: 'identity-twice',
        where: `identity ${identity}`,
        detail: `in ${places.length} buckets: ${places.map(([bucket, origin]) => `${bucket} (${origin})`).join('; ')}`,
        action:
          'Its sender has sent one id with two times, subjects or types: if it is one event, it is counted twice. ' +
          'Have the sender repeat an event as it was',
      });
    }
    return { counts: { identities: this.#first.size, identitiesTwice: findings.length }, findings };
  }

  #nameOf(key: BucketKey): string {
    const name = `${subjectKey(key.tenant, key.subject)} ${headKey(key.type, key.window)}`;
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    this.#names.set(name, name);
    return name;
  }
}
