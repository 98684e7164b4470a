import { passedAll, projectedTo } from '../recovery/passed.ts';
import { findSendings, type Searched } from './find-sendings.ts';
import { judgeSendings } from './judge-sendings.ts';
import type { Seen } from './match-record.ts';
import type { TracePorts } from './ports.ts';
import type { Looked, Trace, TraceQuestion, Way } from './trace.ts';

/** Of one id, events of so many tenants and sources are told. */
const MOST_WAYS = 50;

/**
 * Finds the way of an event: each time that it came into the log, where that is archived, in which bucket it is counted,
 * or why it is not.
 */
export async function traceEvent(question: TraceQuestion, ports: TracePorts): Promise<Trace> {
  const began = ports.now();
  const listed = new Date(began).toISOString();
  // Before the search: what the projector had passed then is, where it was not counted, said to be refused by now.
  const passes = await ports.passes.read();
  // After that, as what was given up waits there before it is passed; and before buckets are looked at, which have it once repaired.
  const repairs = await ports.repairs.pendingRepairs();
  const searched = await findSendings(question, ports);
  const looked = {
    ...lookedAt(question, searched, passedAll(searched.shards, passes, listed), listed),
    ...(repairs > 0 && { repairs }),
  };
  const seen = [...groupBySender(searched.seen).values()].slice(0, MOST_WAYS);
  const circumstances = {
    ...{ contracts: ports.contracts, buckets: ports.buckets },
    projectedTo: projectedTo(searched.shards, passes),
    whole: looked.whole && question.toMs >= began && repairs === 0,
  };
  const ways: Way[] = [];
  for (const each of seen) ways.push({ ...(await judgeSendings(each, circumstances)), id: question.id });
  return { id: question.id, looked, ways };
}

function groupBySender(seen: readonly Seen[]): ReadonlyMap<string, Seen[]> {
  return Map.groupBy(seen, ({ tenant, source }) => JSON.stringify([tenant, source]));
}

function lookedAt(
  { fromMs, toMs }: TraceQuestion,
  { selected, shards, read, damaged, logRead }: Searched,
  projected: string | undefined,
  listed: string,
): Looked {
  const marks = new Map([...selected.marks].map(([shardId, mark]) => [shardId, { mark }]));
  const archived = passedAll(shards, marks, listed);
  const objects = selected.entries.length;
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    ...{ objects, read, damaged, logRead },
    whole: selected.whole && read === objects && damaged.length === 0 && logRead,
    ...(archived !== undefined && { archivedTo: archived }),
    ...(projected !== undefined && { projectedTo: projected }),
  };
}
