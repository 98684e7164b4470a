import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Deliveries } from '../../lambdas/domain/webhooks/deliveries.ts';

const DAY = 86_400;
const first = { time: '2026-11-21T07:30:00.000Z', hash: 'a'.repeat(64) };
const other = { time: '2026-11-29T07:30:00.000Z', hash: 'b'.repeat(64) };

/** What every store of first receipts must do. `make` gives one that others may use at the same time. */
export function describeDeliveriesContract(name: string, make: () => Deliveries): void {
  const endpoint = `we_${randomUUID().replaceAll('-', '')}`;

  describe(`deliveries: ${name}`, () => {
    afterEach(() => vi.useRealTimers());

    it('P2: gives the first receipt back, to whoever asks and however often', async () => {
      const deliveries = make();
      const id = randomUUID();
      expect(await deliveries.fix(endpoint, id, first, DAY)).toEqual(first);
      expect(await deliveries.fix(endpoint, id, other, DAY)).toEqual(first);
      expect(await deliveries.fix(endpoint, `${id}2`, other, DAY)).toEqual(other);
      expect(await deliveries.fix(endpoint.replace('we_', 'wf_'), id, other, DAY)).toEqual(other);
    });

    it('P2: has one winner among many at once; the others hear of it, or that it is busy', async () => {
      const deliveries = make();
      const id = randomUUID();
      const asked = Array.from({ length: 8 }, (_, at) => ({
        ...first,
        time: `2026-11-21T07:30:0${at}.000Z`,
      }));
      const settled = await Promise.allSettled(asked.map((each) => deliveries.fix(endpoint, id, each, DAY)));
      const winner = await deliveries.fix(endpoint, id, other, DAY);
      for (const result of settled) {
        if (result.status === 'fulfilled') expect(result.value).toEqual(winner);
        else expect(result.reason.name).toBe('DeliveryBusyError');
      }
      expect(settled.some(({ status }) => status === 'fulfilled')).toBe(true);
      expect(asked).toContainEqual(winner);
    });

    it('P2: remembers for as long as is asked, whatever others ask for; then takes what comes as the first', async () => {
      const deliveries = make();
      const [long, short] = [randomUUID(), randomUUID()];
      await deliveries.fix(endpoint, long, first, 49 * DAY);
      await deliveries.fix(endpoint, short, first, DAY);
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * DAY * 1000 });
      expect(await deliveries.fix(endpoint, long, other, DAY)).toEqual(first);
      expect(await deliveries.fix(endpoint, short, other, DAY)).toEqual(other);
    });

    it('P3: never takes a delivery without an id', async () => {
      await expect(make().fix(endpoint, '', first, DAY)).rejects.toThrow();
    });

    it('P2: keeps a body for who came with it first, for ever', async () => {
      const deliveries = make();
      const bodyHash = randomUUID();
      const claim = { deliveryId: 'd1', time: first.time };
      expect(await deliveries.claimBody(endpoint, bodyHash, claim)).toEqual(claim);
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 400 * DAY * 1000 });
      const later = { deliveryId: 'd2', time: other.time };
      expect(await deliveries.claimBody(endpoint, bodyHash, later)).toEqual(claim);
      expect(await deliveries.claimBody(endpoint, `${bodyHash}2`, later)).toEqual(later);
    });
  });
}
