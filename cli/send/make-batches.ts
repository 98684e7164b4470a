import type { SendableEvent } from './read-events.ts';

export interface BatchLimits {
  readonly events: number;
  /** Of the events' JSON before compression. */
  readonly bytes: number;
  /** How long the first event of a batch waits for more to come, in ms. */
  readonly lingerMs: number;
}

type Batch = readonly SendableEvent[];

const LATE = Symbol('late');

/** Gathers events into batches. One that comes slowly (`tail -f`) is not held back until the batch is full. */
export async function* makeBatches(
  events: AsyncIterator<SendableEvent>,
  limits: BatchLimits,
): AsyncGenerator<Batch> {
  let batch: SendableEvent[] = [];
  let bytes = 0;
  let deadline = Number.POSITIVE_INFINITY;
  let next = events.next();
  for (;;) {
    const arrived = await orLate(next, deadline);
    const full =
      arrived === LATE ||
      arrived.done ||
      batch.length >= limits.events ||
      bytes + arrived.value.bytes.length + 1 > limits.bytes;
    if (full && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = 0;
      deadline = Number.POSITIVE_INFINITY;
    }
    if (arrived === LATE) continue;
    if (arrived.done) return;
    if (batch.length === 0) deadline = Date.now() + limits.lingerMs;
    batch.push(arrived.value);
    bytes += arrived.value.bytes.length + 1;
    next = events.next();
  }
}

async function orLate<T>(arriving: Promise<T>, deadline: number): Promise<T | typeof LATE> {
  if (deadline === Number.POSITIVE_INFINITY) return arriving;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - Date.now()), LATE);
  });
  try {
    return await Promise.race([arriving, late]);
  } finally {
    clearTimeout(timer);
  }
}
