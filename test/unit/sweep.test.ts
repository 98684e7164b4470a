import '../support/quiet.ts';
import { describe, expect, it } from 'vitest';
import type { QuarantineEnvelope } from '../../lambdas/domain/envelope.ts';
import { sweepQueue } from '../../lambdas/sweep/sweep-queue.ts';
import { MemoryFingerprints } from '../support/memory-fingerprints.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { MemoryDeadLetters } from '../support/memory-webhooks.ts';

const NOW = Date.parse('2026-11-21T07:30:00.000Z');
const HOUR = 3_600_000;

function start(...texts: readonly string[]) {
  const clock = { ms: NOW, now: () => clock.ms };
  const letters = new MemoryDeadLetters();
  letters.waiting.push(
    ...texts.map((text, at) => ({ text, id: `id${at}`, handle: `h${at}`, sentMs: NOW - at * HOUR })),
  );
  const log = new MemoryLog();
  const ports = { letters, log, clock, fingerprints: new MemoryFingerprints() };
  const sweep = (afterMs = 0) => sweepQueue(ports, afterMs, NOW + 60_000);
  const held = () => log.envelopes() as QuarantineEnvelope[];
  return { letters, log, sweep, held };
}

const message = (receipt: string) =>
  JSON.stringify({
    ...{ v: 1, endpoint: `we_${'e'.repeat(32)}`, tenant: 'acme', name: 'hook', receipt, trace: 't' },
    ...{
      receivedAt: '2026-11-20T00:00:00.000Z',
      idSigned: true,
      timeSigned: true,
      headers: {},
      body: 'e30=',
    },
  });

describe('sweep', () => {
  it('P3: deletes a dead letter once the log has its quarantine, and not before', async () => {
    const room = start(message('r1'), message('r2'));
    room.log.refuse = (_, index) => index === 0;
    expect(await room.sweep()).toEqual({ swept: 1, young: 0, failed: 1 });
    expect(room.letters.waiting.map(({ id }) => id)).toEqual(['id0']);
    room.log.refuse = () => false;
    expect(await room.sweep()).toEqual({ swept: 1, young: 0, failed: 0 });
    expect([room.letters.waiting, room.letters.taken]).toEqual([[], []]);
  });

  it('P2: names what it swept the same each time, in the day that it was received', async () => {
    const room = start(message('r1'));
    room.log.lose = () => true;
    await room.sweep();
    room.log.lose = () => false;
    await room.sweep();
    const [first, second] = room.held();
    expect(second!.quarantine).toEqual(first!.quarantine);
    expect(first).toMatchObject({
      ...{ tenant: 'acme', producer: 'webhook:hook', at: '2026-11-20T00:00:00.000Z', receipt: 'r1' },
      quarantine: {
        code: 'undeliverable',
        origin: `we_${'e'.repeat(32)}/r1`,
        input: { body_base64: 'e30=' },
      },
    });
  });

  it('leaves to whoever mends what failed what has not waited long', async () => {
    const room = start(message('r1'), message('r2'), message('r3'));
    expect(await room.sweep(2 * HOUR)).toEqual({ swept: 1, young: 2, failed: 0 });
    expect(room.letters.waiting.map(({ id }) => id)).toEqual(['id0', 'id1']);
    expect(room.letters.taken).toEqual([]);
  });

  it('P3: keeps what it can not read, whole as far as a record holds it', async () => {
    const huge = 'x'.repeat(1024 * 1024);
    const room = start('not json', huge);
    expect(await room.sweep()).toEqual({ swept: 2, young: 0, failed: 0 });
    expect(room.held().map(({ tenant, quarantine }) => [tenant, quarantine.origin])).toEqual([
      ['weir', 'dead-letter/id0'],
      ['weir', 'dead-letter/id1'],
    ]);
    const [input] = room.held().map(({ quarantine }) => Buffer.from(quarantine.input as string, 'base64'));
    expect(input!.toString()).toBe('not json');
  });
});
