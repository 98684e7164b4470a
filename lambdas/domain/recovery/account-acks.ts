import { countNumbers, type NumberRanges, subtract, unite } from './number-ranges.ts';
import type { Finding, RunResult } from './run.ts';
import type { AckLine } from './shuffle.ts';

/** Numbers of one instance in one object. */
interface SeenIn {
  readonly object: string;
  readonly seen: NumberRanges;
}

interface Account {
  readonly seenIn: SeenIn[];
  readonly acked: [number, number][];
  judgedFrom: number;
}

const MAX_SHOWN = 10;

/**
 * Holds what the log has acknowledged against what the archive has, by writing instance: a number that was acknowledged
 * and is in no object proves a loss. Judged are only numbers above the smallest seen, as what came before the range is
 * not read; and an instance's last records, which none after them reports, can't be judged.
 *
 * Takes the lines of whole instances, in any order.
 */
export class AckAccount {
  readonly #byInstance = new Map<string, Account>();

  take({ iid, object, seen, acked, judgedFrom }: AckLine): void {
    let account = this.#byInstance.get(iid);
    if (!account) {
      account = { seenIn: [], acked: [], judgedFrom: Number.POSITIVE_INFINITY };
      this.#byInstance.set(iid, account);
    }
    if (seen.length > 0) account.seenIn.push({ object, seen });
    for (const [first, last] of acked) account.acked.push([first, last]);
    if (judgedFrom !== undefined) account.judgedFrom = Math.min(account.judgedFrom, judgedFrom);
  }

  result(): RunResult {
    const counts = { instances: 0, acked: 0, ackedMissing: 0 };
    const findings: Finding[] = [];
    for (const [iid, { seenIn, acked, judgedFrom }] of this.#byInstance) {
      const reported = unite(acked);
      counts.instances++;
      counts.acked += countNumbers(reported);
      const seen = unite(seenIn.flatMap((each) => each.seen));
      const missing = from(subtract(reported, seen), judgedFrom);
      if (missing.length === 0) continue;
      counts.ackedMissing += countNumbers(missing);
      findings.push(missingFinding(iid, missing, seenIn));
    }
    return { counts, findings };
  }
}

function from(ranges: NumberRanges, least: number): NumberRanges {
  return ranges
    .filter(([, last]) => last > least)
    .map(([first, last]) => [Math.max(first, least + 1), last] as const);
}

function missingFinding(iid: string, missing: NumberRanges, seenIn: readonly SeenIn[]): Finding {
  const shown = missing.slice(0, MAX_SHOWN).map(([first, last]) => {
    const before = neighbour(seenIn, first, -1);
    const after = neighbour(seenIn, last, 1);
    const numbers = first === last ? `${first}` : `${first} to ${last}`;
    return `${numbers} (between ${before ?? 'the beginning'} and ${after ?? 'the end'})`;
  });
  const more = missing.length > MAX_SHOWN ? `; and ${missing.length - MAX_SHOWN} ranges more` : '';
  return {
    kind: 'acked-missing',
    where: `instance ${iid}`,
    detail:
      `the log has acknowledged ${countNumbers(missing)} records of this instance that are in no archive object: ` +
      `${shown.join('; ')}${more}`,
    action:
      'If findings above name a lost or changed object, they were in that. If not, they were taken out, or the ' +
      'archive never got them: the logs of the instance’s function name the receipts of that time. While the log ' +
      'still holds them (7 days), read it from there',
  };
}

/** The nearest number seen before (-1) or after (1), with its object: its name says shard, hour and sequence numbers. */
function neighbour(seenIn: readonly SeenIn[], number: number, side: -1 | 1): string | undefined {
  let nearest: number | undefined;
  let where = '';
  for (const { object, seen } of seenIn) {
    for (const [first, last] of seen) {
      const end = side < 0 ? last : first;
      if ((end - number) * side <= 0) continue;
      if (nearest !== undefined && (end - nearest) * side >= 0) continue;
      nearest = end;
      where = object;
    }
  }
  return nearest === undefined ? undefined : `${nearest} in ${where}`;
}
