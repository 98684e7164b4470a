import { TOUCHED_SLOTS, touchedKey } from '../domain/keys.ts';
import { monthsBetween, touchedPerBatch } from '../domain/recovery/plan-batches.ts';

/**
 * The arrival index's partitions of these tenants and months, in batches. There every bucket is found that was written
 * to in that time, whether the archive knows it or not.
 */
export function* listTouched(
  tenants: readonly string[],
  fromMs: number,
  toMs: number,
): Generator<readonly string[]> {
  const months = monthsBetween(fromMs, toMs);
  const most = touchedPerBatch(tenants.length * months.length * TOUCHED_SLOTS);
  let touched: string[] = [];
  for (const tenant of tenants) {
    for (const month of months) {
      for (let slot = 0; slot < TOUCHED_SLOTS; slot++) touched.push(touchedKey(tenant, month, slot));
      if (touched.length >= most) {
        yield touched;
        touched = [];
      }
    }
  }
  if (touched.length > 0) yield touched;
}
