import type { Agreement } from '../metering/dynamo-meter.ts';
import { amount } from './tables.ts';

/** In how many calls rules and emulator say the same, and where they don't. */
export function describeAgreement(agreements: readonly Agreement[]): string {
  const agreed = agreements.reduce((sum, each) => sum + each.agreed, 0);
  const differing = agreements.flatMap((each) => each.differing);
  const known = new Map<string, number>();
  for (const each of agreements)
    for (const [what, times] of each.known) known.set(what, (known.get(what) ?? 0) + times);
  return [
    `Units by AWS's rules are the emulator's own in ${amount(agreed)} of ${amount(agreed + differing.length)} calls that it can tell.`,
    ...[...known].map(([what, times]) => `Only by the rules: ${amount(times)} × ${what}.`),
    ...differing.slice(0, 5).map((each) => `They differ: ${each}.`),
  ].join('\n');
}
