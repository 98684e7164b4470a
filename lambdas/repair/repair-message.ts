import { compareSequences } from '../domain/log-record.ts';
import { hasPassed, latestMark } from '../domain/recovery/passed.ts';
import type { Audit, ManifestReader, ProjectorPasses } from '../domain/recovery/ports.ts';
import { readPointer, repairName } from '../domain/recovery/read-pointer.ts';
import type { GivenUp, RepairDeadLetters, RepairNote, RepairNotes } from '../domain/recovery/resend-ports.ts';
import { patiently } from '../platform/patience.ts';
import { type MarkPorts, putMarks } from '../platform/put-marks.ts';
import { type RangePorts, sendRange } from './repair-range.ts';

export interface RepairPorts extends MarkPorts, Omit<RangePorts, 'manifest'> {
  readonly manifest: Pick<ManifestReader, 'head' | 'entries'>;
  readonly passes: ProjectorPasses;
  readonly notes: RepairNotes;
  readonly deadLetters: RepairDeadLetters;
  readonly audit: Audit;
}

export interface Message {
  readonly messageId: string;
  readonly body: string;
}

/** What a message came to. `later`: the queue is to bring it again. */
export type Repaired =
  | { readonly outcome: 'repaired'; readonly records: number }
  | { readonly outcome: 'failed'; readonly reason: string }
  | { readonly outcome: 'later'; readonly waitsFor: 'archive' | 'projector' | 'pause' };

/** Pause between two looks, in ms. */
const LOOK_MS = 1_000;
const UNREADABLE = 'it is no pointer of an event source mapping that repair can read';

/**
 * Heals what a pointer names: once the archive has the range, it goes into the log again; the message is done when the
 * projector has come past that. Each step may be done again, at any time: what is in the log twice is counted once (P2).
 * @param deadline ms since the epoch, until when it waits in place
 * @throws what the log and the stores throw: the queue then brings the message again
 */
export async function repairMessage(
  message: Message,
  ports: RepairPorts,
  deadline: number,
): Promise<Repaired> {
  const { messageId, body } = message;
  const waiting = { ...ports, deadline };
  const range = readPointer(body);
  if (!range) return giveUp(message, UNREADABLE, ports, deadline);
  let note = await patiently(() => ports.notes.find(messageId), waiting);
  if (!note) {
    if (!(await isArchived(range, ports, deadline))) return { outcome: 'later', waitsFor: 'archive' };
    note = await resend(messageId, range, ports, deadline);
    if (!note) return { outcome: 'later', waitsFor: 'pause' };
  }
  const { failed, mark, sent } = note;
  // What needs an operator is not waited for: as long as it is in the dead letter queue, nothing counts as projected.
  if (failed === undefined && !(await until(() => isProjected(mark, ports), ports, deadline)))
    return { outcome: 'later', waitsFor: 'projector' };
  const entry = auditOf(note, range);
  await patiently(() => ports.audit.append(entry), waiting);
  return failed === undefined
    ? { outcome: 'repaired', records: sent }
    : giveUp(message, failed, ports, deadline);
}

/** Sends the range, marks that in the log, and notes it: in this order, so that the note says that all of it is there. Undefined where it is too soon. */
async function resend(
  messageId: string,
  range: GivenUp,
  ports: RepairPorts,
  deadline: number,
): Promise<RepairNote | undefined> {
  const { records, failed, tooSoon } = await sendRange(range, ports, deadline);
  if (tooSoon) return undefined;
  const waiting = { ...ports, deadline };
  const passed = await patiently(() => ports.passes.read(), waiting);
  const { mark } = await putMarks(ports, deadline, latestMark(passed.values()));
  const { shardId, first, last } = range;
  const at = new Date(ports.clock.now()).toISOString();
  const note: RepairNote = {
    ...{ messageId, shardId, first, last, at, sent: records, mark },
    ...(failed !== undefined && { failed }),
  };
  await patiently(() => ports.notes.put(note), waiting);
  // Where another has noted it before, there is one note, and one entry in the audit.
  return (await patiently(() => ports.notes.find(messageId), waiting)) ?? note;
}

async function giveUp(
  { body, messageId }: Message,
  reason: string,
  ports: RepairPorts,
  deadline: number,
): Promise<Repaired> {
  await patiently(() => ports.deadLetters.send(body, messageId, reason), { ...ports, deadline });
  return { outcome: 'failed', reason };
}

/** The archive is its own consumer, and may be behind: what it does not have yet, nobody can send again. */
function isArchived({ shardId, last }: GivenUp, ports: RepairPorts, deadline: number): Promise<boolean> {
  const look = async () => {
    const head = await ports.manifest.head(shardId);
    return head !== undefined && compareSequences(head.last, last) >= 0;
  };
  return until(look, ports, deadline);
}

async function isProjected(mark: string, { shards, passes }: RepairPorts): Promise<boolean> {
  const all = await shards.list();
  return hasPassed(all, await passes.read(), mark);
}

/** Looks at least once, and then until the deadline. */
async function until(look: () => Promise<boolean>, ports: RepairPorts, deadline: number): Promise<boolean> {
  for (;;) {
    if (await patiently(look, { ...ports, deadline })) return true;
    if (ports.clock.now() + LOOK_MS >= deadline) return false;
    await ports.sleep(LOOK_MS);
  }
}

/** By the note's own time, so that it is the same entry whenever it is written. */
function auditOf({ at, messageId, sent, mark, failed, first, last }: RepairNote, range: GivenUp) {
  return {
    requestId: repairName(range),
    attempt: 1,
    what: 'repaired' as const,
    at,
    operator: 'weir',
    reason: `the projector's event source mapping gave up a range: ${range.condition}`,
    detail: { messageId, first, last, sent, mark, ...(failed !== undefined && { failed }) },
  };
}
