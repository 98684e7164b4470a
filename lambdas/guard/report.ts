import { LEVELS } from '../domain/control/control.ts';
import type { Looked } from './steer-control.ts';

/** Metrics of one look, zeros too: without them nobody would know whether anybody steers. */
export function numbersOf({ control, signals, step }: Looked, now: number): Readonly<Record<string, number>> {
  const at = new Date(now).toISOString();
  return {
    level: LEVELS.indexOf(control.level),
    held: control.held.length,
    overBudget: (signals.producers ?? []).filter(({ offered, budget }) => offered > budget).length,
    maintenance: control.maintenance.some(({ from, to }) => from <= at && at < to) ? 1 : 0,
    steps: step ? 1 : 0,
  };
}
