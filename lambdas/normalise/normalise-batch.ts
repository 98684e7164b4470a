import type { LogWriter } from '../domain/log.ts';
import type { Clock, Random, Sleep } from '../domain/ports.ts';
import { DeliveryBusyError } from '../domain/webhooks/deliveries.ts';
import { readMessage } from '../domain/webhooks/queued.ts';
import { isTransient, patiently } from '../platform/patience.ts';
import { type Normalised, type NormalisePorts, normaliseMessage } from './normalise-message.ts';

export interface BatchPorts extends NormalisePorts {
  readonly log: LogWriter;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** A message of the queue: its name, and what `receive` wrote. */
export interface Message {
  readonly id: string;
  readonly text: string;
}

/** What became of a batch. */
export interface BatchResult {
  /** Names of the messages that the queue is to bring again. */
  readonly failed: readonly string[];
  readonly errors: readonly unknown[];
  /** Of each error, the index of its message. */
  readonly errorsAt: readonly number[];
  /** Outcome → deliveries whose event or quarantine is in the log. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/**
 * Normalises each message by itself and writes all to the log at once. Only what the log has acknowledged is taken off
 * the queue (P3).
 * @param deadline ms since the epoch; what does not answer is waited for until then, so that an outage does not use up
 * the queue's receives.
 */
export async function normaliseBatch(
  messages: readonly Message[],
  ports: BatchPorts,
  deadline: number,
): Promise<BatchResult> {
  const settled = await Promise.allSettled(
    messages.map(({ text }) => patiently(() => normalise(text, ports), { ...ports, deadline }, mayPass)),
  );
  const done = settled.flatMap((result, at) =>
    result.status === 'fulfilled' ? [{ ...result.value, id: messages[at]!.id }] : [],
  );
  const acknowledged = await ports.log.publish(
    done.map(({ entry }) => entry),
    deadline,
  );
  const written = done.filter((_, at) => acknowledged[at]);
  const outcomes: Record<string, number> = {};
  for (const { outcome } of written) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const taken = new Set(written.map(({ id }) => id));
  return {
    failed: messages.map(({ id }) => id).filter((id) => !taken.has(id)),
    errors: settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
    errorsAt: settled.flatMap(({ status }, at) => (status === 'rejected' ? [at] : [])),
    outcomes,
  };
}

/** Another invocation has the delivery in hand for some milliseconds, or until it would have ended. */
const mayPass = (error: unknown) => error instanceof DeliveryBusyError || isTransient(error);

async function normalise(text: string, ports: BatchPorts): Promise<Normalised> {
  const message = readMessage(text);
  if (!message) throw new Error('the message is none that receive writes');
  return normaliseMessage(message, ports);
}
