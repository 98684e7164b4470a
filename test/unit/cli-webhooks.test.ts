import { describe, expect, it } from 'vitest';
import { addWebhook, rotateSecret, switchWebhook } from '../../cli/webhooks/manage-webhooks.ts';
import { tryMapping } from '../../cli/webhooks/try-mapping.ts';
import { liveSecrets } from '../../lambdas/domain/webhooks/endpoint.ts';
import { MemoryWebhookAdmin } from '../support/memory-webhook-admin.ts';
import { validatingContracts } from '../support/validating-contracts.ts';
import { weir } from '../support/weir-cli.ts';

const HOUR = 3_600_000;
const names = { tenant: 'acme', name: 'code' };
const github = { ...names, provider: 'github' };
const stripe = { ...names, provider: 'stripe' };
const GIVEN = 'whsec_as_the_provider_shows_it';

const secretsOf = (admin: MemoryWebhookAdmin) => [...admin.secrets.values()][0] ?? [];
const live = (admin: MemoryWebhookAdmin) => liveSecrets(secretsOf(admin), admin.clock.now);

describe('weir webhooks add', () => {
  it('makes an address that nobody can guess, and a secret that stands in the secret store alone', async () => {
    const admin = new MemoryWebhookAdmin();
    const added = await addWebhook(admin.ports, github);
    expect(added.endpoint).toMatch(/^we_[A-Za-z0-9_-]{32}$/);
    expect(added.url).toBe(`https://api.example.com/live/v1/webhooks/${added.endpoint}`);
    expect(added.secret).toMatch(/^[0-9a-f]{64}$/);
    expect(live(admin)).toEqual([added.secret]);
    const stored = JSON.stringify([...admin.endpoints.endpoints.values(), ...admin.webhooks.values()]);
    expect(stored).not.toContain(added.secret);
    expect(admin.endpoints.endpoints.get(added.endpoint)).toMatchObject({
      ...{ tenant: 'acme', name: 'code', provider: 'github', status: 'active', scheme: { kind: 'github' } },
      headers: ['content-type', 'x-github-event'],
    });
  });

  it('takes the secret that the provider has made up; until then the endpoint refuses everything', async () => {
    const admin = new MemoryWebhookAdmin();
    expect(await addWebhook(admin.ports, stripe)).toMatchObject({ ready: false });
    expect(live(admin)).toEqual([]);
    const rotated = await rotateSecret(admin.ports, names, HOUR, GIVEN);
    expect([rotated, live(admin)]).toEqual([{ ending: [] }, [GIVEN]]);
    await expect(rotateSecret(admin.ports, names, HOUR)).rejects.toThrow('stripe makes the secret');
    const given = new MemoryWebhookAdmin();
    const added = await addWebhook(given.ports, { ...stripe, secret: GIVEN });
    expect([added.ready, 'secret' in added, live(given)]).toEqual([true, false, [GIVEN]]);
  });

  it.each([
    ['a secret that can be none', { ...stripe, secret: 'with space' }],
    ['an unknown provider without scheme and mapping', { ...names, provider: 'acme' }],
    ['a provider that is no name', { ...names, provider: 'Git Hub' }],
    ['a name that is none', { ...github, name: '../x' }],
    ['a scheme with a mistake', { ...github, scheme: { kind: 'hmac', header: 'x' } }],
    ['a mapping with a mistake', { ...github, mapping: { event: '/a', rules: [{ when: 'x' }] } }],
  ])('refuses %s, and leaves nothing behind', async (_, wanted) => {
    const admin = new MemoryWebhookAdmin();
    await expect(addWebhook(admin.ports, wanted)).rejects.toMatchObject({ exitCode: 2 });
    expect([admin.secrets.size, admin.webhooks.size]).toEqual([0, 0]);
  });

  it('refuses a second of the same name, also one that comes at the same moment', async () => {
    const admin = new MemoryWebhookAdmin();
    await addWebhook(admin.ports, github);
    await expect(addWebhook(admin.ports, github)).rejects.toMatchObject({ exitCode: 1 });
    const both = await Promise.allSettled(
      ['a', 'a'].map((name) => addWebhook(admin.ports, { ...github, name })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(admin.secrets.size).toBe(2);
  });

  it('believes the table where an answer is lost, and takes the secret back where nothing was written', async () => {
    const lost = new MemoryWebhookAdmin();
    lost.after = (call) => {
      if (call === 'create') throw new Error('the answer is lost');
    };
    await addWebhook(lost.ports, github);
    expect([lost.secrets.size, lost.webhooks.size]).toEqual([1, 1]);
    const failed = new MemoryWebhookAdmin();
    failed.before = (call) => {
      if (call === 'create') throw new Error('the table is down');
    };
    await expect(addWebhook(failed.ports, github)).rejects.toThrow('the table is down');
    expect([failed.secrets.size, failed.webhooks.size]).toEqual([0, 0]);
  });
});

describe('weir webhooks rotate', () => {
  it('F10: keeps the old secret for the overlap, never more than two', async () => {
    const admin = new MemoryWebhookAdmin();
    const { secret: first } = await addWebhook(admin.ports, github);
    const { secret: second, ending } = await rotateSecret(admin.ports, names, HOUR);
    expect(ending).toEqual(['2026-11-21T11:00:00.000Z']);
    expect(live(admin)).toEqual([first, second]);
    await expect(rotateSecret(admin.ports, names, HOUR)).rejects.toThrow(/ends at 2026-11-21T11/);
    admin.clock.now += HOUR;
    expect(live(admin)).toEqual([second]);
    const { secret: third } = await rotateSecret(admin.ports, names, HOUR);
    expect(live(admin)).toEqual([second, third]);
    expect(secretsOf(admin)).toHaveLength(2);
  });

  it('F10: ends all others at once where a secret is known to others', async () => {
    const admin = new MemoryWebhookAdmin();
    await addWebhook(admin.ports, github);
    await rotateSecret(admin.ports, names, HOUR);
    const { secret } = await rotateSecret(admin.ports, names, 0);
    expect(live(admin)).toEqual([secret]);
  });

  it('never names the secret in what it refuses', async () => {
    const admin = new MemoryWebhookAdmin();
    await addWebhook(admin.ports, { ...stripe, secret: GIVEN });
    for (const secret of [GIVEN, 'short', 'with space in it, and long']) {
      const error = await rotateSecret(admin.ports, names, HOUR, secret).catch((thrown) => thrown);
      expect(`${error.message} ${error.hint}`).not.toContain(secret);
    }
    expect(live(admin)).toEqual([GIVEN]);
  });
});

describe('weir webhooks disable, enable, test', () => {
  it('switches endpoint and list together', async () => {
    const admin = new MemoryWebhookAdmin();
    const { endpoint } = await addWebhook(admin.ports, github);
    for (const status of ['disabled', 'active'] as const) {
      await switchWebhook(admin.ports, names, status);
      expect(admin.webhooks.get('acme code')!.status).toBe(status);
      expect(admin.endpoints.endpoints.get(endpoint)!.status).toBe(status);
    }
    await expect(switchWebhook(admin.ports, { ...names, name: 'x' }, 'disabled')).rejects.toMatchObject({
      exitCode: 1,
    });
  });

  it('tries the stored mapping on a body, by the endpoint or its address', async () => {
    const admin = new MemoryWebhookAdmin();
    const { endpoint, url } = await addWebhook(admin.ports, github);
    const ports = { endpoints: admin.endpoints, contracts: validatingContracts };
    const trial = { body: Buffer.from('{"repository":{"id":7}}'), now: admin.clock.now, deliveryId: 'd1' };
    const headers = ['X-GitHub-Event: push'];
    for (const address of [endpoint, url]) {
      const { lines, event } = await tryMapping({ ...trial, endpoint: address, headers }, ports);
      expect(lines.join('\n')).toContain('subject: repository:7');
      expect(event).toMatchObject({ id: 'd1', subject: 'repository:7', data: { event: 'push' } });
    }
    await expect(tryMapping({ ...trial, endpoint: 'x', headers }, ports)).rejects.toMatchObject({
      exitCode: 2,
    });
    await expect(tryMapping({ ...trial, endpoint, headers: ['no header'] }, ports)).rejects.toMatchObject({
      exitCode: 2,
    });
  });

  it('has no option for a secret on the command line, where others can read it', async () => {
    const { out } = await weir(['webhooks', 'add', '--help']);
    expect(out).toContain('--secret-file');
    expect(out).not.toMatch(/--secret[ ,=]/);
  });
});
