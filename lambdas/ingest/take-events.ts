import type { Contracts, ValidatingContract } from '../domain/contract.ts';
import { howHeld, shedderOf } from '../domain/control/shed-event.ts';
import type { FingerprintRegistry } from '../domain/fingerprint.ts';
import type { LogWriter } from '../domain/log.ts';
import type { Clock, Random, Sleep } from '../domain/ports.ts';
import type { Authenticate } from '../platform/authenticate.ts';
import type { CachedControl } from '../platform/cached-control.ts';
import { retryAfterSeconds } from '../platform/http.ts';
import { ProblemError } from '../platform/problem.ts';
import type { Route } from '../platform/serve.ts';
import { createAdmit } from './admit-fingerprint.ts';
import { answerItems, type Tally } from './answer-items.ts';
import { planRecords } from './plan-records.ts';
import { readItems } from './read-items.ts';
import type { RecordActivity } from './record-activity.ts';

/** Longest that the log may take, and what must remain for the answer, in ms: API Gateway waits 29 s for all of it. */
const LOG_MS = 12_000;
const ANSWER_MS = 1_000;
/** When to come again, in seconds: guard takes its steps by the minute, and operators take longer. */
const AFTER_SHEDDING = [5, 30] as const;
const AFTER_SUSPENSION = [60, 120] as const;

export interface TakeEventsProps {
  readonly contracts: Contracts<ValidatingContract>;
  readonly authenticate: Authenticate;
  readonly control: Pick<CachedControl, 'current'>;
  readonly activity: Pick<RecordActivity, 'offered' | 'accepted' | 'tell'>;
  readonly log: LogWriter;
  readonly fingerprints: FingerprintRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
  /** Told what became of each request's items. */
  readonly report?: (tally: Tally, codes: Readonly<Record<string, number>>) => void;
}

/** POST /v1/events: each item is judged by itself, and 202 is said only of what the log has acknowledged (P1). */
export function createTakeEvents(props: TakeEventsProps): Route {
  const { contracts, authenticate, control, activity, log, fingerprints, clock, random, sleep } = props;
  return async (request, remainingMs) => {
    const receivedMs = clock.now();
    // Read while the credential is looked up, so that it takes no time of its own.
    const steering = control.current();
    const credential = await authenticate(request, 'events:write');
    const inForce = await steering;
    if (howHeld(inForce, credential)?.kind === 'suspended') throw suspended(random);
    const sent = readItems(request);
    const { items } = sent;
    const { receipt, trace } = request;
    const provenance = { receipt, trace, at: new Date(receivedMs).toISOString() };
    const { verdicts, writes } = await planRecords(
      sent,
      { contracts, credential, receivedMs },
      provenance,
      createAdmit(fingerprints, credential, sleep),
      shedderOf(inForce, credential, random),
    );
    const shed = verdicts.filter(({ kind }) => kind === 'shed').length;
    activity.offered(credential, provenance.at, items.length, shed);
    const deadline = clock.now() + Math.min(LOG_MS, remainingMs() - ANSWER_MS);
    const entries = writes.map(({ entry }) => entry);
    const [acknowledged] = await Promise.all([log.publish(entries, deadline), activity.tell(credential)]);
    const written = items.map(() => false);
    for (const [at, write] of writes.entries())
      for (const index of write.items) written[index] = acknowledged[at]!;
    const answer = answerItems(items, verdicts, written, receipt, {
      notLogged: retryAfterSeconds(random),
      shed: retryAfterSeconds(random, ...AFTER_SHEDDING),
    });
    activity.accepted(credential, provenance.at, answer.tally.accepted);
    props.report?.(answer.tally, answer.codes);
    return answer.response;
  };
}

/** Why is for operators to say: what they wrote of it may not be meant for the sender. */
function suspended(random: Random): ProblemError {
  return new ProblemError({
    status: 429,
    code: 'suspended',
    detail:
      'this producer is suspended, so nothing of the request was read or kept; ask the operators of Weir, or send it ' +
      'again later with the same ids and times',
    retryAfter: retryAfterSeconds(random, ...AFTER_SUSPENSION),
  });
}
