import { type Message, type Repaired, type RepairPorts, repairMessage } from './repair-message.ts';

/** What became of a batch. */
export interface RepairResult {
  /** Names of the messages that the queue is to bring again. */
  readonly failed: readonly string[];
  readonly errors: readonly unknown[];
  /** Of each error, the index of its message. */
  readonly errorsAt: readonly number[];
  readonly results: readonly (Repaired & { readonly messageId: string })[];
  readonly repaired: number;
  readonly repairedRecords: number;
  /** Given to an operator. */
  readonly repairsFailed: number;
}

/** Repairs each message by itself, all at the same time: what one waits for may be what another brings. */
export async function repairBatch(
  messages: readonly Message[],
  ports: RepairPorts,
  deadline: number,
): Promise<RepairResult> {
  const settled = await Promise.allSettled(
    messages.map((message) => repairMessage(message, ports, deadline)),
  );
  const failed: string[] = [];
  const errors: unknown[] = [];
  const errorsAt: number[] = [];
  const results: (Repaired & { messageId: string })[] = [];
  const counts = { repaired: 0, repairedRecords: 0, repairsFailed: 0 };
  for (const [index, each] of settled.entries()) {
    const { messageId } = messages[index]!;
    if (each.status === 'rejected') {
      errors.push(each.reason);
      errorsAt.push(index);
      failed.push(messageId);
      continue;
    }
    const result = each.value;
    results.push({ messageId, ...result });
    if (result.outcome === 'later') failed.push(messageId);
    if (result.outcome === 'failed') counts.repairsFailed++;
    if (result.outcome === 'repaired') {
      counts.repaired++;
      counts.repairedRecords += result.records;
    }
  }
  return { failed, errors, errorsAt, results, ...counts };
}
