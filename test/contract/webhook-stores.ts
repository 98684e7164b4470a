import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DeadLetters } from '../../lambdas/domain/webhooks/dead-letters.ts';
import type { Endpoint, EndpointStore, Secret, SecretStore } from '../../lambdas/domain/webhooks/endpoint.ts';
import type { BodyStore } from '../../lambdas/domain/webhooks/queued.ts';
import { endpointOf } from '../support/memory-webhooks.ts';

/** What every store of endpoints must do. `make` is given what is to be in it. */
export function describeEndpointStoreContract(
  name: string,
  make: (given: readonly Endpoint[]) => Promise<EndpointStore>,
): void {
  describe(`endpoint store: ${name}`, () => {
    it.each(['github', 'stripe', 'square', 'twilio'])(
      'finds an endpoint of %s as it was given',
      async (provider) => {
        const endpoint = `we_${randomBytes(24).toString('base64url')}`;
        const given = endpointOf({
          endpoint,
          provider,
          tenant: 'te#nant|%',
          name: 'hook é',
          status: 'disabled',
        });
        const store = await make([given]);
        expect(await store.find(endpoint)).toEqual(given);
        expect(await store.find(`we_${randomBytes(24).toString('base64url')}`)).toBeUndefined();
      },
    );
  });
}

/** What every store of secrets must do. */
export function describeSecretStoreContract(
  name: string,
  make: (secretId: string, secrets: readonly Secret[]) => Promise<SecretStore>,
): void {
  describe(`secret store: ${name}`, () => {
    it('gives the secrets of an endpoint, and none of another', async () => {
      const created = '2026-11-21T07:30:00.000Z';
      const secrets = [
        { value: 's1 "é\\', created, expires: created },
        { value: 's2', created },
      ];
      const secretId = `weir/webhooks/contract-${randomBytes(8).toString('hex')}`;
      const store = await make(secretId, secrets);
      expect(await store.find(secretId)).toEqual(secrets);
      await expect(store.find(`${secretId}x`)).rejects.toThrow();
    });
  });
}

/** What every store of bodies must do. */
export function describeBodyStoreContract(name: string, make: () => BodyStore): void {
  describe(`body store: ${name}`, () => {
    it('P1: gives back the bytes that it was given, however often they were', async () => {
      const store = make();
      const body = randomBytes(300_000);
      const reference = await store.put('te#nant', body);
      expect(await store.put('te#nant', body)).toEqual(reference);
      expect(reference.bytes).toBe(body.length);
      expect(await store.get(reference)).toEqual(body);
    });

    it('keeps tenants apart', async () => {
      const store = make();
      const body = randomBytes(10);
      expect((await store.put('a', body)).key).not.toBe((await store.put('b', body)).key);
    });

    it('does not give what is not there', async () => {
      const store = make();
      const reference = await store.put('t', randomBytes(10));
      await expect(store.get({ ...reference, key: `${reference.key}0` })).rejects.toThrow();
    });
  });
}

/** What every dead letter queue must do. `make` is given the texts of its messages. */
export function describeDeadLettersContract(
  name: string,
  make: (texts: readonly string[]) => Promise<DeadLetters>,
): void {
  const all = async (letters: DeadLetters) => {
    const taken = [];
    for (;;) {
      const some = await letters.take();
      if (some.length === 0) return taken;
      taken.push(...some);
    }
  };
  const texts = Array.from({ length: 12 }, (_, at) => `letter ${at}`);

  describe(`dead letters: ${name}`, () => {
    it('P3: gives each message once, and again what was given back; what was removed is gone', async () => {
      const letters = await make(texts);
      const taken = await all(letters);
      expect(taken.map(({ text }) => text).sort()).toEqual([...texts].sort());
      for (const { sentMs } of taken) expect(Math.abs(Date.now() - sentMs)).toBeLessThan(600_000);
      const [removed, left] = [taken.slice(0, 11), taken.slice(11)];
      await letters.remove(removed);
      await letters.release(left);
      const again = await all(letters);
      expect(again.map(({ id, text }) => [id, text])).toEqual(left.map(({ id, text }) => [id, text]));
      await letters.remove(again);
      await letters.remove([]);
      expect(await all(letters)).toEqual([]);
    });
  });
}
