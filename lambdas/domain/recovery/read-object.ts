import { compareSequences } from '../log-record.ts';
import { type ArchivedRecord, readArchivedLine, startOfLine } from './archived-record.ts';
import type { ObjectRef } from './run.ts';

/** What of an object's lines is not as the manifest says, in words; undefined where all is: then `recordsIn` reads them all. */
export function differenceOf(text: string, object: ObjectRef): string | undefined {
  let records = 0;
  let first: string | undefined;
  let last: string | undefined;
  for (const line of linesIn(text)) {
    records++;
    const sequence = startOfLine(line)?.sequence;
    if (sequence === undefined) return `its line ${records} is none that Weir's archive writes`;
    if (last !== undefined && compareSequences(last, sequence) >= 0)
      return `its line ${records} is of record ${sequence}, which does not come after ${last}`;
    first ??= sequence;
    last = sequence;
  }
  if (records !== object.records)
    return `it holds ${records} records, its manifest entry says ${object.records}`;
  if (first !== object.first)
    return `it begins with record ${first}, its manifest entry says ${object.first}`;
  if (last !== object.last) return `it ends with record ${last}, its manifest entry says ${object.last}`;
  return undefined;
}

/** An object's records in the log's order. @throws RangeError for a line that `archive` does not write */
export function* recordsIn(text: string, shardId: string): Generator<ArchivedRecord> {
  for (const line of linesIn(text)) {
    const record = readArchivedLine(shardId, line);
    if (!record) throw new RangeError('an archive object holds a line that its writer does not write');
    yield record;
  }
}

function* linesIn(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    yield text.slice(at, end < 0 ? undefined : end);
    if (end < 0) return;
    at = end + 1;
  }
}
