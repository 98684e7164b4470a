import { expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import { RecoveryWorld } from '../support/recovery-world.ts';

const event = (subject: string, id: string): CloudEvent => ({
  ...{ specversion: '1.0', id, source: '/meters/1', type: 'test.sum', subject },
  ...{ time: '2026-11-21T07:00:00Z', data: { value: 1 } },
});

it('P3: sends nothing again where the archive is damaged, though it knows what is missing', async () => {
  const world = new RecoveryWorld();
  for (const subject of ['bob', 'alice']) {
    await world.send([event(subject, '1')]);
    await world.drain();
  }
  await world.send([event('alice', '2')]);
  world.skip(1);
  await world.drain();
  world.archived.objects.delete([...world.archived.objects.keys()][0]!);
  const { kinds } = await world.run({
    ...{ verb: 'reconcile', requestId: 'r', operator: 'tests', reason: 'unit', dryRun: false },
    ...{ rate: 1000, maxLagSeconds: 60, repair: true, identities: false },
  });
  expect(kinds).toContain('missing-events');
  expect(await world.files.list('r', 'missing/')).toEqual([]);
});
