import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ApiAnswer, UsageAnswer } from '../../lambdas/probe/ports.ts';
import { runProbe } from '../../lambdas/probe/run-probe.ts';
import { MemoryProbeKeys } from '../support/memory-probe-keys.ts';

const NOW = Date.parse('2026-11-21T07:30:12.345Z');
const KEY = `wp_${'p'.repeat(43)}`;

/** An API that answers what it is told to, one answer after the other and the last one again. */
function world(sends: readonly ApiAnswer[], usages: readonly UsageAnswer[]) {
  const clock = { ms: NOW, now: () => clock.ms };
  const keys = new MemoryProbeKeys();
  const calls: string[] = [];
  const next = <T>(answers: readonly T[], done: number): T => answers[Math.min(done, answers.length - 1)]!;
  const done = { sent: 0, read: 0 };
  const api = {
    send: async (_: string, event: { id: string }) => {
      calls.push(`send ${event.id}`);
      clock.ms += 100;
      return next(sends, done.sent++);
    },
    usage: async (_: string, { subject, from }: { subject: string; from: string }) => {
      calls.push(`usage ${subject} ${from}`);
      clock.ms += 100;
      return next(usages, done.read++);
    },
  };
  let forgotten = 0;
  const forget = () => {
    forgotten += 1;
  };
  const key = { read: async () => KEY, forget };
  const sleep = async (ms: number) => {
    clock.ms += ms;
  };
  const ports = { api, key, keys, clock, sleep };
  return { ports, keys, calls, clock, forgotten: () => forgotten };
}

const taken: ApiAnswer = { status: 202, receipt: 'r1' };
const holds = (count: string, asOf: string | null = '2026-11-21T07:29:00.000Z'): UsageAnswer => ({
  status: 200,
  count,
  asOf,
});

describe('the probe', () => {
  it('comes back when its event is counted once, and says how long that took', async () => {
    const { ports, calls } = world([taken], [holds('0'), holds('1')]);
    expect(await runProbe(ports, 0)).toEqual({ minute: '2026-11-21T07:30', ok: true, roundTripMs: 1_600 });
    const read = 'usage minute-30 2026-11-21T07:00:00.000Z';
    expect(calls).toEqual(['send 2026-11-21T07:30', read, read]);
  });

  it('makes its key known for an hour, by its hash alone', async () => {
    const { ports, keys } = world([taken], [holds('1')]);
    await runProbe(ports, 0);
    const found = await keys.find(hash('sha256', KEY));
    expect(found?.expiresMs).toBe(NOW + 3_600_000);
  });

  it.each([
    ['of a server that fails', { status: 503, code: 'not-logged' }],
    ['of a door that is shut for a moment', { status: 429 }],
    ['of a network that fails', { status: 0, code: 'ECONNRESET' }],
  ])('sends the same event once more because %s', async (_, first) => {
    const { ports, calls } = world([first, taken], [holds('1')]);
    expect((await runProbe(ports, 0)).ok).toBe(true);
    expect(calls.slice(0, 2)).toEqual(['send 2026-11-21T07:30', 'send 2026-11-21T07:30']);
  });

  it('says that it was not taken, and does not try for ever', async () => {
    const { ports, calls } = world([{ status: 503, code: 'not-logged', receipt: 'r1' }], []);
    const { ok, failed } = await runProbe(ports, 0);
    expect(ok).toBe(false);
    expect(failed).toMatchObject({ step: 'send', receipt: 'r1' });
    expect(failed?.detail).toContain('503 (not-logged)');
    expect(calls).toHaveLength(2);
  });

  it('reads its key anew after it was refused, as it may have been rotated', async () => {
    const refused = world([{ status: 403 }], []);
    expect((await runProbe(refused.ports, 0)).failed?.step).toBe('send');
    expect(refused.forgotten()).toBe(1);
    expect(refused.calls).toHaveLength(1);
  });

  it('says that it was taken and not counted, and whether the projector is behind (F8)', async () => {
    const behind = world([taken], [holds('0', '2026-11-21T07:20:00.000Z')]);
    const { failed } = await runProbe(behind.ports, 0);
    expect(failed).toMatchObject({ step: 'count', receipt: 'r1' });
    expect(failed?.next).toMatch(/projector is behind/);
    expect(behind.clock.ms - NOW).toBeLessThan(45_000);

    const passed = world([taken], [holds('0', '2026-11-21T07:31:00.000Z')]);
    expect((await runProbe(passed.ports, 0)).failed?.next).toMatch(/has passed that minute/);
  });

  it('does not take a second counting for well (F2)', async () => {
    const { ports } = world([taken], [holds('2')]);
    expect((await runProbe(ports, 0)).failed?.step).toBe('twice');
  });

  it('says that usage can not be read', async () => {
    const { ports } = world([taken], [{ status: 503, code: 'usage-unavailable' }]);
    expect((await runProbe(ports, 0)).failed?.step).toBe('read');
  });

  it('says that its key can not be had, and not what it is', async () => {
    const { ports, keys } = world([taken], [holds('1')]);
    keys.down = true;
    const result = await runProbe(ports, 0);
    expect(result.failed?.step).toBe('key');
    expect(JSON.stringify(result)).not.toContain('pppp');
  });

  it('looks for an earlier event where the projector gathers for a minute', async () => {
    const { ports, calls } = world([taken], [holds('1')]);
    expect(await runProbe(ports, 60)).toEqual({ minute: '2026-11-21T07:28', ok: true });
    expect(calls).toEqual(['send 2026-11-21T07:30', 'usage minute-28 2026-11-21T07:00:00.000Z']);
  });
});
