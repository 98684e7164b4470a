import type { BucketKey } from '../bucket.ts';
import { type Contracts, revisionInForce } from '../contract.ts';
import { contractOf } from '../count-events.ts';
import { windowStart } from '../window.ts';
import type { NumberedRevision } from './fold-bucket.ts';
import type { FoundBucket } from './ports.ts';
import type { RunRequest } from './request.ts';
import { RunRefusedError } from './run.ts';

/** The revision that a bucket of this key is counted by, if it is a new one; undefined where none is in force. */
export function inForce(contracts: Contracts, key: BucketKey): NumberedRevision | undefined {
  const contract = contractOf(contracts, key.type);
  const number = contract && revisionInForce(contract, windowStart(key.window));
  return number === undefined ? undefined : numbered(contracts, key.type, number);
}

/** The revision that state counts it by. Undefined where its head can't be read. */
export function ownRevision(
  contracts: Contracts,
  key: BucketKey,
  found: FoundBucket | undefined,
): NumberedRevision | undefined {
  if (!found) return inForce(contracts, key);
  return found.head && numbered(contracts, key.type, found.head.bucket.revision);
}

/** The revision that a run folds by. @throws RunRefusedError where there is none of the number asked for */
export function targetRevision(
  contracts: Contracts,
  key: BucketKey,
  revisions: Readonly<Record<string, number>> = {},
): NumberedRevision | undefined {
  const asked = Object.hasOwn(revisions, key.type) ? revisions[key.type] : undefined;
  if (asked === undefined) return inForce(contracts, key);
  const target = numbered(contracts, key.type, asked);
  if (!target)
    throw new RunRefusedError(
      `"${key.type}" has no revision ${asked}: "revisions" must name one that it has`,
    );
  return target;
}

/** A revision that this build does not have: the head is another build's. */
export function isOfOtherBuild(contracts: Contracts, key: BucketKey, { item }: FoundBucket): boolean {
  const number = item.revision && 'N' in item.revision ? Number(item.revision.N) : Number.NaN;
  return Number.isSafeInteger(number) && number >= 1 && !numbered(contracts, key.type, number);
}

/** The build's contracts, with the revisions that a preview brings along. */
export function contractsOf(contracts: Contracts, request: RunRequest): Contracts {
  if (request.verb !== 'preview' || !request.contracts) return contracts;
  const merged = new Map(contracts);
  for (const [type, revisions] of Object.entries(request.contracts)) {
    const contract = contracts.get(type);
    if (!contract) throw new RunRefusedError(`"contracts" names "${type}", which this build does not have`);
    merged.set(type, { ...contract, revisions });
  }
  return merged;
}

const known = new WeakMap<object, NumberedRevision>();

/** The same object each time, so that one revision is compared with another by identity. */
function numbered(contracts: Contracts, type: string, number: number): NumberedRevision | undefined {
  const revision = contractOf(contracts, type)?.revisions[number - 1];
  if (!revision) return undefined;
  let each = known.get(revision);
  if (!each) {
    each = { number, revision };
    known.set(revision, each);
  }
  return each;
}
