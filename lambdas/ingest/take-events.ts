import type { Contracts, ValidatingContract } from '../domain/contract.ts';
import type { FingerprintRegistry } from '../domain/fingerprint.ts';
import type { LogWriter } from '../domain/log.ts';
import type { Clock, Random, Sleep } from '../domain/ports.ts';
import type { Authenticate } from '../platform/authenticate.ts';
import { retryAfterSeconds } from '../platform/http.ts';
import type { Route } from '../platform/serve.ts';
import { createAdmit } from './admit-fingerprint.ts';
import { answerItems, type Tally } from './answer-items.ts';
import { planRecords } from './plan-records.ts';
import { readItems } from './read-items.ts';

/** Longest that the log may take, and what must remain for the answer, in ms: API Gateway waits 29 s for all of it. */
const LOG_MS = 12_000;
const ANSWER_MS = 1_000;

export interface TakeEventsProps {
  readonly contracts: Contracts<ValidatingContract>;
  readonly authenticate: Authenticate;
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
  const { contracts, authenticate, log, fingerprints, clock, random, sleep } = props;
  return async (request, remainingMs) => {
    const receivedMs = clock.now();
    const credential = await authenticate(request, 'events:write');
    const sent = readItems(request);
    const { items } = sent;
    const { receipt, trace } = request;
    const provenance = { receipt, trace, at: new Date(receivedMs).toISOString() };
    const law = { contracts, credential, receivedMs };
    const { verdicts, writes } = await planRecords(
      sent,
      law,
      provenance,
      createAdmit(fingerprints, credential, sleep),
    );
    const deadline = clock.now() + Math.min(LOG_MS, remainingMs() - ANSWER_MS);
    const acknowledged = await log.publish(
      writes.map(({ entry }) => entry),
      deadline,
    );
    const written = items.map(() => false);
    for (const [at, write] of writes.entries())
      for (const index of write.items) written[index] = acknowledged[at]!;
    const answer = answerItems(items, verdicts, written, receipt, retryAfterSeconds(random));
    props.report?.(answer.tally, answer.codes);
    return answer.response;
  };
}
