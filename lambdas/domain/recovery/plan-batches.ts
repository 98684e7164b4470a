import type { ManifestEntry } from '../manifest.ts';
import type { ObjectRef } from './run.ts';

/** What one worker of the first stage reads, unless there are very many: so much is done within its time, and opened fits its memory. */
export const MAX_BATCH_OBJECTS = 50;
/** Stored bytes; an object alone may have more. */
export const MAX_BATCH_BYTES = 24 * 1024 * 1024;

/** Arrival partitions of one batch of the kind `heads`. */
export const MAX_BATCH_TOUCHED = 64;

/**
 * Batches, beyond which they become larger. The state machine collects `{}` of each, of which 256 KB hold some 87,000
 * (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
 */
const MANY_BATCHES = 10_000;
/** No run has more. */
export const MAX_BATCHES = 80_000;
/** Of the largest batches: objects are read one after the other, and this many take some minutes. */
const MOST_OBJECTS = 2000;
const MOST_BYTES = 240 * 1024 * 1024;

/** What one batch may hold. */
export interface BatchLimits {
  readonly objects: number;
  /** Stored. */
  readonly bytes: number;
}

/** @param all what the archive has, of which a run may select all; what is no number counts as little */
export function batchLimits(all: BatchLimits): BatchLimits {
  return {
    objects: Math.min(MOST_OBJECTS, atLeast(MAX_BATCH_OBJECTS, all.objects)),
    bytes: Math.min(MOST_BYTES, atLeast(MAX_BATCH_BYTES, all.bytes)),
  };
}

/** Arrival partitions of one batch, of so many. */
export function touchedPerBatch(all: number): number {
  return atLeast(MAX_BATCH_TOUCHED, all);
}

function atLeast(least: number, all: number): number {
  return Math.max(least, Math.ceil(all / MANY_BATCHES) || 0);
}

/** Events of one partition: they are folded in one worker's memory. */
const PARTITION_EVENTS = 200_000;
const MAX_PARTITIONS = 4096;

export function partitionsOf(events: number): number {
  return Math.min(MAX_PARTITIONS, Math.max(1, Math.ceil(events / PARTITION_EVENTS)));
}

/** Cuts objects, as they come, into batches. */
export class Batcher {
  #objects: ObjectRef[] = [];
  #bytes = 0;
  readonly #limits: BatchLimits;

  constructor(limits: BatchLimits = { objects: MAX_BATCH_OBJECTS, bytes: MAX_BATCH_BYTES }) {
    this.#limits = limits;
  }

  /** @returns the batch that is full, now that this object does not fit it any more */
  add(entry: ManifestEntry): readonly ObjectRef[] | undefined {
    const isFull =
      this.#objects.length >= this.#limits.objects ||
      (this.#objects.length > 0 && this.#bytes + entry.bytes > this.#limits.bytes);
    const full = isFull ? this.take() : undefined;
    this.#objects.push(refOf(entry));
    this.#bytes += entry.bytes;
    return full;
  }

  /** What is left. */
  take(): readonly ObjectRef[] | undefined {
    const objects = this.#objects;
    this.#objects = [];
    this.#bytes = 0;
    return objects.length > 0 ? objects : undefined;
  }
}

function refOf(entry: ManifestEntry): ObjectRef {
  const { shardId, key, versionId, sha256, first, last, records, events, bytes } = entry;
  return { shardId, key, versionId, sha256, first, last, records, events, bytes };
}

/** Months (`YYYY-MM`, UTC) from one moment to another, both included. */
export function monthsBetween(fromMs: number, toMs: number): string[] {
  const months: string[] = [];
  const at = new Date(fromMs);
  for (let month = at.getUTCMonth(); ; month++) {
    const startMs = Date.UTC(at.getUTCFullYear(), month);
    if (startMs > toMs) return months;
    months.push(new Date(startMs).toISOString().slice(0, 7));
  }
}
