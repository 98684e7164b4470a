import type { Contracts } from '../contract.ts';
import { contractOf, QUARANTINE_TYPE } from '../count-events.ts';
import { contractsOf } from './choose-revision.ts';
import { nearest } from './nearest.ts';
import type { RunRequest } from './request.ts';
import { RunRefusedError } from './run.ts';

/** Types that a message names at most. */
const MOST_NAMED = 20;

/**
 * Refuses what a request names and the build does not have, before anything is read: by a misspelt type every bucket would
 * be counted by the revisions in force, and a number that there is none of would end the run when half of it is written.
 *
 * @throws RunRefusedError with what there is
 */
export function checkRevisions(request: RunRequest, contracts: Contracts): void {
  if (request.verb !== 'preview' && request.verb !== 'rebuild') return;
  const brought = request.verb === 'preview' ? (request.contracts ?? {}) : {};
  for (const type of Object.keys(brought))
    if (!contracts.has(type)) throw noSuchType('contracts', type, [...contracts.keys()]);
  const all = contractsOf(contracts, request);
  for (const [type, number] of Object.entries(request.revisions ?? {})) {
    const contract = contractOf(all, type);
    if (!contract) throw noSuchType('revisions', type, [...all.keys(), QUARANTINE_TYPE]);
    const { length } = contract.revisions;
    if (!contract.revisions[number - 1])
      throw new RunRefusedError(
        `"${type}" has no revision ${number}: it has ${length === 1 ? 'revision 1 only' : `revisions 1 to ${length}`}`,
      );
  }
}

function noSuchType(member: string, type: string, types: readonly string[]): RunRefusedError {
  const near = nearest(type, types);
  const few = [...types].sort().slice(0, MOST_NAMED).join(', ');
  const more = types.length > MOST_NAMED ? `, and ${types.length - MOST_NAMED} others` : '';
  return new RunRefusedError(
    `"${member}" names "${type}", which this build does not have${near === undefined ? '' : `: did you mean "${near}"?`}` +
      ` There are ${few}${more}`,
  );
}
