import type { Approach } from './baselines/counter.ts';
import { groupedUpdates } from './baselines/grouped-updates.ts';
import { idempotentUpdates } from './baselines/idempotent-updates.ts';
import { transactions } from './baselines/transactions.ts';
import { recordsOf } from './records.ts';
import { STATE } from './tables.ts';
import { NO_LOG, startProjector } from './weir-projector.ts';

/** The product's projector as one way to count among others. */
export const weir: Approach = {
  name: 'Weir',
  countsIn: STATE.name,
  start(client) {
    const project = startProjector(client, NO_LOG);
    return async (events) => {
      const { failedFrom, errors } = await project(recordsOf({ events, atMs: Date.parse(events[0]!.time!) }));
      if (failedFrom !== undefined) throw errors[0];
    };
  },
};

export const APPROACHES: readonly Approach[] = [weir, groupedUpdates, idempotentUpdates, transactions];
