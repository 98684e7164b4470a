import { describe, expect, it } from 'vitest';
import { checkRecovery } from '../../cli/doctor/check-recovery.ts';
import type { Finding } from '../../cli/doctor/finding.ts';
import { MemoryAnchors } from '../support/memory-runs.ts';
import { RecoveryDesk } from '../support/recovery-desk.ts';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const anchorAt = (at: string) => ({
  shardId: 's',
  last: '1',
  chain: 'c',
  objects: 1,
  records: 1,
  events: 1,
  at,
});

interface World {
  readonly waiting?: number;
  readonly dead?: number;
  readonly anchored?: string;
}

async function examine({ waiting = 0, dead = 0, anchored }: World, desk = new RecoveryDesk()) {
  const anchors = new MemoryAnchors();
  if (anchored !== undefined) await anchors.write(anchorAt(anchored));
  const sqs = {
    send: async ({ input }: { input: { QueueUrl?: string } }) => ({
      Attributes: {
        ApproximateNumberOfMessagesNotVisible: String(input.QueueUrl === 'dead' ? dead : waiting),
      },
    }),
  };
  const found: Finding[] = [];
  const outputs = { repairQueueUrl: 'waiting', repairDeadQueueUrl: 'dead' };
  const recovery = { sqs: sqs as never, anchors, runs: desk.runs, outputs, now: NOW };
  for await (const finding of checkRecovery(recovery)) found.push(finding);
  return Object.fromEntries(found.map((finding) => [finding.check, finding]));
}

describe('weir doctor, of recovery', () => {
  it.each([
    [{}, 'good'],
    [{ waiting: 1 }, 'note'],
    [{ dead: 1 }, 'bad'],
    [{ waiting: 2, dead: 1 }, 'bad'],
  ])('says of repairs that are under way too: %j is %s', async (world, state) => {
    expect((await examine(world)).repairs).toMatchObject({ state });
  });

  it.each([
    ['2026-11-21T00:10:00.000Z', 'good'],
    ['2026-11-18T00:10:00.000Z', 'bad'],
    ['2026-01-01T00:10:00.000Z', 'note'],
    [undefined, 'note'],
  ])('takes a last anchor of %s for %s', async (anchored, state) => {
    expect((await examine({ ...(anchored && { anchored }) })).anchors).toMatchObject({ state });
  });

  it('tells how the last reconcile ended, whatever ran before, besides or after it', async () => {
    const desk = new RecoveryDesk();
    const run = (requestId: string, status: 'done' | 'differs' | 'running', hour: number, more = {}) =>
      desk.put({
        request: { verb: 'reconcile', requestId, ...more },
        status,
        startedAt: `2026-11-21T0${hour}:00:00.000Z`,
      });
    expect((await examine({}, desk)).reconcile).toMatchObject({ state: 'note' });
    run('a', 'differs', 1);
    expect((await examine({}, desk)).reconcile).toMatchObject({
      state: 'bad',
      next: expect.stringContaining('a'),
    });
    run('b', 'done', 2);
    run('c', 'running', 3);
    run('d', 'differs', 4, { verb: 'verify' });
    run('e', 'differs', 5, { dryRun: true });
    run('f', 'differs', 6, { identities: true });
    expect((await examine({}, desk)).reconcile).toMatchObject({ state: 'good' });
    run('b', 'done', 2);
    desk.runs.runs.set('b', { ...desk.runs.runs.get('b')!, startedAt: '2026-11-10T00:00:00.000Z' });
    desk.runs.runs.delete('a');
    expect((await examine({}, desk)).reconcile).toMatchObject({ state: 'note' });
  });
});
