import { costTargets, describeCosts, recoveryCosts } from '../recovery/costs.ts';
import { describePeaks, peakTargets, recoveryPeaks } from '../recovery/peaks.ts';
import { describeSpeeds, foldSpeeds, speedTargets } from '../recovery/speeds.ts';
import type { BenchContext, SectionResult } from '../section.ts';

/** The way back: how fast the archive is folded, what it costs, and whether a larger archive needs more memory. */
export async function recovery(context: BenchContext): Promise<SectionResult> {
  const speeds = await foldSpeeds(context);
  const costs = await recoveryCosts(context);
  const peaks = await recoveryPeaks(context);
  return {
    title: 'Recovery: the speed of the fold, its price, its memory',
    text: [describeSpeeds(speeds), describeCosts(costs), describePeaks(peaks)].join('\n'),
    data: { speeds, costs, peaks },
    targets: [...costTargets(costs), ...peakTargets(peaks), ...speedTargets(speeds)],
  };
}
