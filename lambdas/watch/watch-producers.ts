import { type Minute, minuteName, minuteOf, type Seen } from '../domain/watch/last-seen.ts';
import type { WatchPorts } from '../domain/watch/ports.ts';
import {
  advanceSlot,
  encodeSlot,
  excuse,
  namesOf,
  type Sightings,
  SLOTS,
  type Slot,
  silentOf,
  skipTo,
} from '../domain/watch/seen-slots.ts';
import { mapAtMost } from '../platform/map-at-most.ts';

/** Instances of ingest tell what they took within some fifteen seconds: younger minutes are left for later. */
const SETTLED = 2;
/** Activity is kept for two days. What is older is not known, and is no silence. */
const KEPT = 47 * 60;
/** Most minutes of one look: after an outage of its own, watch catches up look by look. */
const MOST_MINUTES = 120;
/** How far back the first look goes. */
const FIRST = 10;
const READERS = 4;

/** Those who have stopped, by activity since the last look; not those whom an operator has suspended. */
export async function watchProducers({
  clock,
  store,
  activity,
  control,
}: Pick<WatchPorts, 'clock' | 'store' | 'activity' | 'control'>): Promise<readonly Seen[]> {
  const settled = minuteOf(clock.now()) - SETTLED;
  const written = await store.slots();
  const slots = Array.from({ length: SLOTS }, (_, number) =>
    skipTo(written.get(number) ?? { upTo: settled - FIRST, seen: [] }, settled - KEPT),
  );
  const sightings = await readActivity(activity, minutesAfter(slots, settled));
  // Their requests are refused unread, so they leave no activity.
  const suspended = namesOf((await control.read()).held.filter(({ how }) => how.kind === 'suspended'));
  const advanced = slots.map((slot, number) => {
    const next = advanceSlot(slot, number, sightings);
    return excuse(next, suspended, next.upTo - slot.upTo);
  });
  for (const [number, slot] of advanced.entries())
    if (isOther(slot, written.get(number))) await store.writeSlot(number, slot);
  return silentOf(advanced, suspended);
}

function minutesAfter(slots: readonly Slot[], settled: Minute): readonly Minute[] {
  const first = Math.min(...slots.map(({ upTo }) => upTo)) + 1;
  const last = Math.min(settled, first + MOST_MINUTES - 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

function readActivity(activity: WatchPorts['activity'], minutes: readonly Minute[]): Promise<Sightings> {
  return mapAtMost(
    READERS,
    minutes,
    async (minute) => [minute, await activity.of(minuteName(minute))] as const,
  );
}

function isOther(slot: Slot, written: Slot | undefined): boolean {
  return !written || encodeSlot(slot) !== encodeSlot(written);
}
