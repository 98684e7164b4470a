import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoRuns } from '../../lambdas/adapters/dynamo-runs.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';
import { partitionsOf } from '../../lambdas/domain/recovery/plan-batches.ts';
import { runFiles } from '../../lambdas/domain/recovery/run.ts';
import { partitionOf } from '../../lambdas/domain/recovery/shuffle-codec.ts';
import { startPretendServices } from '../emulate/pretend-services.ts';
import { bundleOf, functionsEnvironment, memoryOf, runRoom } from '../functions/run-bundle.ts';
import { Seeded } from '../random.ts';
import { envelopeRecord } from '../records.ts';
import type { BenchContext } from '../section.ts';
import { TABLES } from '../tables.ts';
import { NO_LOG, startProjector } from '../weir-projector.ts';
import { eventAt, TENANT, TYPE } from '../workloads.ts';
import { ArchivedObjects } from './archived-objects.ts';
import { REQUEST } from './fold-works.ts';

const AT_MS = Date.parse('2026-11-10T08:30:00Z');
const WINDOW = '2026-11-10T08';
/** Records of one batch of the projector. */
const PROJECTED = 5_000;

/** An archive of objects of one size. */
export interface ArchiveSize {
  readonly objects: number;
  /** In each of them. */
  readonly events: number;
  readonly subjects: number;
}

/** The most memory that a room ever needed, over a whole archive. */
export interface Peak {
  readonly room: 'scan' | 'fold';
  readonly archive: ArchiveSize;
  /** Events of a partition, at most; of `fold` only one is folded. */
  readonly partition: number;
  readonly peakBytes: number;
  /** After each invocation: of `scan` one a batch. */
  readonly peaks: readonly number[];
  readonly memoryBytes: number;
}

/**
 * Runs the bundles of `scan`, over every batch of an archive one after the other, and of `fold`, over its first partition,
 * each in one process with Lambda's heap limits. The first partition's state is as the archive says, so nothing is looked at twice.
 * @param partition events of a partition. @default - as `plan` cuts them
 */
export async function peaksOf(
  archive: ArchiveSize,
  { dynamo, progress }: BenchContext,
  partition?: number,
): Promise<readonly Peak[]> {
  const name = `memory of ${archive.objects} objects of ${archive.events} events`;
  const events = archive.objects * archive.events;
  const partitions = partition === undefined ? partitionsOf(events) : Math.ceil(events / partition);
  await dynamo.reset(TABLES);
  const client = dynamo.client();
  const project = startProjector(client, NO_LOG);
  const archived = new ArchivedObjects();
  const random = new Seeded(archive.objects);
  let waiting: LogRecord[] = [];
  for (let object = 0; object < archive.objects; object++) {
    progress(name, (object / archive.objects) * 0.5);
    const bySubject = eventsOf(archive, random);
    await archived.add([...bySubject.values()].map((each) => envelopeRecord(each, AT_MS)));
    const folded = [...bySubject].filter(([subject]) => isFolded(subject, partitions));
    waiting.push(...folded.map(([, each]) => envelopeRecord(each, AT_MS)));
    if (waiting.length < PROJECTED && object < archive.objects - 1) continue;
    if (waiting.length > 0) await project(waiting);
    waiting = [];
  }
  const batches = await archived.plan(REQUEST, partitions);
  await new DynamoRuns(client, 'control').add({
    ...{ request: REQUEST, attempt: 1, status: 'running', startedAt: '2026-11-21T00:00:00.000Z' },
  });
  client.destroy();
  const services = await startPretendServices(archived.bucket);
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  const env = functionsEnvironment(services.endpoint, dynamo.endpoint);
  const { requestId } = REQUEST;
  const measure = async (room: Peak['room'], works: readonly object[]): Promise<Peak> => {
    const files = works.map((work, at) => {
      const file = join(folder, `${room}-${at}.json`);
      writeFileSync(file, JSON.stringify({ requestId, attempt: 1, ...work }));
      return file;
    });
    const { peakBytes, peaks } = await runRoom(bundleOf(room), memoryOf(room), env, files);
    const memoryBytes = memoryOf(room) * 2 ** 20;
    return { room, archive, partition: Math.ceil(events / partitions), peakBytes, peaks, memoryBytes };
  };
  try {
    progress(name, 0.5);
    const scan = await measure(
      'scan',
      batches.map((batch) => ({ batch })),
    );
    progress(name, 0.8);
    const fold = await measure('fold', [{ partition: `runs/${requestId}/${runFiles.partition(0)}` }]);
    return [scan, fold];
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await services.stop();
  }
}

/** Events of one object, by their subjects. */
function eventsOf(size: ArchiveSize, random: Seeded): ReadonlyMap<string, readonly CloudEvent[]> {
  const events = Array.from({ length: size.events }, () => eventAt(AT_MS, size, random));
  return Map.groupBy(events, ({ subject }) => subject!);
}

/** Whether the subject's bucket is in the first partition. */
function isFolded(subject: string, partitions: number): boolean {
  return (
    partitionOf(
      { kind: 'bucket', key: { tenant: TENANT, subject, type: TYPE, window: WINDOW } },
      partitions,
    ) === 0
  );
}
