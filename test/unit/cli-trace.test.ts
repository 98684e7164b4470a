import { describe, expect, it } from 'vitest';
import type { Host } from '../../cli/platform/host.ts';
import { Output } from '../../cli/platform/output.ts';
import { trace } from '../../cli/trace/command.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { TENANT } from '../support/records.ts';
import { RecoveryWorld } from '../support/recovery-world.ts';
import { tracePorts } from '../support/trace-world.ts';
import { weir } from '../support/weir-cli.ts';

const event = (id: string, more: Partial<CloudEvent> = {}): CloudEvent => ({
  ...{ specversion: '1.0', id, source: '/meters/1', type: 'test.sum', subject: 'box-1' },
  ...{ time: '2026-11-21T07:05:00Z', data: { value: 1 } },
  ...more,
});

/** Runs `weir trace` over a world. */
async function run(
  world: RecoveryWorld,
  id: string,
  options: Parameters<typeof trace>[1] & {
    readonly json?: boolean;
    readonly interrupted?: AbortSignal;
    readonly repairs?: number;
  } = {},
) {
  const { json = false, interrupted = new AbortController().signal, repairs, ...rest } = options;
  let out = '';
  const sink = { write: (text: string) => (out += text) };
  const host = {
    env: { NO_COLOR: '1' },
    stdout: sink,
    stderr: { write: () => {} },
    interrupted,
  } as unknown as Host;
  const output = new Output(host, { json });
  const use = { host, output, target: () => expect.fail('it needs no target') };
  const range = { from: Date.parse('2026-11-21T00:00:00Z'), to: Date.parse('2026-11-23T00:00:00Z') };
  const code = await trace(id, { ...range, ...rest }, use, async () => tracePorts(world, undefined, repairs));
  return { code, out };
}

async function worldWith(...events: readonly CloudEvent[]): Promise<RecoveryWorld> {
  const world = new RecoveryWorld();
  await world.send(events);
  await world.drain();
  return world;
}

async function quarantine(world: RecoveryWorld, input: unknown): Promise<void> {
  const piece = {
    ...{ code: 'contract-violation' as const, fingerprint: 'ab12'.repeat(8), detail: 'must be >= 0' },
    ...{ origin: 'r-2/0', pointer: '/data/value', input },
  };
  const draft = {
    tenant: TENANT,
    producer: 'meter',
    at: '2026-11-21T09:00:00.000Z',
    receipt: 'r-2',
    quarantine: piece,
  };
  await world.projector.log.publish([{ draft, partitionKey: 'q' }], 0);
  await world.drain();
}

