import '../support/quiet.ts';
import { expect, it } from 'vitest';
import { archiveBatch } from '../../lambdas/archive/archive-batch.ts';
import { lateOf } from '../../lambdas/archive/report-metrics.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { MemoryArchive, MemoryManifest, MemoryShards } from '../support/memory-consumers.ts';
import { World } from '../support/projector.ts';
import { eventsRecord, markRecord, SHARD } from '../support/records.ts';

const NOW = Date.parse('2026-11-21T07:00:00Z');
/** Two minutes before. */
const AT = '2026-11-21T06:58:00.000Z';
const event = (id: string, time: string): CloudEvent => ({
  ...{ specversion: '1.0' as const, id, source: '/s', type: 'test.sum', subject: 's', time },
  data: { value: 1 },
});
const inTime = event('a', '2026-11-21T06:30:00Z');
/** Its window had ended when it was received. */
const late = event('b', '2026-11-21T05:59:59Z');

function projectorAt(ms: number) {
  const world = new World();
  world.now = ms;
  return world.instance();
}

it('events are told to be late, in state and after their window, when they are counted, and once', async () => {
  const project = projectorAt(NOW);
  const records = [eventsRecord([inTime, late], { at: AT }), markRecord('2026-11-21T07:00:00.000Z')];
  expect(await project(records)).toMatchObject({
    ...{ counted: 2, deliveredLate: 2, lateEvents: 1, endToEnd: [120_000] },
  });
  expect(await project(records)).toMatchObject({
    ...{ counted: 0, duplicates: 2, deliveredLate: 0, lateEvents: 0, endToEnd: [] },
  });
});

it('what recovery sends again is never late: it was received once before', async () => {
  const record = eventsRecord([inTime, late], { at: AT, replay: 'run' });
  expect(await projectorAt(NOW)([record])).toMatchObject({
    ...{ counted: 2, deliveredLate: 0, lateEvents: 0, endToEnd: [] },
  });
});

it('events are archived late five minutes after their receipt; marks and replays are not', async () => {
  const shards = new MemoryShards([{ shardId: SHARD, parents: [], open: true, startingHashKey: '0' }]);
  const ports = { archive: new MemoryArchive(), manifest: new MemoryManifest(), shards };
  const records = [
    eventsRecord([inTime, late], { at: AT }),
    eventsRecord([event('c', AT)], { at: '2026-11-21T07:00:00.001Z' }),
    eventsRecord([event('d', AT)], { at: AT, replay: 'run' }),
    markRecord('2026-11-21T06:00:00.000Z'),
  ];
  const { events, received } = await archiveBatch(records, ports);
  expect(events).toBe(4);
  expect(lateOf(received, NOW + 180_000)).toBe(0);
  expect(lateOf(received, NOW + 180_001)).toBe(2);
  expect(lateOf(received, NOW + 300_002)).toBe(3);
  // The same batch again: all of it is there.
  expect(await archiveBatch(records, ports)).toMatchObject({ events: 0, received: [] });
});
