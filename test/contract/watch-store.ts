import { describe, expect, it } from 'vitest';
import { minuteOf } from '../../lambdas/domain/watch/last-seen.ts';
import type { WatchStore } from '../../lambdas/domain/watch/ports.ts';

/** What every store of watch must do. It may hold what others wrote. */
export function describeWatchStoreContract(name: string, make: () => WatchStore): void {
  const deploy = {
    at: new Date().toISOString(),
    builds: { ingest: '1+a' },
    contracts: 'c'.repeat(64),
    changed: ['ingest'],
    contractsChanged: true,
  };

  describe(`store of watch: ${name}`, () => {
    it('gives each look back as it was noted last, and leaves the others', async () => {
      const store = make();
      await store.note('keys', { at: 1, expiring: 0, names: [] });
      await store.note('telemetry', { totals: [{ at: 1, events: 7 }], comparedTo: 0 });
      const names = [{ tenant: 'ü#|%', producer: 'p', keyId: 'k', endsMs: 9 }];
      await store.note('keys', { at: 2, expiring: 1, names });
      await store.addDeploy(deploy);
      await store.note('deploy', deploy);
      expect(await store.looks()).toMatchObject({
        keys: { at: 2, expiring: 1, names },
        telemetry: { totals: [{ at: 1, events: 7 }], comparedTo: 0 },
        deploy,
      });
    });

    it('gives a slot back as it was written last, also a large one', async () => {
      const store = make();
      const seen = (count: number) =>
        Array.from({ length: count }, (_, at) => ({
          ...{ tenant: 'tenant-ü', producer: `producer-${at}-${'x'.repeat(60)}` },
          ...{ first: 1, last: at, gap: 2, gapBefore: 3, span: 4 },
        }));
      // Not of long ago: who looks next would have to catch up from there.
      const upTo = minuteOf(Date.now()) - 7;
      await store.writeSlot(3, { upTo, seen: [] });
      await store.writeSlot(3, { upTo: upTo + 1, seen: seen(2_500) });
      expect((await store.slots()).get(3)).toEqual({ upTo: upTo + 1, seen: seen(2_500) });
      await store.writeSlot(3, { upTo: upTo + 2, seen: [] });
      expect((await store.slots()).get(3)).toEqual({ upTo: upTo + 2, seen: [] });
    });
  });
}
