import { setTimeout as wait } from 'node:timers/promises';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Sink } from '../../cli/platform/host.ts';
import { type LogClients, type LogProgress, readLogProgress } from '../../cli/platform/log-progress.ts';
import { seconds } from '../../cli/platform/output.ts';
import type { Profile } from '../../cli/platform/profile.ts';
import { startProgress } from '../../cli/platform/progress.ts';

const POLL_MS = 500;
/** Without a step forward for so long, something is broken. */
const STUCK_MS = 180_000;

/**
 * Puts a mark behind all that was acknowledged, and waits until projector and archive have passed it.
 * @param since When sending began, ms since the epoch: what progress is measured from.
 * @throws Error where the log stands still, or something could not be counted
 */
export async function waitUntilDrained(
  lambda: LambdaClient,
  clients: LogClients,
  profile: Profile,
  since: number,
  sink: Sink,
): Promise<void> {
  const mark = await putMark(lambda, profile.markFunction);
  const bar = startProgress(sink, '  counting', Math.max(1, Date.parse(mark) - since));
  let moved = { at: Date.now(), key: '' };
  try {
    for (;;) {
      const progress = await readLogProgress(clients, profile);
      if (isPast(progress, mark)) return;
      const key = JSON.stringify(progress);
      if (key !== moved.key) moved = { at: Date.now(), key };
      if (Date.now() - moved.at > STUCK_MS) throw stuck(progress, profile);
      bar.update(Math.max(0, passed(progress.projected, since)), lag(progress, mark));
      await wait(POLL_MS);
    }
  } finally {
    bar.stop();
  }
}

/** The mark function runs each minute by itself; whoever waits does not wait for it. */
async function putMark(lambda: LambdaClient, functionName: string): Promise<string> {
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: functionName }));
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(`${functionName} failed: ${text}`);
  return (JSON.parse(text) as { mark: string }).mark;
}

function isPast({ projected, archived, pendingRepairs }: LogProgress, mark: string): boolean {
  return (
    pendingRepairs === 0 && [projected, archived].every((passed) => passed !== undefined && passed >= mark)
  );
}

function passed(mark: string | undefined, since: number): number {
  return mark === undefined ? 0 : Date.parse(mark) - since;
}

function lag({ projected, archived }: LogProgress, mark: string): string {
  const behind = (at: string | undefined) =>
    at === undefined ? 'not begun' : seconds(Math.max(0, Date.parse(mark) - Date.parse(at)));
  return `projector behind by ${behind(projected)}, archive by ${behind(archived)}`;
}

function stuck({ projected, archived, pendingRepairs }: LogProgress, profile: Profile): Error {
  if (pendingRepairs > 0) {
    return new Error(
      `${pendingRepairs} ranges of the log could not be counted; the log of ${profile.projectFunction} says why`,
    );
  }
  return new Error(
    `nothing has moved for ${seconds(STUCK_MS)}: counted until ${projected ?? '-'}, archived until ${archived ?? '-'}; ` +
      `look at the logs of ${profile.projectFunction} and ${profile.archiveFunction}`,
  );
}
