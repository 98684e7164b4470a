export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export type Treatment = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

/** How many of the last N data points must breach, and what missing ones count as. */
export interface Criterion {
  readonly m: number;
  readonly n: number;
  readonly treatment: Treatment;
}

/** Whether a data point breaches; undefined where it is missing. */
export type Datapoint = boolean | undefined;

/**
 * The state that CloudWatch gives a metric alarm, as the user guide says under "Configuring how CloudWatch alarms treat
 * missing data": the most recent N real data points of the evaluation range are judged where there are as many;
 * otherwise missing ones are filled in, as few as needed, and all real ones count.
 *
 * @param range the evaluation range, oldest first: more data points than N, by a number that AWS does not publish
 */
export function evaluateDatapoints(
  range: readonly Datapoint[],
  { m, n, treatment }: Criterion,
  current: AlarmState,
): AlarmState {
  const real = range.filter((point) => point !== undefined);
  const judged = real.slice(-n);
  const breaching = judged.filter(Boolean).length;
  if (breaching >= m) return 'ALARM';
  const lacking = n - judged.length;
  if (lacking === 0 || treatment === 'notBreaching') return 'OK';
  if (treatment === 'breaching') return breaching + lacking >= m ? 'ALARM' : 'OK';
  // One that does not breach is enough for OK: "there aren't any non-breaching data points" is what the exception needs.
  if (judged.length > breaching) return 'OK';
  if (treatment === 'ignore') return current;
  return isPremature(range, m) ? 'ALARM' : 'INSUFFICIENT_DATA';
}

/**
 * "Avoiding premature transitions to alarm state": all that is known breaches, and is known for so long that M data
 * points would have breached, had they come.
 */
function isPremature(range: readonly Datapoint[], m: number): boolean {
  const oldest = range.indexOf(true);
  return oldest >= 0 && range.length - oldest >= m;
}
