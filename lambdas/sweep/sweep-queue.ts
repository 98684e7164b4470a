import type { FingerprintRegistry } from '../domain/fingerprint.ts';
import type { LogEntry, LogWriter } from '../domain/log.ts';
import type { Clock } from '../domain/ports.ts';
import type { DeadLetter, DeadLetters } from '../domain/webhooks/dead-letters.ts';
import { holdDelivery, inputOf } from '../domain/webhooks/hold-delivery.ts';
import { readMessage } from '../domain/webhooks/queued.ts';

export interface SweepPorts {
  readonly letters: DeadLetters;
  readonly log: LogWriter;
  readonly fingerprints: FingerprintRegistry;
  readonly clock: Clock;
}

/** What a sweep did. */
export interface Swept {
  /** Moved into quarantine. */
  readonly swept: number;
  /** Too young: whoever mends what failed may still want to send them back to the queue. */
  readonly young: number;
  /** Not known to be in the log, and therefore still in the queue. */
  readonly failed: number;
}

const REFUSAL = {
  code: 'undeliverable',
  detail: 'it could not be normalised in five tries; the log of the normalise function says why',
} as const;
/** Whose a message is that can't be read. */
const UNREADABLE = { tenant: 'weir', name: 'unreadable' } as const;
/** As much of such a message as fits a record of the log in base64, in bytes. */
const MAX_RAW_BYTES = 512 * 1024;

/**
 * Moves what has waited in the dead letter queue into quarantine, before the queue would forget it. A message is deleted
 * once the log has acknowledged its quarantine, and not before (P3); swept twice, it is counted once.
 * @param afterMs Age from which on a message is moved.
 * @param deadline ms since the epoch: nothing is begun after it.
 */
export async function sweepQueue(ports: SweepPorts, afterMs: number, deadline: number): Promise<Swept> {
  const { letters, clock } = ports;
  const left: DeadLetter[] = [];
  const result = { swept: 0, young: 0, failed: 0 };
  while (clock.now() < deadline) {
    const taken = await letters.take();
    if (taken.length === 0) break;
    const due = taken.filter(({ sentMs }) => clock.now() - sentMs >= afterMs);
    const kept = await quarantine(due, ports, deadline);
    await letters.remove(kept);
    left.push(...taken.filter((letter) => !kept.includes(letter)));
    result.swept += kept.length;
    result.young += taken.length - due.length;
    result.failed += due.length - kept.length;
  }
  await letters.release(left);
  return result;
}

/** Those whose quarantine the log has acknowledged. */
async function quarantine(
  due: readonly DeadLetter[],
  { log, fingerprints }: SweepPorts,
  deadline: number,
): Promise<readonly DeadLetter[]> {
  const entries = await Promise.all(due.map((letter) => entryOf(letter, fingerprints)));
  const acknowledged = await log.publish(entries, deadline);
  return due.filter((_, at) => acknowledged[at]);
}

function entryOf({ text, id, sentMs }: DeadLetter, fingerprints: FingerprintRegistry): Promise<LogEntry> {
  const message = readMessage(text);
  if (message) {
    const { endpoint, receipt, receivedAt } = message;
    const held = {
      refusal: REFUSAL,
      origin: `${endpoint}/${receipt}`,
      at: receivedAt,
      input: inputOf(message),
    };
    return holdDelivery(message, held, fingerprints);
  }
  const held = {
    refusal: REFUSAL,
    origin: `dead-letter/${id}`,
    at: new Date(sentMs).toISOString(),
    input: Buffer.from(text).subarray(0, MAX_RAW_BYTES).toString('base64'),
  };
  return holdDelivery({ ...UNREADABLE, receipt: id }, held, fingerprints);
}
