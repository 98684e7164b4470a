import type { Priority } from '../contract.ts';
import type { Random } from '../ports.ts';
import { type Control, type Held, shareShed } from './control.ts';

/** Why an event is shed: it is its priority's turn, or its producer sends more than it may. */
export type ShedCode = 'shed' | 'over-budget';

/** Decides of one event that may be counted whether it is shed, and why. */
export type ShedEvent = (priority: Priority) => ShedCode | undefined;

interface Sender {
  readonly tenant: string;
  readonly producer: string;
}

type How = Held['how'];

/** Made once for each version that is read, not for each request. */
const byProducer = new WeakMap<Control, ReadonlyMap<string, How>>();

/** How a producer is held, the strictest where it is so more than once; undefined where it is not. */
export function howHeld(control: Control, { tenant, producer }: Sender): How | undefined {
  if (control.held.length === 0) return undefined;
  let index = byProducer.get(control);
  if (!index) {
    index = indexHeld(control.held);
    byProducer.set(control, index);
  }
  return index.get(keyOf(tenant, producer));
}

function indexHeld(held: readonly Held[]): ReadonlyMap<string, How> {
  const index = new Map<string, How>();
  for (const { tenant, producer, how } of held) {
    const key = keyOf(tenant, producer);
    const known = index.get(key);
    if (known === undefined || strictness(how) > strictness(known)) index.set(key, how);
  }
  return index;
}

/** A share is at most 1. */
const strictness = (how: How) => (how.kind === 'suspended' ? 2 : how.share);

const keyOf = (tenant: string, producer: string) => JSON.stringify([tenant, producer]);

/**
 * What decides for a producer's events under a control; undefined in quiet times, when nothing of its is shed. Where a
 * part is shed, each event is drawn by itself, and anew when it is sent again: so none is shed for ever.
 */
export function shedderOf(control: Control, sender: Sender, random: Random): ShedEvent | undefined {
  const { level } = control;
  const how = howHeld(control, sender);
  const overBudget = how?.kind === 'over-budget' ? how.share : 0;
  if (level === 'none' && overBudget === 0) return undefined;
  return (priority) => {
    if (priority === 'critical') return undefined;
    if (random.fraction() < overBudget) return 'over-budget';
    return random.fraction() < shareShed(level, priority) ? 'shed' : undefined;
  };
}