describe('weir trace', () => {
  it('draws the way of what is counted, step by step, and exits with 0', async () => {
    const { code, out } = await run(await worldWith(event('e-1')), 'e-1', { tenant: TENANT });
    expect(code).toBe(0);
    const steps = out.split('\n').filter((line) => /^ {2}[✓✗…]/.test(line));
    expect(steps.map((line) => line.slice(2, 22).trim())).toEqual([
      '✓ received',
      '✓ in the log',
      '✓ archived',
      '✓ counted',
    ]);
    expect(out).toContain('2026-11-21T09:00:00.000Z  from meter, receipt r-1');
    expect(out).toMatch(/archived .* archive\/date=2026-11-21\/hour=09\/shard=.*\.ndjson\.gz, version /);
    expect(out).toContain(
      'test.sum of box-1, window 2026-11-21T07 (epoch 1, revision 1, 1 events); its id is in the head',
    );
  });

  it('names the sealed page that holds the id', async () => {
    const world = await worldWith(...Array.from({ length: 80 }, (_, n) => event(`e-${n}`)));
    await world.send([event('late')]);
    await world.drain();
    const sealed = await run(world, 'e-3');
    expect(sealed.out).toMatch(/its id is in the sealed page P#test\.sum#2026-11-21T07#1#/);
    expect((await run(world, 'late')).out).toContain('its id is in the head');
  });

  it('tells each sending, and that a repetition was not counted again', async () => {
    const world = await worldWith(event('e-1'));
    await world.send([event('e-1')]);
    await world.replay(0);
    await world.drain();
    const { code, out } = await run(world, 'e-1');
    expect(code).toBe(0);
    expect(out.match(/not counted again/g)).toHaveLength(2);
    expect(out).toContain('sent again by replay; first as shardId-');
  });

  it('says of what is in quarantine why, and what to do', async () => {
    const world = await worldWith();
    await quarantine(world, event('bad', { data: { value: -1 } }));
    const { code, out } = await run(world, 'bad');
    expect(code).toBe(1);
    expect(out).toContain(`✗ in quarantine`);
    expect(out).toContain(`contract-violation: must be >= 0 (fingerprint ${'ab12'.repeat(8)})`);
    expect(out).toContain('The producer sends what the contract does not allow.');
  });

  it('finds webhooks by their delivery ids, also those that became no event', async () => {
    const world = await worldWith();
    await quarantine(world, { endpoint: 'we_x', deliveryId: 'd-1', headers: {} });
    expect((await run(world, 'd-1')).out).toContain('source /webhooks/meter');
  });

  it('shows a conflict, and which bucket holds the id', async () => {
    const world = await worldWith(event('e-1'));
    await world.send([event('e-1', { data: { value: 2 } })]);
    await world.drain();
    const { code, out } = await run(world, 'e-1');
    expect(code).toBe(0);
    expect(out).toContain('✗ in conflict');
    expect(out).toContain('holds this id with another content');
    expect(out).toContain('The producer reuses ids');
  });

  it('says that an id is counted in two buckets', async () => {
    const world = await worldWith(event('e-1'), event('e-1', { time: '2026-11-21T08:05:00Z' }));
    expect((await run(world, 'e-1')).out).toContain('It is counted in 2 buckets');
  });

  it('says what was never found, how far that is known, and where to look', async () => {
    const world = await worldWith(event('e-1'));
    const at = '2026-11-21T09:30:00.000Z';
    await world.projector.log.publish([{ draft: { at, mark: at }, partitionKey: 'm' }], 0);
    await world.drain();
    const { code, out } = await run(world, 'shed');
    expect(code).toBe(1);
    expect(out).toContain(`Nothing that was archived up to ${at}`);
    expect(out).toContain('log of ingest');
  });

  it('calls lost what was accepted, passed by the projector and is nowhere, and says how it comes back', async () => {
    const world = new RecoveryWorld();
    await world.send([event('e-1')]);
    world.neverProject(1);
    const at = '2026-11-21T09:30:00.000Z';
    await world.projector.log.publish([{ draft: { at, mark: at }, partitionKey: 'm' }], 0);
    await world.drain();
    const { code, out } = await run(world, 'e-1');
    expect(code).toBe(1);
    expect(out).toContain('✗ lost');
    expect(out).toContain('weir reconcile --repair --tenant acme --types test.sum');
    // What the projector gave up waits, and is not lost.
    const given = await run(world, 'e-1', { repairs: 3 });
    expect(given.out).toContain('… not known');
    expect(given.out).toContain('what the projector gave up waits to be repaired (3)');
    expect(given.out).not.toContain('reconcile');
    // What came after the range may be a refusal.
    const before = await run(world, 'e-1', { to: Date.parse('2026-11-21T10:00:00Z') });
    expect(before.out).toContain('… not known');
  });

  it('says what is on its way: in the log, not archived, not counted', async () => {
    const world = new RecoveryWorld();
    await world.send([event('e-1')]);
    const { code, out } = await run(world, 'e-1');
    expect(code).toBe(1);
    expect(out).toContain('… archived');
    expect(out).toContain('… counted');
  });

  it('says when it is only a part: too many objects, a damaged one, one in a cold tier', async () => {
    const world = new RecoveryWorld();
    for (const id of ['e-1', 'e-2', 'e-3']) {
      await world.send([event(id)]);
      await world.drain();
    }
    const few = await run(world, 'e-1', { maxObjects: 1 });
    expect(few.code).toBe(1);
    expect(few.out).toContain('only 1 of 3 archive objects were read, the latest');
    expect((await run(world, 'e-3', { maxObjects: 1 })).code).toBe(0);
    const { key } = world.manifest.entries[0]!;
    world.objects.classes.set(key, 'DEEP_ARCHIVE');
    expect((await run(world, 'e-3')).out).toContain(`${key}: it is in a cold tier`);
    world.objects.classes.clear();
    world.archived.objects.set(key, Buffer.from('something else'));
    expect((await run(world, 'e-3')).out).toContain("1 archive objects can't be read");
  });

  it('goes by tenant, source and receipt where they are given', async () => {
    const world = await worldWith(event('e-1'), event('e-1', { source: '/meters/2' }));
    expect((await run(world, 'e-1')).out.match(/tenant acme/g)).toHaveLength(2);
    expect((await run(world, 'e-1', { source: '/meters/2' })).out.match(/tenant acme/g)).toHaveLength(1);
    expect((await run(world, 'e-1', { tenant: 'other' })).code).toBe(1);
    expect((await run(world, 'e-1', { receipt: 'r-9' })).code).toBe(1);
    expect((await run(world, 'e-1', { receipt: 'r-1' })).code).toBe(0);
  });

  it('gives all of it to programs, and lets no sender steer the terminal', async () => {
    const id = '\u001b[31mred\u202e';
    const world = await worldWith(event(id));
    const { out } = await run(world, id, { json: true });
    expect(JSON.parse(out)).toMatchObject({
      id,
      looked: { whole: true },
      ways: [{ tenant: TENANT, outcome: 'counted', sendings: [{ fate: 'counted', receipt: 'r-1' }] }],
    });
    const shown = (await run(world, id)).out;
    for (const control of ['\u001b', '\u202e']) expect(shown).not.toContain(control);
  });

  it('ends when it is interrupted', async () => {
    const world = await worldWith(event('e-1'));
    expect((await run(world, 'e-1', { interrupted: AbortSignal.abort() })).code).toBe(130);
  });

  it.each([
    [['trace']],
    [['trace', 'e-1', '--from', 'yesterday']],
    [['trace', 'e-1', '--from', '1h', '--to', '2h']],
    [['trace', 'e-1', '--max-objects', '0']],
  ])('takes %j for wrong usage', async (args) => {
    expect((await weir(args, { env: { AWS_ENDPOINT_URL: 'http://localhost:1' } })).code).toBe(2);
  });
});
