import type { Runs } from '../domain/recovery/ports.ts';
import type { RedriveRequest } from '../domain/recovery/request.ts';
import type { LetterMover } from '../domain/recovery/resend-ports.ts';
import { assertRunning } from '../platform/assert-running.ts';
import { patiently, type Waiting } from '../platform/patience.ts';
import { addTo, type Progress } from './note-progress.ts';
import type { Sent } from './send-work.ts';

export interface MovePorts extends Omit<Waiting, 'deadline'> {
  readonly letters: LetterMover;
  readonly runs: Pick<Runs, 'find'>;
}

/** How often it is looked how the move stands, in ms. */
const LOOK_MS = 2_000;
/** SQS moves from 1 to 500 a second. */
const MAX_RATE = 500;

/**
 * Has SQS move the webhooks' dead letters back to the queue that they came from, and waits for it. A move that is under
 * way already is waited for, and then one of its own is begun for what it left behind.
 */
export async function moveLetters(
  run: { readonly requestId: string; readonly attempt: number },
  { rate }: Pick<RedriveRequest, 'rate'>,
  before: Progress,
  note: (progress: Progress) => Promise<void>,
  ports: MovePorts,
  deadline: number,
): Promise<Sent> {
  const { letters, clock, sleep } = ports;
  const waiting = { ...ports, deadline };
  let progress = before;
  while (clock.now() < deadline) {
    await patiently(() => assertRunning(ports.runs, run), waiting);
    const move = await patiently(() => letters.latest(), waiting);
    if (!move?.running) {
      if (progress.movedFromMs !== undefined) {
        const action = 'mend that, and redrive the queue again';
        const failed = move?.failed && {
          ...{ kind: 'move-failed', where: 'webhooks' },
          ...{ detail: `SQS stopped moving dead letters: ${move.failed}`, action },
        };
        const sums = addTo(progress, { toQueue: move?.moved ?? 0 }, failed ? [failed] : []);
        return { done: true, progress: { ...progress, ...sums } };
      }
      await patiently(() => letters.start(Math.max(1, Math.min(MAX_RATE, Math.floor(rate)))), waiting);
      progress = { ...progress, movedFromMs: clock.now() };
      await note(progress);
    }
    await sleep(LOOK_MS);
  }
  return { done: false, progress };
}
