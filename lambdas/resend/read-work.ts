import type { Contracts, ValidatingContract } from '../domain/contract.ts';
import type { LogEntry } from '../domain/log.ts';
import type { ArchivedRecord } from '../domain/recovery/archived-record.ts';
import type { ArchiveReader, ManifestReader } from '../domain/recovery/ports.ts';
import { redriveEvent } from '../domain/recovery/redrive-event.ts';
import { eventsIn, replayEntries } from '../domain/recovery/replay-envelope.ts';
import type { RedriveRequest, ReplayRequest, RunRequest } from '../domain/recovery/request.ts';
import {
  type Batch,
  type Finding,
  type MissingEvents,
  type Plan,
  RunRefusedError,
} from '../domain/recovery/run.ts';
import { createArrives, createSelect } from '../domain/recovery/select-replay.ts';
import type { QueuedMessage } from '../domain/webhooks/queued.ts';
import { type Opened, openObject } from '../platform/open-object.ts';

export interface WorkPorts {
  readonly archive: ArchiveReader;
  readonly manifest: Pick<ManifestReader, 'entry'>;
  readonly contracts: Contracts<ValidatingContract>;
}

/** What is to be done about one record. The same each time that the record is looked at, after those before it. */
export interface Treated {
  readonly entries: readonly LogEntry[];
  readonly delivery?: QueuedMessage;
  readonly counts: Readonly<Record<string, number>>;
  readonly finding?: Finding;
}

/** One archive object, and what is to be sent of it. */
export interface ObjectWork {
  open(): Promise<Opened>;
  treat(record: ArchivedRecord): Treated;
  /** What is to be done about a record depends on those before it: whoever takes the work up again treats them first. */
  readonly remembers?: boolean;
}

const NOTHING: Treated = { entries: [], counts: {} };

/**
 * What a file of the run asks for: objects of a replay or redrive, or places that were found missing.
 * @param file its contents
 * @param most events of one entry
 */
export function readWork(
  name: string,
  file: unknown,
  { request }: Plan,
  ports: WorkPorts,
  most: number,
): readonly ObjectWork[] {
  const { requestId } = request;
  if (name.startsWith('missing/'))
    return (file as MissingEvents).objects.map((object) => missingWork(object, requestId, ports, most));
  const batch = file as Batch;
  const treat = treatmentOf(request, ports, most);
  if (batch.kind !== 'objects' || !treat)
    throw new RunRefusedError(`${request.verb} has nothing to send again of ${name}`);
  const remembers = request.verb === 'redrive';
  return batch.objects.map((object) => ({ open: () => openObject(ports.archive, object), treat, remembers }));
}

function treatmentOf(
  request: RunRequest,
  ports: WorkPorts,
  most: number,
): ((record: ArchivedRecord) => Treated) | undefined {
  if (request.verb === 'replay') return replayed(request, most);
  return request.verb === 'redrive' && 'fingerprint' in request ? redriven(request, ports) : undefined;
}

function replayed(request: ReplayRequest, most: number) {
  const select = createSelect(request);
  return (record: ArchivedRecord): Treated => {
    const { indexes, replays } = select(record);
    if (indexes.length === 0) return { entries: [], counts: { skippedReplays: replays } };
    const entries = replayEntries(record, request.requestId, indexes, most);
    return { entries, counts: { selected: indexes.length } };
  };
}

/** Of one origin the first that passes goes: what was sent again before, or repaired, may be there several times. */
function redriven(request: Extract<RedriveRequest, { fingerprint: string }>, { contracts }: WorkPorts) {
  const arrives = createArrives(request);
  const { requestId, patch } = request;
  const law = { contracts, requestId, ...(patch && { patch }) };
  const passed = new Set<string>();
  return (record: ArchivedRecord): Treated => {
    const { envelope } = record;
    if (!envelope || !('quarantine' in envelope) || !arrives(record)) return NOTHING;
    if (envelope.tenant !== request.tenant || envelope.quarantine.fingerprint !== request.fingerprint)
      return NOTHING;
    const { origin } = envelope.quarantine;
    if (passed.has(origin)) return { entries: [], counts: { repeated: 1 } };
    const outcome = redriveEvent(record, law);
    if ('held' in outcome)
      return { entries: [], counts: { selected: 1, [outcome.held]: 1 }, finding: outcome.finding };
    passed.add(origin);
    return 'entry' in outcome
      ? { entries: [outcome.entry], counts: { selected: 1 } }
      : { entries: [], delivery: outcome.delivery, counts: { selected: 1 } };
  };
}

function missingWork(
  { shardId, first, key, places }: MissingEvents['objects'][number],
  requestId: string,
  { archive, manifest }: WorkPorts,
  most: number,
): ObjectWork {
  const bySequence = new Map<string, number[]>();
  for (const [sequence, index] of places)
    bySequence.set(
      sequence,
      [...(bySequence.get(sequence) ?? []), index].sort((a, b) => a - b),
    );
  return {
    async open() {
      const entry = await manifest.entry(shardId, first);
      if (entry?.key === key) return openObject(archive, entry);
      const detail = 'the manifest has no such object any more';
      return { damage: { kind: 'object-lost', where: key, detail, action: 'run "verify"' } };
    },
    treat(record) {
      const indexes = bySequence.get(record.sequence);
      if (!indexes) return NOTHING;
      const entries = replayEntries(record, requestId, indexes, most);
      const found = entries.reduce((sum, entry) => sum + eventsIn(entry), 0);
      return { entries, counts: { selected: found, notThere: indexes.length - found } };
    },
  };
}
