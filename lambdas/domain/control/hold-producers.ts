import type { Control, Held } from './control.ts';
import type { ProducerRate, Signals } from './signals.ts';
import { GUARD, type Step } from './step.ts';

/** Most producers that guard holds: the control item is read by everybody, every few seconds. */
const MAX_HELD = 20;
/**
 * Part of its budget by which a producer may be beyond it: rates are measured roughly. One that is held may be further: or one
 * that offers a little more each minute would have each step taken for it, and nothing else be shed meanwhile.
 */
const [TOLERANCE, TOLERANCE_HELD] = [0.05, 0.5];
/** How much less share there must be to shed before it is worth a step. */
const EASIER = 0.1;
/** Shares have three decimals, and leave something of a budget however much is offered. */
const [DECIMALS, MOST] = [1000, 0.999];

/** Holds the producer that is most beyond its budget at it, or tighter, if what passes is still beyond. */
export function holdHeaviest(
  { held, level }: Control,
  { producers = [] }: Signals,
  now: number,
): Step | undefined {
  const candidates = producers.flatMap((rate) => {
    const before = held.find((one) => isOf(one, rate));
    // Of whom an operator has decided, guard does not.
    if (before && !isGuards(before)) return [];
    const excess = rate.offered * (1 - shareOf(before)) - rate.budget;
    const tolerance = before ? TOLERANCE_HELD : TOLERANCE;
    return excess > rate.budget * tolerance ? [{ rate, before, excess }] : [];
  });
  const full = held.filter(isGuards).length >= MAX_HELD;
  const heaviest = candidates
    .filter(({ before, rate }) => (before ? neededShare(rate) > shareOf(before) : !full))
    .sort((a, b) => b.excess - a.excess || compare(a.rate, b.rate))[0];
  if (!heaviest) return undefined;
  const { rate, before } = heaviest;
  const { tenant, producer } = rate;
  const share = neededShare(rate);
  const says = `${nameOf(rate)} is held: of its events that are not critical ${percent(share)} is shed, as ${sayRate(rate)}`;
  const since = before?.since ?? new Date(now).toISOString();
  const hold: Held = {
    tenant,
    producer,
    how: { kind: 'over-budget', share },
    since,
    reason: sayRate(rate),
    by: GUARD,
  };
  return { level, held: [...held.filter((one) => one !== before), hold], says };
}

/**
 * Releases a producer whose offer fits its budget by now, or sheds less of one that offers clearly less. Not before it was
 * held for a while: whoever waits as it is told offers less for that reason alone.
 * @param before ms since the epoch: those held since then or longer
 */
export function easeProducer(
  { held, level }: Control,
  { producers }: Signals,
  before: number,
): Step | undefined {
  if (!producers) return undefined;
  for (const one of held.filter(isGuards)) {
    const rate = producers.find((of) => isOf(one, of));
    const share = rate ? neededShare(rate) : 0;
    if (Date.parse(one.since) > before || (share > 0 && share > shareOf(one) - EASIER)) continue;
    const others = held.filter((other) => other !== one);
    if (!rate || share === 0)
      return { level, held: others, says: `${nameOf(one)} keeps within its budget, and is released` };
    const eased: Held = { ...one, how: { kind: 'over-budget', share }, reason: sayRate(rate) };
    return {
      level,
      held: [...others, eased],
      says: `${nameOf(one)} is shed less: ${percent(share)}, as ${sayRate(rate)}`,
    };
  }
  return undefined;
}

/** Releases one that is beyond its budget still, as there is room for it: the one that adds least. */
export function releaseLightest({ held, level }: Control, { producers = [] }: Signals): Step | undefined {
  const excess = (one: Held) => producers.find((rate) => isOf(one, rate))?.offered ?? 0;
  const lightest = held.filter(isGuards).sort((a, b) => excess(a) - excess(b) || compare(a, b))[0];
  if (!lightest) return undefined;
  return { level, held: held.filter((one) => one !== lightest), says: `${nameOf(lightest)} is released` };
}

/** The share of an offer beyond the budget, rounded up; 0 where it fits. */
function neededShare({ offered, budget }: ProducerRate): number {
  if (offered <= budget) return 0;
  return Math.min(MOST, Math.ceil((1 - budget / offered) * DECIMALS) / DECIMALS);
}

type Named = Pick<Held, 'tenant' | 'producer'>;

const isGuards = ({ by, how }: Held): boolean => by === GUARD && how.kind === 'over-budget';
const isOf = (a: Named, b: Named): boolean => a.tenant === b.tenant && a.producer === b.producer;
const shareOf = (held: Held | undefined): number => (held?.how.kind === 'over-budget' ? held.how.share : 0);
const nameOf = ({ tenant, producer }: Named): string => `${tenant}/${producer}`;
const compare = (a: Named, b: Named): number => (nameOf(a) < nameOf(b) ? -1 : 1);
const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
const sayRate = ({ offered, budget }: ProducerRate): string =>
  `it offers ${Number(offered.toFixed(1))} events a second with a budget of ${budget}`;
