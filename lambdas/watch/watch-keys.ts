import { type ExpiringKey, expiringKeys, isEnded, type ProducerKeys } from '../domain/watch/expiring-keys.ts';
import type { WatchPorts } from '../domain/watch/ports.ts';
import { forget, namesOf } from '../domain/watch/seen-slots.ts';

/**
 * Keys that end soon, the first to end first. Producers whose keys an operator has all revoked are forgotten: that they are silent
 * is as it should be.
 */
export async function watchKeys({
  clock,
  store,
  producers,
}: Pick<WatchPorts, 'clock' | 'store' | 'producers'>): Promise<readonly ExpiringKey[]> {
  const now = clock.now();
  const expiring: ExpiringKey[] = [];
  const ended: ProducerKeys[] = [];
  for await (const some of producers.list()) {
    expiring.push(...some.flatMap((each) => expiringKeys(each, now)));
    ended.push(...some.filter(isEnded));
  }
  if (ended.length > 0) {
    const names = namesOf(ended);
    for (const [number, slot] of await store.slots()) {
      const left = forget(slot, names);
      if (left.seen.length < slot.seen.length) await store.writeSlot(number, left);
    }
  }
  return expiring.sort((a, b) => a.endsMs - b.endsMs);
}
