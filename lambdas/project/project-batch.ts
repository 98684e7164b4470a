import type { Contracts } from '../domain/contract.ts';
import type { Refusal } from '../domain/count-events.ts';
import type { QuarantineEnvelope } from '../domain/envelope.ts';
import type { Head } from '../domain/head-item.ts';
import type { LogRecord } from '../domain/log-record.ts';
import type { Clock, Random, Sleep } from '../domain/ports.ts';
import type { Progress, QuarantineSamples, StateStore } from '../domain/state-store.ts';
import { mapAtMost } from '../platform/map-at-most.ts';
import { isTransient, patiently, type Waiting } from '../platform/patience.ts';
import { Batch, type Projection } from './batch.ts';
import { countBucket, type Outcome } from './count-bucket.ts';
import { windowEnd } from './delivery-times.ts';
import { type Group, groupEvents, type Place } from './group-events.ts';
import {
  publishQuarantine,
  type QuarantinePorts,
  quarantineEvent,
  quarantineRecord,
} from './quarantine-refused.ts';
import type { SealedPages } from './sealed-pages.ts';

export interface ProjectPorts extends QuarantinePorts {
  readonly contracts: Contracts;
  readonly state: StateStore;
  readonly sealed: SealedPages;
  readonly samples: QuarantineSamples;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** Buckets written at once. Each is one or two calls at a time; more would only queue in the client. */
const CONCURRENCY = 16;

/** What the quarantine of the refused may take after others have waited until the deadline, in ms. */
const QUARANTINE_MS = 3_000;

/**
 * Counts a batch of the log into state. Any part of it may be done again, at any time, by anyone: state is the same.
 * What fails is reported as the earliest record that is not done; all before it is, the quarantine of what was refused
 * included.
 *
 * @param deadline ms since the epoch, until when a failing dependency is waited for; leave five seconds after it
 */
export async function projectBatch(
  records: readonly LogRecord[],
  ports: ProjectPorts,
  deadline: number,
): Promise<Projection> {
  const waiting: Waiting = { ...ports, deadline };
  const { groups, refused, undecodable, marks } = groupEvents(records, ports.contracts);
  const batch = new Batch();

  const headOf = await batch.attempt(
    () => groupRecords(groups),
    () => readHeads(groups, ports, waiting),
  );
  if (headOf) {
    await mapAtMost(CONCURRENCY, groups, async (group, index) => {
      const outcomes = await batch.attempt(
        () => groupRecords([group]),
        async () => countGroup(group, await headOf(index), records, ports, waiting),
      );
      if (outcomes) await noteOutcomes(group, outcomes, batch, ports, waiting);
    });
  }
  for (const { place, refusal } of refused) await refuse(place, refusal, batch, ports, waiting);
  for (const index of undecodable) {
    const quarantine = () => quarantineRecord(records[index]!, index, ports);
    batch.refuse(
      await batch.attempt(
        () => [index],
        () => patiently(quarantine, waiting),
      ),
    );
  }
  batch.failRecords(
    await publishQuarantine(batch.toQuarantine, ports, deadline + QUARANTINE_MS),
    new QuarantineNotKeptError(),
  );
  await noteMark(records, marks, batch, ports, waiting);
  return batch.result();
}

/** The log did not take the quarantine of what was refused: the records come again. */
export class QuarantineNotKeptError extends Error {
  override readonly name = 'QuarantineNotKeptError';
}

/**
 * Reads the heads of all groups in one go. Where that fails for good, one of them is damaged or of a newer build: then
 * each group reads its own, so that its bucket fails alone.
 * @throws what the store throws until the deadline
 */
async function readHeads(
  groups: readonly Group[],
  { state }: ProjectPorts,
  waiting: Waiting,
): Promise<(index: number) => Promise<Head | undefined>> {
  try {
    const heads = await patiently(() => state.heads(groups.map(({ key }) => key)), waiting);
    return async (index) => heads[index];
  } catch (error) {
    if (isTransient(error)) throw error;
    return async (index) => (await patiently(() => state.heads([groups[index]!.key]), waiting))[0];
  }
}

function groupRecords(groups: readonly Group[]): number[] {
  return groups.flatMap(({ places }) => places.map(({ record }) => record));
}

async function countGroup(
  group: Group,
  head: Head | undefined,
  records: readonly LogRecord[],
  ports: ProjectPorts,
  waiting: Waiting,
): Promise<readonly Outcome[]> {
  const first = group.places[0]!;
  if (!first.accepted) await keepSample(first.envelope as QuarantineEnvelope, ports, waiting);
  const last = records[group.places.at(-1)!.record]!;
  const arrival = {
    upTo: `${last.shardId}:${last.sequence}`,
    month: new Date(last.arrivedMs).toISOString().slice(0, 7),
  };
  return countBucket(group.key, group.events, head, arrival, ports, waiting);
}

async function noteOutcomes(
  group: Group,
  outcomes: readonly Outcome[],
  batch: Batch,
  ports: ProjectPorts,
  waiting: Waiting,
): Promise<void> {
  const endMs = windowEnd(ports.contracts, group.key);
  for (const [index, outcome] of outcomes.entries()) {
    const place = group.places[index]!;
    const isReplay = place.envelope.replay !== undefined;
    if (outcome === 'counted' && !place.accepted) batch.addQuarantine(place.envelope as QuarantineEnvelope);
    else if (outcome === 'counted') noteCounted(place, endMs, batch, ports);
    else if (outcome === 'duplicate' || !place.accepted) batch.add('duplicates', isReplay);
    else await refuse(place, outcome, batch, ports, waiting);
  }
}

function noteCounted(
  { record, envelope }: Place,
  endMs: number | undefined,
  batch: Batch,
  { clock }: ProjectPorts,
): void {
  batch.add('counted', envelope.replay !== undefined);
  if (envelope.replay !== undefined) return;
  batch.delivery.add(record, Date.parse(envelope.at), endMs, clock.now());
}

async function refuse(
  place: Place,
  refusal: Refusal,
  batch: Batch,
  ports: ProjectPorts,
  waiting: Waiting,
): Promise<void> {
  const quarantine = () => quarantineEvent(place, refusal, ports);
  batch.refuse(
    await batch.attempt(
      () => [place.record],
      () => patiently(quarantine, waiting),
    ),
  );
}

const MAX_SAMPLE_CHARACTERS = 4096;

/** Before the count, so that no fingerprint is ever counted that nobody can look up. */
async function keepSample(
  envelope: QuarantineEnvelope,
  { samples }: ProjectPorts,
  waiting: Waiting,
): Promise<void> {
  const { tenant, producer, at, receipt, quarantine } = envelope;
  const { input, ...sample } = quarantine;
  const text = JSON.stringify(input) ?? '';
  await patiently(
    () =>
      samples.keep({
        ...sample,
        tenant,
        producer,
        receipt,
        first: at,
        input: text.length > MAX_SAMPLE_CHARACTERS ? `${text.slice(0, MAX_SAMPLE_CHARACTERS)}…` : text,
      }),
    waiting,
  );
}

/** The last mark before anything that failed: whoever waits for the mark may trust that all before it is in state. */
async function noteMark(
  records: readonly LogRecord[],
  marks: readonly { record: number; mark: string }[],
  batch: Batch,
  { progress }: ProjectPorts,
  waiting: Waiting,
): Promise<void> {
  const passed = marks.filter(({ record }) => record < (batch.failedFrom ?? records.length)).at(-1);
  if (!passed) return;
  const { shardId, sequence } = records[passed.record]!;
  await batch.attempt(
    () => [passed.record],
    () => patiently(() => progress.passed(shardId, passed.mark, sequence), waiting),
  );
}
