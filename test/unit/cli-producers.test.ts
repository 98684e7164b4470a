import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  addProducer,
  type NewProducer,
  revokeKeys,
  rotateKey,
} from '../../cli/producers/manage-producers.ts';
import { decodeProducer, encodeProducer, isLive } from '../../cli/producers/producer.ts';
import { describeProducerStoreContract } from '../contract/producer-store.ts';
import { MemoryProducers, memoryPorts } from '../support/memory-producers.ts';

const DAY = 86_400_000;
const names = { tenant: 'acme', producer: 'meters' };
const wanted: NewProducer = { ...names, types: ['network.*'], scopes: ['events:write'], tier: 'standard' };

describeProducerStoreContract('memory', () => new MemoryProducers(), 'unit');

function refuse(): never {
  throw Object.assign(new Error('throttled'), { name: 'ThrottlingException' });
}

describe('producers add', () => {
  it('makes a key that is kept nowhere but as its hash and in API Gateway', async () => {
    const { ports, store, gateway } = memoryPorts();
    const { key, keyId } = await addProducer(ports, wanted);
    expect(key).toMatch(/^wk_[A-Za-z0-9_-]{43}$/);
    expect([...store.credentials.keys()]).toEqual([hash('sha256', key)]);
    expect(keyId).toBe(hash('sha256', key).slice(0, 12));
    expect(JSON.stringify([...store.producers.values()])).not.toContain(key);
    expect([...gateway.keys.values()]).toEqual([
      { name: `weir/acme/meters/${keyId}`, value: key, created: ports.now() },
    ]);
  });

  it('never makes the same key twice', async () => {
    const { ports } = memoryPorts();
    const keys = new Set<string>();
    for (let index = 0; index < 50; index++) {
      keys.add((await addProducer(ports, { ...wanted, producer: `p${index}` })).key);
    }
    expect(keys.size).toBe(50);
  });

  it('refuses a producer that exists, and leaves it as it is', async () => {
    const { ports, store, gateway } = memoryPorts();
    await addProducer(ports, wanted);
    const before = structuredClone([...store.producers]);
    await expect(addProducer(ports, wanted)).rejects.toMatchObject({ exitCode: 1 });
    expect([...store.producers]).toEqual(before);
    expect(gateway.keys.size).toBe(1);
  });

  it('leaves nothing behind where the table refuses', async () => {
    const { ports, store, gateway } = memoryPorts();
    store.before = (call) => call === 'create' && refuse();
    await expect(addProducer(ports, wanted)).rejects.toThrow('throttled');
    expect(gateway.keys.size).toBe(0);
    store.before = () => {};
    await expect(addProducer(ports, wanted)).resolves.toMatchObject({ key: expect.any(String) });
  });

  it('keeps the key where only the answer was lost', async () => {
    const { ports, store, gateway } = memoryPorts();
    store.after = refuse;
    const { key } = await addProducer(ports, wanted);
    expect(store.credentials.has(hash('sha256', key))).toBe(true);
    expect(gateway.keys.size).toBe(1);
  });

  it('loses a race without harm', async () => {
    const { ports, store, gateway } = memoryPorts();
    const results = await Promise.allSettled([addProducer(ports, wanted), addProducer(ports, wanted)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(store.credentials.size).toBe(1);
    expect(gateway.keys.size).toBe(1);
  });

  it('clears away what a command that was killed has left, but nothing that may still be in use', async () => {
    const { ports, gateway, clock } = memoryPorts();
    await gateway.create('weir/acme/meters/dead', 'wk_dead');
    clock.now += 2 * 3_600_000;
    await gateway.create('weir/acme/meters/busy', 'wk_busy');
    await gateway.create('weir/acme/other/old', 'wk_other');
    await addProducer(ports, wanted);
    expect([...gateway.keys.values()].map(({ name }) => name.split('/').slice(2).join('/'))).toEqual([
      'meters/busy',
      'other/old',
      expect.stringMatching(/^meters\/[0-9a-f]{12}$/),
    ]);
  });

  it.each([
    { tenant: '' },
    { tenant: 'a b' },
    { tenant: 'weir' },
    { producer: 'x'.repeat(65) },
    { producer: '-x' },
    { types: ['weir.*'] },
    { types: ['weir.quarantine'] },
    { types: ['a b'] },
    { types: ['a*'] },
    { types: [] },
    { tier: 'gold' },
  ])('refuses %j', async (wrong) => {
    const { ports, gateway } = memoryPorts();
    await expect(addProducer(ports, { ...wanted, ...wrong })).rejects.toMatchObject({ exitCode: 2 });
    expect(gateway.keys.size).toBe(0);
  });
});

describe('F10 producers rotate', () => {
  it('lets the old key go on for the overlap, and no longer', async () => {
    const { ports, store, clock } = memoryPorts();
    const first = await addProducer(ports, wanted);
    clock.now += 10 * DAY;
    const second = await rotateKey(ports, names, 7 * DAY);
    const [old, fresh] = store.producers.get('acme meters')!.keys;
    expect(old).toMatchObject({ keyId: first.keyId, expires: new Date(clock.now + 7 * DAY).toISOString() });
    expect(fresh).toMatchObject({ keyId: second.keyId, status: 'active' });
    expect(fresh).not.toHaveProperty('expires');
    expect(store.credentials.get(hash('sha256', first.key))).toEqual(old);
    expect(isLive(old!, clock.now + 7 * DAY)).toBe(false);
    expect(isLive(old!, clock.now + 7 * DAY - 1)).toBe(true);
  });

  it('never makes an end later than it was', async () => {
    const { ports, store, clock } = memoryPorts();
    await addProducer(ports, { ...wanted, expiresAfterMs: DAY });
    await rotateKey(ports, names, 7 * DAY);
    expect(store.producers.get('acme meters')!.keys[0]!.expires).toBe(
      new Date(clock.now + DAY).toISOString(),
    );
  });

  it('refuses a third live key, and takes one again when one has ended', async () => {
    const { ports, gateway, clock } = memoryPorts();
    await addProducer(ports, wanted);
    await rotateKey(ports, names, 7 * DAY);
    await expect(rotateKey(ports, names, 7 * DAY)).rejects.toMatchObject({ exitCode: 1 });
    clock.now += 8 * DAY;
    await rotateKey(ports, names, 7 * DAY);
    expect(gateway.keys.size).toBe(2);
  });

  it('changes nothing where the table refuses, or somebody else was first', async () => {
    const { ports, store, gateway } = memoryPorts();
    await addProducer(ports, wanted);
    const before = structuredClone([...store.producers]);
    store.before = (call) => call === 'replaceKeys' && refuse();
    await expect(rotateKey(ports, names, DAY)).rejects.toThrow('throttled');
    expect([...store.producers]).toEqual(before);
    expect(gateway.keys.size).toBe(1);
    store.before = () => {};
    const both = await Promise.allSettled([rotateKey(ports, names, DAY), rotateKey(ports, names, DAY)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(gateway.keys.size).toBe(2);
  });

  it('refuses a producer that is not there', async () => {
    await expect(rotateKey(memoryPorts().ports, names, DAY)).rejects.toMatchObject({ exitCode: 1 });
  });
});

describe('producers revoke', () => {
  it('ends one key and leaves the other', async () => {
    const { ports, store, gateway, clock } = memoryPorts();
    const first = await addProducer(ports, wanted);
    const second = await rotateKey(ports, names, 7 * DAY);
    await revokeKeys(ports, names, { keyId: first.keyId });
    expect(store.credentials.get(hash('sha256', first.key))).toMatchObject({ status: 'revoked' });
    expect(isLive(store.credentials.get(hash('sha256', second.key))!, clock.now)).toBe(true);
    expect([...gateway.keys.values()].map(({ value }) => value)).toEqual([second.key]);
  });

  it('revokes before it cleans up, and finishes the rest when repeated', async () => {
    const { ports, store, gateway } = memoryPorts();
    const { key } = await addProducer(ports, wanted);
    gateway.before = (call) => call === 'remove' && refuse();
    await expect(revokeKeys(ports, names, 'all')).rejects.toThrow('throttled');
    expect(store.credentials.get(hash('sha256', key))).toMatchObject({ status: 'revoked' });
    gateway.before = () => {};
    await expect(revokeKeys(ports, names, 'all')).resolves.toHaveLength(1);
    expect(gateway.keys.size).toBe(0);
  });

  it('refuses a key that the producer does not have', async () => {
    const { ports } = memoryPorts();
    await addProducer(ports, wanted);
    await expect(revokeKeys(ports, names, { keyId: 'ffffffffffff' })).rejects.toMatchObject({ exitCode: 1 });
  });
});

it('a producer read back from its item is the one that was written', () => {
  const producer = {
    tenant: 'a#b%',
    producer: 'p|q',
    types: ['*'],
    scopes: ['events:write', 'usage:read'] as const,
    tier: 'bulk',
    created: '2026-11-21T10:00:00.000Z',
    keys: [
      { keyId: 'k', hash: 'h', apiKeyId: 'g', status: 'revoked' as const, created: 'c', expires: 'e' },
      { keyId: 'l', hash: 'i', apiKeyId: 'j', status: 'active' as const, created: 'c' },
    ],
  };
  const item = encodeProducer(producer);
  expect(item).toMatchObject({ pk: { S: 'TENANT#a%23b%25' }, sk: { S: 'PRODUCER#p%7Cq' } });
  expect(decodeProducer(item)).toEqual(producer);
});
