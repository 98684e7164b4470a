import { Pace, shareOf } from '../domain/recovery/pace.ts';
import type { ManifestReader, ProjectorPasses, RunFiles, Runs } from '../domain/recovery/ports.ts';
import type { LetterMover, RedrivenSamples } from '../domain/recovery/resend-ports.ts';
import { type Plan, RunRefusedError, runFiles, type StageResult } from '../domain/recovery/run.ts';
import type { DeliveryQueue } from '../domain/webhooks/queued.ts';
import { assertRunning } from '../platform/assert-running.ts';
import type { MarkPorts } from '../platform/put-marks.ts';
import { moveLetters } from './move-letters.ts';
import { BEGINNING, noteProgress, type Progress, readProgress } from './note-progress.ts';
import { readWork, type WorkPorts } from './read-work.ts';
import { PacedSender } from './send-paced.ts';
import { sendWork } from './send-work.ts';
import { RunWatch } from './watch-run.ts';

/** One file of a run's resend stage, as the state machine hands it over. */
export interface ResendInput {
  readonly requestId: string;
  readonly attempt: number;
  /** S3 key: `runs/<requestId>/batches/…` or `…/missing/…`. */
  readonly batch: string;
}

export interface ResendOutput {
  /** Whether the file is dealt with; if not, call again. */
  readonly done: boolean;
  /** Where it stands, for people: what counts is noted in the run's files. */
  readonly cursor: string;
}

export interface ResendPorts extends MarkPorts, Omit<WorkPorts, 'manifest'> {
  readonly runs: Pick<Runs, 'find'>;
  readonly files: RunFiles;
  readonly manifest: Pick<ManifestReader, 'entry'>;
  readonly passes: ProjectorPasses;
  readonly deliveries: DeliveryQueue;
  readonly samples: RedrivenSamples;
  readonly letters: LetterMover;
  /** Workers of a stage at once, at most: they share the run's rate. */
  readonly concurrency: number;
}

/**
 * Sends what a file names into the log again, at the run's pace. It may be killed and called again at any moment:
 * what it has noted as acknowledged is not sent again, and what is sent twice changes nothing (P2, P8).
 * @param deadline ms since the epoch, until when it begins something new; leave a minute after it
 * @param sentNow told how many events went in this call
 * @throws RunCancelledError; RunRefusedError; LogRefusedError; what the stores throw
 */
export async function resendBatch(
  input: ResendInput,
  ports: ResendPorts,
  deadline: number,
  sentNow: (events: number) => void = () => {},
): Promise<ResendOutput> {
  const { requestId } = input;
  const { files } = ports;
  const name = nameOf(input);
  const flat = name.replace('/', '-');
  await assertRunning(ports.runs, input);
  const plan = JSON.parse(await read(files, requestId, runFiles.plan)) as Plan;
  const finished = await files.get(requestId, runFiles.resent(flat));
  if (finished) {
    await noteRedriven(plan, flat, JSON.parse(finished.toString('utf8')), ports);
    return { done: true, cursor: 'end' };
  }
  const before = await readProgress(files, requestId, flat);
  const note = (progress: Progress) => noteProgress(files, requestId, flat, progress);
  const outcome = await work(input, name, plan, before, note, ports, deadline);
  sentNow(sentOf(outcome.progress) - sentOf(before));
  if (!outcome.done) {
    await note(outcome.progress);
    return { done: false, cursor: cursorOf(outcome.progress) };
  }
  const { counts, findings } = outcome.progress;
  const result: StageResult = { counts, findings };
  await files.put(requestId, runFiles.resent(flat), Buffer.from(JSON.stringify(result)));
  await noteRedriven(plan, flat, result, ports);
  return { done: true, cursor: 'end' };
}

async function work(
  input: ResendInput,
  name: string,
  plan: Plan,
  before: Progress,
  note: (progress: Progress) => Promise<void>,
  ports: ResendPorts,
  deadline: number,
): Promise<{ readonly done: boolean; readonly progress: Progress }> {
  const { request } = plan;
  if (request.dryRun) return { done: true, progress: BEGINNING };
  if (!('rate' in request)) throw new RunRefusedError(`${request.verb} sends nothing again`);
  if ('queue' in request) return moveLetters(input, request, before, note, ports, deadline);
  const { files, concurrency, clock } = ports;
  const folder = name.slice(0, name.indexOf('/') + 1);
  const workers = Math.min(concurrency, (await files.list(input.requestId, folder)).length);
  const rate = shareOf(request.rate, workers);
  const pace = new Pace(rate, clock.now());
  const sender = new PacedSender(ports, pace, new RunWatch(ports, input, request.maxLagSeconds, rate));
  const file = JSON.parse(await read(files, input.requestId, name));
  const objects = readWork(name, file, plan, ports, pace.chunk);
  return sendWork(objects, { before, chunk: pace.chunk, sender, note, ports, deadline });
}

/** `batches/00000001.json`. */
function nameOf({ requestId, batch }: ResendInput): string {
  const prefix = `runs/${requestId}/`;
  const name = batch.startsWith(prefix) ? batch.slice(prefix.length) : '';
  if (/^(?:batches|missing)\/[\w-]+\.json$/.test(name)) return name;
  throw new RunRefusedError(`"${batch}" is no file of the resend stage of ${requestId}`);
}

async function read(files: RunFiles, requestId: string, name: string): Promise<string> {
  const bytes = await files.get(requestId, name);
  if (!bytes) throw new RunRefusedError(`the run's file ${name} is gone: begin a new run`);
  return bytes.toString('utf8');
}

/** So that who looks at a cause sees that somebody has seen to it. */
async function noteRedriven(
  { request }: Plan,
  part: string,
  { counts }: StageResult,
  { samples, clock }: ResendPorts,
): Promise<void> {
  if (request.verb !== 'redrive' || !('fingerprint' in request)) return;
  const events = (counts.sent ?? 0) + (counts.toQueue ?? 0);
  if (events === 0) return;
  const { tenant, fingerprint, requestId } = request;
  const at = new Date(clock.now()).toISOString();
  await samples.note({ tenant, fingerprint, requestId, at, part, events });
}

function sentOf({ counts }: StageResult): number {
  return (counts.sent ?? 0) + (counts.sentQuarantine ?? 0);
}

function cursorOf({ object, after, entries }: Progress): string {
  return [object, after ?? 'start', entries].join('/');
}
