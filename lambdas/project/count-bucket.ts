import type { Bucket, BucketKey, Measured, Page, Verdict } from '../domain/bucket.ts';
import type { Contracts } from '../domain/contract.ts';
import {
  type Countable,
  measureEvent,
  type Refusal,
  revisionNumber,
  revisionOf,
} from '../domain/count-events.ts';
import type { QuarantineCode } from '../domain/envelope.ts';
import { evolve, newBucket } from '../domain/evolve.ts';
import { type Head, newPageKey } from '../domain/head-item.ts';
import { roomFor, sealIfFull } from '../domain/seal.ts';
import type { StateStore } from '../domain/state-store.ts';
import { touchedAgain } from '../domain/touched.ts';
import { backoffMs, patiently, type Waiting } from '../platform/patience.ts';
import type { SealedPages } from './sealed-pages.ts';

/** What became of one event: counted, known already, or refused with the words of its quarantine. */
export type Outcome = 'counted' | 'duplicate' | Refusal;

export interface CountPorts {
  readonly contracts: Contracts;
  readonly state: StateStore;
  readonly sealed: SealedPages;
}

/** Where in the log the events come from. */
export interface Arrival {
  /** Shard and sequence number of the last of them. */
  readonly upTo: string;
  /** UTC month in which they arrived, `YYYY-MM`. */
  readonly month: string;
}

/** Other writers kept winning; the batch is taken again from its first record that is not counted. */
export class ContendedError extends Error {
  override readonly name = 'ContendedError';
}

const MAX_RACES = 12;

/**
 * Counts events into one bucket: reads what is there, drops what is known, folds the rest and writes it under the
 * condition that the head is still what was read. That one write is both the deduplication and the count, so there is
 * no moment between the two to crash in. Where nothing is new, nothing is written.
 *
 * @param head as read, stale or not: a stale one only fails the condition, which returns the current one
 * @returns an outcome for each event, in order
 * @throws PageMissingError, ContendedError, UnknownRevisionError, and what the store throws until the deadline
 */
export async function countBucket(
  key: BucketKey,
  events: readonly Countable[],
  head: Head | undefined,
  arrival: Arrival,
  ports: CountPorts,
  waiting: Waiting,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let current = head;
  let races = 0;
  while (outcomes.length < events.length) {
    const step = await nextStep(key, events.slice(outcomes.length), current, arrival, ports, waiting);
    if (step.write) {
      const won = await writeStep(key, step.write, current?.v, ports, waiting);
      if (won.written) {
        current = step.write.head;
      } else {
        if (++races > MAX_RACES)
          throw new ContendedError(`${key.type} ${key.window}: lost ${races} races for the head`);
        current = won.current;
        await waiting.sleep(backoffMs(races, waiting.random));
        continue;
      }
    }
    outcomes.push(...step.outcomes);
  }
  return outcomes;
}

interface Step {
  readonly outcomes: readonly Outcome[];
  readonly write?: { readonly head: Head; readonly page?: Page };
}

/** Folds as many of the events as one page can take. */
async function nextStep(
  key: BucketKey,
  events: readonly Countable[],
  head: Head | undefined,
  arrival: Arrival,
  { contracts, sealed }: CountPorts,
  waiting: Waiting,
): Promise<Step> {
  const number = revisionOf(contracts, key, head?.bucket);
  if (number === undefined) return { outcomes: events.map(() => NO_REVISION) };
  const revision = revisionNumber(contracts, key.type, number);
  const before = head?.bucket ?? newBucket(number, 1);
  const taken = events.slice(0, roomFor(before, revision.meters));
  const measured = taken.map((event) => tryToMeasure(event, revision));
  const countable = measured.filter(isMeasured);
  const known = await patiently(() => sealed.of(key, head?.bucket), waiting);
  const { bucket, verdicts } = evolve(before, countable, known);
  const outcomes = mergeOutcomes(measured, verdicts);
  if (bucket === before) return { outcomes };
  const next = nextHead(key, head, bucket, arrival);
  return {
    outcomes,
    write: sealIfFull(next, revision.meters, () => newPageKey(key, bucket.epoch, waiting.random.hex(12))),
  };
}

/** The page goes first: a crash before the head leaves an orphan that no chain names. */
async function writeStep(
  key: BucketKey,
  { head, page }: NonNullable<Step['write']>,
  seen: number | undefined,
  { state, sealed }: CountPorts,
  waiting: Waiting,
) {
  if (page) await patiently(() => state.putPage(key, page), waiting);
  const write = await patiently(() => state.putHead(head, seen), waiting);
  if (write.written && page) sealed.sealed(key, head.bucket.epoch, page);
  return write;
}

function nextHead(key: BucketKey, head: Head | undefined, bucket: Bucket, arrival: Arrival): Head {
  return {
    key,
    v: (head?.v ?? 0) + 1,
    bucket,
    upTo: arrival.upTo,
    touched: touchedAgain(key, head?.touched, arrival.month),
  };
}

const NO_REVISION: Refusal = {
  code: 'no-revision',
  pointer: '/time',
  detail: 'the contract has no revision in force at the start of the event’s window',
};

function tryToMeasure(event: Countable, revision: Parameters<typeof measureEvent>[1]): Measured | Refusal {
  try {
    return measureEvent(event, revision);
  } catch (error) {
    return projectionFailed(error);
  }
}

/** An event that throws must neither stop its neighbours nor vanish. */
export function projectionFailed(error: unknown): Refusal {
  return {
    code: 'projection-failed',
    detail: `the projector failed on this event (${error instanceof Error ? error.name : 'unknown error'}); redrive it when a corrected build is deployed`,
  };
}

function isMeasured(measured: Measured | Refusal): measured is Measured {
  return 'identity' in measured;
}

function mergeOutcomes(
  measured: readonly (Measured | Refusal)[],
  verdicts: readonly Verdict[],
): readonly Outcome[] {
  let next = 0;
  return measured.map((each) => (isMeasured(each) ? toOutcome(verdicts[next++]!) : each));
}

const REFUSALS: Readonly<
  Record<Exclude<Verdict, 'counted' | 'duplicate'>, { code: QuarantineCode; detail: string }>
> = {
  conflict: {
    code: 'conflict',
    detail:
      'an event with this source and id was counted in the same window with other content; the first one stands. ' +
      'An id must never be used again: send the right event under a new id',
  },
  'too-many-groups': {
    code: 'too-many-groups',
    detail: 'the bucket already holds as many groups as its meter allows (maxGroups)',
  },
};

function toOutcome(verdict: Verdict): Outcome {
  return verdict === 'counted' || verdict === 'duplicate' ? verdict : REFUSALS[verdict];
}
