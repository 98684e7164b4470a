import type { RunRequest } from './request.ts';
import type { ColdSummary } from './run.ts';

/** What a selection comes to, before anything is opened. Bytes are of stored (compressed) objects. */
export interface Amount {
  readonly objects: number;
  readonly records: number;
  readonly events: number;
  readonly bytes: number;
}

export const NOTHING: Amount = { objects: 0, records: 0, events: 0, bytes: 0 };

export function addAmount(a: Amount, b: Pick<Amount, 'records' | 'events' | 'bytes'>): Amount {
  return {
    objects: a.objects + 1,
    records: a.records + b.records,
    events: a.events + b.events,
    bytes: a.bytes + b.bytes,
  };
}

/**
 * How fast one worker is. `bench/results.md` has what its processor does of it; here they are on the careful side, as S3 and
 * DynamoDB are waited for too.
 */
export const WORKER = {
  /** Milliseconds for each object, whatever is in it. */
  objectMs: 60,
  /** Events a second. */
  scanned: 25_000,
  folded: 40_000,
} as const;
/** Per worker, for its start and its files. */
const WORKER_SECONDS = 3;

/** Rough: how long the stages take, in whole minutes, with so many workers at once. Waiting for cold objects is not in it. */
export function minutesOf(
  request: RunRequest,
  { objects, events }: Amount,
  { batches, partitions, concurrency }: { batches: number; partitions: number; concurrency: number },
): number {
  const seconds = (works: number, all: number) =>
    works === 0 ? 0 : all / Math.min(works, concurrency) + Math.ceil(works / concurrency) * WORKER_SECONDS;
  const scan = seconds(batches, (objects * WORKER.objectMs) / 1000 + events / WORKER.scanned);
  const fold = seconds(partitions, events / WORKER.folded);
  const resends = request.verb === 'replay' || (request.verb === 'redrive' && !('queue' in request));
  const resend = resends ? events / request.rate : 0;
  return Math.ceil((Math.max(scan, resend) + fold) / 60);
}

/**
 * Taking objects out of S3 Glacier Deep Archive: hours within which it is typically done
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html), and list prices of
 * us-east-1 (https://aws.amazon.com/s3/pricing/) in US$.
 */
const DEEP_ARCHIVE = {
  standard: { hours: 12, perGb: 0.02, perThousand: 0.1 },
  bulk: { hours: 48, perGb: 0.0025, perThousand: 0.025 },
} as const;
/** What the copies cost as long as they can be read, at S3 Standard's price. */
const COPY_PER_GB_MONTH = 0.023;
/** How long copies can be read: a run that has waited two days for them takes its time too. */
export const RESTORE_DAYS = 7;

const GB = 1024 ** 3;
const CENT = 0.01;

export function coldSummary({ objects, bytes }: Pick<Amount, 'objects' | 'bytes'>): ColdSummary {
  const usd = ({ perGb, perThousand }: { perGb: number; perThousand: number }) => {
    const copies = (COPY_PER_GB_MONTH * RESTORE_DAYS) / 30;
    const sum = (objects / 1000) * perThousand + (bytes / GB) * (perGb + copies);
    return (Math.ceil(sum / CENT) * CENT).toFixed(2);
  };
  const { standard, bulk } = DEEP_ARCHIVE;
  return {
    objects,
    bytes,
    hours: { standard: standard.hours, bulk: bulk.hours },
    usd: { standard: usd(standard), bulk: usd(bulk) },
  };
}

/** Why a run that would have to take objects out of a cold tier, and was not told to, is refused. */
export function refusesCold({ objects, bytes, hours, usd }: ColdSummary): string {
  const size = bytes >= GB ? `${(bytes / GB).toFixed(1)} GB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  return (
    `${objects} archive objects (${size}) are in a cold tier. Taking them out is some ${hours.standard} hours and ` +
    `US$ ${usd.standard} with "restore": "standard" (--restore standard), or ${hours.bulk} hours and US$ ${usd.bulk} with ` +
    '"restore": "bulk" (--restore bulk), by list prices of us-east-1: ask again with one of them, under another request id'
  );
}
