import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { describeDifference } from '../domain/recovery/describe-difference.ts';
import type { Did, Difference } from '../domain/recovery/difference.ts';
import type { RunFiles } from '../domain/recovery/ports.ts';
import { nameOfBucket } from '../domain/recovery/review-bucket.ts';
import { type Finding, MAX_FINDINGS, runFiles } from '../domain/recovery/run.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

type Rebuilt = Extract<Did, { kind: 'rebuilt' }>;

/**
 * What the fold of one partition has found and done. It is written before any bucket is written anew, as a list of what
 * is about to be: so that whoever takes up the work after a crash knows what was wrong before, and the way back is known.
 */
export class DifferencesFile {
  readonly #files: Pick<RunFiles, 'get' | 'put'>;
  readonly #requestId: string;
  readonly #name: string;
  readonly #byName = new Map<string, Difference>();
  /** What was about to be written, and is not known to be. */
  readonly #intended = new Map<string, Rebuilt>();
  /** Of these it is known that they were not written. */
  readonly #dropped = new Set<string>();
  readonly #resent = new Set<string>();

  constructor(files: Pick<RunFiles, 'get' | 'put'>, requestId: string, partition: number) {
    this.#files = files;
    this.#requestId = requestId;
    this.#name = runFiles.differences(partition);
  }

  /** Takes in what an earlier attempt has left. */
  async resume(): Promise<void> {
    for (const difference of await readDifferences(this.#files, this.#requestId, this.#name)) {
      this.#byName.set(nameOf(difference), difference);
      if (difference.kind === 'rebuilt') this.#intended.set(nameOfBucket(difference.bucket), difference);
    }
  }

  add(differences: readonly Difference[]): void {
    for (const difference of differences) this.#byName.set(nameOf(difference), difference);
  }

  /** Says that the bucket is about to be written anew. */
  intend(rebuilt: Rebuilt): void {
    const whole = this.#fromTheFirst(rebuilt);
    this.add([whole]);
    this.#dropped.delete(nameOf(whole));
    this.#intended.set(nameOfBucket(rebuilt.bucket), whole);
  }

  /** It was written. */
  rebuilt(rebuilt: Rebuilt): void {
    this.add([this.#fromTheFirst(rebuilt)]);
    this.#intended.delete(nameOfBucket(rebuilt.bucket));
  }

  /** An earlier attempt may have written the bucket before: the way back leads to what was there before that. */
  #fromTheFirst(rebuilt: Rebuilt): Rebuilt {
    const earlier = this.#byName.get(nameOf(rebuilt));
    if (earlier?.kind !== 'rebuilt') return rebuilt;
    if (earlier.newEpoch !== rebuilt.oldEpoch && earlier.newEpoch !== rebuilt.newEpoch) return rebuilt;
    const { oldEpoch: _, ...written } = rebuilt;
    return { ...written, ...(earlier.oldEpoch !== undefined && { oldEpoch: earlier.oldEpoch }) };
  }

  noteResent(name: string): void {
    this.#resent.add(name);
  }

  /**
   * No more is done about a bucket, which stands under this epoch. If it was to be written under this one, it was, and
   * only the answer was lost, or who wrote it died; under another, it was not.
   */
  settle(name: string, epoch: number | undefined): void {
    const intended = this.#intended.get(name);
    if (intended && intended.newEpoch !== epoch) {
      this.#byName.delete(nameOf(intended));
      this.#dropped.add(nameOf(intended));
    }
    this.#intended.delete(name);
  }

  /** Takes along what another worker on the same partition has written anew: its way back must not be lost. */
  async write(): Promise<void> {
    for (const difference of await readDifferences(this.#files, this.#requestId, this.#name)) {
      const name = nameOf(difference);
      const isNews = !this.#byName.has(name) && !this.#dropped.has(name);
      if (difference.kind === 'rebuilt' && isNews) this.#byName.set(name, difference);
    }
    const text = [...this.#byName.values()].map((each) => `${JSON.stringify(each)}\n`).join('');
    await this.#files.put(this.#requestId, this.#name, await compress(text));
  }

  get size(): number {
    return this.#byName.size;
  }

  /** What was found and done, in numbers. */
  counts(): Readonly<Record<string, number>> {
    const differing = new Set<string>();
    const counts = { bucketsRewritten: 0, bucketsRestored: 0, bucketsMoving: 0, conflicts: 0, changes: 0 };
    let eventsExtra = 0;
    for (const each of this.#byName.values()) {
      if (each.kind === 'rebuilt') counts.bucketsRewritten++;
      else if (each.kind === 'restored') counts.bucketsRestored++;
      else if (each.kind === 'preview') counts.changes++;
      else if (each.kind === 'two-contents') counts.conflicts += each.of.length;
      else if (each.kind === 'moving') counts.bucketsMoving++;
      else differing.add(nameOfBucket(each.bucket));
      if (each.kind === 'extra-bucket') eventsExtra += each.events;
      if (each.kind === 'extra-ids') eventsExtra += each.ids;
    }
    return { ...counts, eventsExtra, bucketsDiffering: differing.size };
  }

  /** The first ones for people. */
  findings(doing: { readonly repair: boolean; readonly damaged: boolean }): readonly Finding[] {
    const epochs = new Map<string, number>();
    for (const each of this.#byName.values())
      if (each.kind === 'rebuilt') epochs.set(nameOfBucket(each.bucket), each.newEpoch);
    const findings: Finding[] = [];
    for (const difference of this.#byName.values()) {
      const name = nameOfBucket(difference.bucket);
      const done = { rewritten: epochs.get(name), resent: this.#resent.has(name) };
      const finding = describeDifference(difference, { ...doing, ...done });
      if (finding) findings.push(finding);
      if (findings.length === MAX_FINDINGS) break;
    }
    return findings;
  }
}

/** One of each kind for a bucket; of a preview one for each row. */
function nameOf(difference: Difference): string {
  const row = difference.kind === 'preview' ? `${difference.meter} ${difference.group}` : '';
  return `${difference.kind} ${nameOfBucket(difference.bucket)} ${row}`;
}

/** The differences in one of a run's files; none where it is not there. */
export async function readDifferences(
  files: Pick<RunFiles, 'get'>,
  requestId: string,
  name: string,
): Promise<readonly Difference[]> {
  const bytes = await files.get(requestId, name);
  if (!bytes) return [];
  const text = (await decompress(bytes)).toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Difference);
}
