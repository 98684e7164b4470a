import type { BucketKey } from '../bucket.ts';
import { headKey, subjectKey } from '../keys.ts';
import type { Difference } from './difference.ts';
import type { Finding } from './run.ts';

/** What was to be done about what is wrong, and what was. */
export interface Doing {
  readonly repair: boolean;
  readonly damaged: boolean;
  /** Epoch under which the bucket was written anew. */
  readonly rewritten: number | undefined;
  readonly resent: boolean;
}

/** The difference for people; undefined where it is no finding but what was done, or for information. */
export function describeDifference(difference: Difference, doing: Doing): Finding | undefined {
  const said = sayWhat(difference);
  if (said === undefined) return undefined;
  return {
    kind: difference.kind,
    where: whereOf(difference.bucket),
    detail: said,
    action: sayAction(difference, doing),
  };
}

export function whereOf({ tenant, subject, type, window }: BucketKey): string {
  return `${subjectKey(tenant, subject)} ${headKey(type, window)}`;
}

function sayWhat(difference: Difference): string | undefined {
  switch (difference.kind) {
    case 'missing-bucket':
      return `there is no such bucket; the archive has ${difference.events} events of it`;
    case 'missing-events':
      return `${difference.events} events of the archive are not counted, among them ${difference.first[0]}`;
    case 'extra-bucket':
      return `it says that it counts ${difference.events} events; the archive has none of it`;
    case 'extra-ids':
      return `it holds ${difference.ids} ids that the archive has not, among them ${difference.first[0]}`;
    case 'ids-doubled':
      return `${difference.ids} of its ids stand in it more than once`;
    case 'ids-missing':
      return `it counts ${difference.ids} events more than it holds ids: those would be counted again`;
    case 'ids-changed':
      return `${difference.ids} of its ids are of other content than what the archive has`;
    case 'aggregates-differ':
      return difference.fields
        .slice(0, 5)
        .map(
          ({ field, state, archive }) =>
            `${field} is ${state ?? 'absent'}, by the archive ${archive ?? 'absent'}`,
        )
        .join('; ');
    case 'values-differ':
      return `its distinct values of ${difference.of.slice(0, 5).join(', ')} are not those of its events`;
    case 'page-missing':
      return `its chain names page ${difference.page}, which is not there or can’t be read`;
    case 'head-unreadable':
      return `its head can’t be read: ${difference.why}`;
    case 'unprovable':
      return `it holds ${difference.ids} ids that the damaged archive has not, or not with this content`;
    case 'moving':
      return 'it was written by others as often as it was looked at';
    case 'not-undone':
      return difference.why;
    case 'no-revision':
      return `no revision of "${difference.bucket.type}" is in force in its window`;
    case 'uncountable':
      return `${difference.events} of its events can’t be counted by this revision: ${difference.codes.join(', ')}`;
    case 'preview':
      return `${difference.meter} ${difference.group}: ${difference.old ?? 'nothing'} would be ${difference.new ?? 'nothing'}`;
    default:
      return undefined;
  }
}

function sayAction({ kind }: Difference, { repair, damaged, rewritten, resent }: Doing): string {
  if (kind === 'preview') return 'nothing was changed; "rebuild" with the same arguments changes it';
  if (kind === 'moving') return 'left as it is: run it again when less is arriving for this bucket';
  if (kind === 'not-undone') return 'left as it is';
  if (kind === 'no-revision')
    return 'left as it is: name the revision that counts it in "revisions", or add one to the contract whose "from" is not later';
  if (kind === 'uncountable')
    return 'look at these events before this revision is used; "undo" puts the old numbers back';
  if (rewritten !== undefined) return `written anew from the archive, under epoch ${rewritten}`;
  if (resent) return 'sent again';
  if (damaged) return 'left as it is, as archive objects of this range are damaged: "verify" names them';
  // Of reconcile it would have been written anew.
  if ((kind === 'extra-ids' || kind === 'ids-changed') && repair)
    return 'left as it is: "verify" says whether the archive is whole; if it is, "reconcile" with "repair": true writes it anew';
  if (kind === 'head-unreadable' && repair)
    return 'left as it is: deploy a build whose contracts hold its revision';
  return repair ? 'left as it is' : 'nothing was changed; "reconcile" with "repair": true puts it right';
}
