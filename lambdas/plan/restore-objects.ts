import { RESTORE_DAYS } from '../domain/recovery/estimate.ts';
import { type Batch, type ObjectRef, type Run, RunRefusedError, runFiles } from '../domain/recovery/run.ts';
import { readJson, writeJson } from './files.ts';
import { KeepGoing } from './keep-going.ts';
import type { PlanPorts } from './ports.ts';

export interface Restoring {
  readonly ready: boolean;
  readonly waitSeconds: number;
}

/** How many of the batches have been gone through, in each of the two rounds. */
interface Progress {
  readonly asked: number;
  readonly ready: number;
}

/** It takes hours. */
const WAIT_SECONDS = 900;
/** Out of time, not of patience. */
const GO_ON_SECONDS = 1;

/**
 * Goes through the batches that may have objects in a cold tier twice: asking for what can't be read, then looking until
 * all can. Where it is with that it notes, so that each invocation goes on where the one before stopped.
 * @throws RunRefusedError where the request does not say that objects may be taken out
 */
export async function restoreObjects(run: Run, ports: PlanPorts, deadline: number): Promise<Restoring> {
  const { files, clock } = ports;
  const { requestId } = run.request;
  const batches = (await readJson<readonly number[]>(files, requestId, runFiles.cold)) ?? [];
  const known = await readJson<Progress>(files, requestId, runFiles.restoring);
  let { asked, ready } = known ?? { asked: 0, ready: 0 };
  let waitSeconds = GO_ON_SECONDS;
  while (ready < batches.length) {
    const isAsking = asked < batches.length;
    const unreadable = await findUnreadable(requestId, batches[isAsking ? asked : ready]!, ports);
    if (isAsking) {
      await askFor(unreadable, run, ports);
      asked++;
    } else if (unreadable.length === 0) {
      ready++;
    } else {
      waitSeconds = WAIT_SECONDS;
      break;
    }
    if (clock.now() >= deadline) break;
  }
  await writeJson(files, requestId, runFiles.restoring, { asked, ready } satisfies Progress);
  return { ready: ready >= batches.length, waitSeconds };
}

interface Unreadable {
  readonly object: ObjectRef;
  readonly restoring: boolean;
}

async function findUnreadable(
  requestId: string,
  number: number,
  { files, archive }: PlanPorts,
): Promise<readonly Unreadable[]> {
  const batch = await readJson<Batch>(files, requestId, runFiles.batch(number));
  const unreadable: Unreadable[] = [];
  const looks = new KeepGoing();
  for (const object of batch?.kind === 'objects' ? batch.objects : [])
    await looks.add(async () => {
      const stored = await archive.look(object.key, object.versionId);
      if (stored && !stored.readable) unreadable.push({ object, restoring: stored.restoring });
    });
  await looks.done();
  return unreadable;
}

async function askFor(
  unreadable: readonly Unreadable[],
  { request }: Run,
  { archive }: PlanPorts,
): Promise<void> {
  const { restore } = request;
  const asks = new KeepGoing();
  for (const { object, restoring } of unreadable) {
    if (restore === undefined)
      throw new RunRefusedError(
        `${object.key} is in a cold tier by now: ask again with "restore", under another request id`,
      );
    if (!restoring)
      await asks.add(() => archive.restore(object.key, object.versionId, restore, RESTORE_DAYS));
  }
  await asks.done();
}
