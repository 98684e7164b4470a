import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ProducerPorts } from '../../cli/producers/manage-producers.ts';
import type { Producer, ProducerKey } from '../../cli/producers/producer.ts';
import { ChangedMeanwhileError } from '../../cli/producers/producer-store.ts';

/** What every store of producers must do. `make` is called for each test; `run` keeps runs apart. */
export function describeProducerStoreContract(
  name: string,
  make: () => ProducerPorts['store'],
  run: string,
): void {
  const keyOf = (text: string, more: Partial<ProducerKey> = {}): ProducerKey => ({
    keyId: text,
    hash: hash('sha256', `${run} ${text}`),
    apiKeyId: `gw-${text}`,
    status: 'active',
    created: '2026-11-21T10:00:00.000Z',
    ...more,
  });
  const producerOf = (producer: string, ...keys: ProducerKey[]): Producer => ({
    tenant: `t#% ${run}`,
    producer,
    types: ['network.*', 'disk.write'],
    scopes: ['events:write'],
    tier: 'standard',
    created: '2026-11-21T10:00:00.000Z',
    keys,
  });

  describe(`producer store: ${name}`, () => {
    it('finds what was made, and nothing else', async () => {
      const store = make();
      const producer = producerOf('found', keyOf('a', { expires: '2027-01-01T00:00:00.000Z' }));
      await store.create(producer);
      expect(await store.find(producer.tenant, 'found')).toEqual(producer);
      expect(await store.find(producer.tenant, 'other')).toBeUndefined();
      expect(await store.hasCredential(keyOf('a').hash)).toBe(true);
      expect(await store.hasCredential(keyOf('never').hash)).toBe(false);
    });

    it('makes a producer once, and then leaves it and its credentials alone', async () => {
      const store = make();
      await store.create(producerOf('once', keyOf('b')));
      await expect(store.create(producerOf('once', keyOf('c')))).rejects.toThrow(ChangedMeanwhileError);
      expect(await store.find(producerOf('once').tenant, 'once')).toEqual(producerOf('once', keyOf('b')));
      expect(await store.hasCredential(keyOf('c').hash)).toBe(false);
    });

    it('replaces keys of what was seen, adding credentials and changing those that changed', async () => {
      const store = make();
      const seen = producerOf('turned', keyOf('d'));
      await store.create(seen);
      const keys = [keyOf('d', { status: 'revoked', expires: '2026-12-01T00:00:00.000Z' }), keyOf('e')];
      await store.replaceKeys(seen, keys);
      expect((await store.find(seen.tenant, 'turned'))?.keys).toEqual(keys);
      expect(await store.hasCredential(keyOf('e').hash)).toBe(true);
    });

    it('changes nothing where something else stands there than was seen', async () => {
      const store = make();
      const seen = producerOf('raced', keyOf('f'));
      await store.create(seen);
      await store.replaceKeys(seen, [...seen.keys, keyOf('g')]);
      await expect(store.replaceKeys(seen, [...seen.keys, keyOf('h')])).rejects.toThrow(
        ChangedMeanwhileError,
      );
      expect((await store.find(seen.tenant, 'raced'))?.keys).toEqual([keyOf('f'), keyOf('g')]);
      expect(await store.hasCredential(keyOf('h').hash)).toBe(false);
    });
  });
}
