import { describe, expect, it } from 'vitest';
import type { Report } from '../../lambdas/watch/look-around.ts';
import { valuesOfRoom } from '../support/emitted-metrics.ts';

const NOW = Date.parse('2026-11-21T07:30:00.000Z');
const arrived = (agoMs: number) => ({ arrivedMs: NOW - agoMs }) as never;

describe('what rooms measure', () => {
  it('project: time from receipt to state, how far behind, what was late; of the batch’s last arrival', async () => {
    const batch = {
      ...{ errors: [new Error('e')], errorsAt: [0], causes: [], otherCauses: 0 },
      ...{ counted: 5, duplicates: 4, conflicts: 3, refused: 2, quarantined: 1 },
      ...{ replayedCounted: 0, replayedDuplicates: 0, deliveredLate: 6, lateEvents: 7, endToEnd: [120, 480] },
    };
    const written = await valuesOfRoom(
      'project',
      () => import('../../lambdas/project/report-metrics.ts'),
      async ({ reportMetrics }) => reportMetrics(batch, [arrived(9_000), arrived(1_500)], NOW),
    );
    expect(written).toEqual(
      expect.arrayContaining([
        ...['counted Count 5', 'duplicates Count 4', 'conflicts Count 3', 'projectionFailures Count 1'],
        ...['deliveredLate Count 6', 'lateEvents Count 7'],
        ...['endToEnd Milliseconds [120,480]', 'lag Milliseconds 1500'],
      ]),
    );
  });

  it('archive: lag from the batch’s first arrival, and what was archived later than promised', async () => {
    const received = [
      { atMs: NOW - 300_001, events: 3 },
      { atMs: NOW - 300_000, events: 4 },
    ];
    const written = await valuesOfRoom(
      'archive',
      () => import('../../lambdas/archive/report-metrics.ts'),
      async ({ reportMetrics }) =>
        reportMetrics({ records: 2, events: 7, bytes: 99, received }, [arrived(61_000), arrived(2_000)], NOW),
    );
    expect(written).toEqual(
      expect.arrayContaining([
        'archivedEvents Count 7',
        'archivedLate Count 3',
        'archiveLag Milliseconds 61000',
      ]),
    );
  });

  it('ingest: what became of the items, apart by who is to blame', async () => {
    const written = await valuesOfRoom(
      'ingest',
      () => import('../../lambdas/ingest/report-tally.ts'),
      async ({ reportTally }) =>
        reportTally({ accepted: 5, quarantined: 0, refused: 0, shed: 2, requestsShed: 1 }, {}),
    );
    expect(written).toEqual(['accepted Count 5', 'shed Count 2', 'requestsShed Count 1']);
  });

  it('watch: who is silent, which keys end, what no metric counted, and that something else runs; zeros too', async () => {
    const nothing = { silent: 0, silentNames: [], expiring: 0, expiringNames: [], fresh: [], errors: [] };
    const compared = { gap: { archived: 0, accepted: 7 } } as unknown as NonNullable<Report['compared']>;
    const deploy = { contractsChanged: true } as NonNullable<Report['deploy']>;
    const written = await valuesOfRoom(
      'watch',
      () => import('../../lambdas/watch/report.ts'),
      async ({ measure }) => {
        measure(nothing);
        measure({ ...nothing, silent: 2, expiring: 3, compared, deploy });
      },
    );
    expect(written).toEqual([
      ...['silentProducers Count [0,2]', 'keysExpiring Count [0,3]', 'telemetryGap Count 7'],
      ...['deployed Count 1', 'contractsChanged Count 1'],
    ]);
  });
});
