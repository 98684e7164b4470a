import type { BucketKey } from '../domain/bucket.ts';
import { AckAccount } from '../domain/recovery/account-acks.ts';
import { ResultSum } from '../domain/recovery/add-up-results.ts';
import { BucketCertifier } from '../domain/recovery/certify-bucket.ts';
import { ownRevision } from '../domain/recovery/choose-revision.ts';
import { IdentitySearch } from '../domain/recovery/find-identities.ts';
import { nameOfBucket } from '../domain/recovery/review-bucket.ts';
import type { RunResult } from '../domain/recovery/run.ts';
import type { EventLine } from '../domain/recovery/shuffle.ts';
import { ensureGoing } from './ensure-going.ts';
import type { Fold, FoldPorts } from './fold-ports.ts';
import { lookAtBuckets } from './look-at-buckets.ts';
import { readLater } from './read-later.ts';
import { type Contents, feed, readContents } from './read-partition.ts';

/** Buckets held at once. */
const MAX_BUCKETS = 50_000;

/** Accounts for acknowledged numbers. */
export async function accountForNumbers({ shuffled }: Fold): Promise<RunResult> {
  const account = new AckAccount();
  for await (const line of shuffled.lines()) if (line.kind === 'ack') account.take(line);
  return account.result();
}

/** Finds identities that are in two buckets. */
export async function findIdentities({ shuffled }: Fold): Promise<RunResult> {
  const search = new IdentitySearch();
  for await (const line of shuffled.lines()) if (line.kind === 'identity') search.take(line);
  return search.result();
}

/** Accounts for every event of the partition's buckets. */
export async function certifyBuckets(contents: Contents, fold: Fold, ports: FoldPorts): Promise<RunResult> {
  const sum = new ResultSum();
  const keys = [...contents.keys.values()];
  for (let at = 0; at < keys.length; at += MAX_BUCKETS) {
    const first = await certify(keys.slice(at, at + MAX_BUCKETS), contents, fold, ports);
    const doubtful = [...first].filter(([, { findings }]) => findings.length > 0).map(([key]) => key);
    // The projector may have refused them after the run was planned: that is in the archive by now.
    const second = doubtful.length > 0 ? await certifyLater(doubtful, contents, fold, ports) : undefined;
    for (const [key, result] of first) sum.add(second?.get(key) ?? result);
  }
  return sum.result();
}

async function certifyLater(
  keys: readonly BucketKey[],
  contents: Contents,
  fold: Fold,
  ports: FoldPorts,
): Promise<ReadonlyMap<BucketKey, RunResult>> {
  const later = await readLater(fold, ports);
  await readContents(later, { ...contents, keys: new Map(), events: 0 });
  return certify(keys, contents, fold, ports);
}

async function certify(
  keys: readonly BucketKey[],
  contents: Contents,
  fold: Fold,
  ports: FoldPorts,
): Promise<ReadonlyMap<BucketKey, RunResult>> {
  await ensureGoing(fold, ports);
  const certifiers = new Map<string, Certifying>();
  for (const live of await lookAtBuckets(keys, fold, ports)) {
    const own = ownRevision(ports.contracts, live.key, live.found);
    certifiers.set(nameOfBucket(live.key), new Certifying(new BucketCertifier(live, own)));
  }
  await feed(fold.shuffled, certifiers, contents, fold.plan);
  return new Map(keys.map((key) => [key, certifiers.get(nameOfBucket(key))!.finish()]));
}

class Certifying {
  readonly #certifier: BucketCertifier;

  constructor(certifier: BucketCertifier) {
    this.#certifier = certifier;
  }

  take(line: EventLine, { refused }: { readonly refused: boolean }): number {
    this.#certifier.take(line, refused);
    return 0;
  }

  /** It holds no events. */
  flush(): void {}

  finish(): RunResult {
    return this.#certifier.finish();
  }
}
