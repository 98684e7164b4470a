import { DAY, type Failing, FOREVER } from './failing.ts';
import { all, during, type Scenario } from './world.ts';

/** A run of `verify` at three in the morning, and of `reconcile` each hour, that find something each time. */
const verified = (found: { missing: number; broken: number }): Scenario =>
  during(1, FOREVER, (minute) => (minute % DAY === 180 ? { verified: found } : {}));
const reconciled = (differing: number, extra: number): Scenario =>
  during(1, FOREVER, (minute) =>
    minute % 60 === 20 ? { reconciled: { compared: 50_000, differing, extra } } : {},
  );

/** Failures that runs of proofs find. */
export const proofs: readonly Failing[] = [
  [
    'F1 loss: numbers that were acknowledged are not in the archive',
    verified({ missing: 3, broken: 0 }),
    2 * DAY,
    [[181, 'page proof-failed']],
  ],
  [
    'F1, F3 loss that the reconcile sees before verify does',
    all(reconciled(4, 7), verified({ missing: 7, broken: 0 })),
    DAY,
    [[21, 'page proof-failed']],
  ],
  ['F3 drift: 8 buckets in 10,000 differ', reconciled(40, 0), 600, [[21, 'page proof-failed']]],
  ['F3 drift that was mended', during(1, 60, reconciled(40, 0)), 600, [[21, 'page proof-failed']]],
  [
    'F14 partial commit: an entry whose object is not what it says',
    verified({ missing: 0, broken: 1 }),
    2 * DAY,
    [[181, 'page proof-failed']],
  ],
  [
    'F1 repair fails: a replay of a hundred',
    during(30, 30, { replays: { done: 97, failed: 3 } }),
    600,
    [[30, 'ticket replays-failing']],
  ],
];
