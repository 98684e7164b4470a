import './quiet.ts';
import type { LogWriter } from '../../lambdas/domain/log.ts';
import type { Tally } from '../../lambdas/ingest/answer-items.ts';
import { RecordActivity } from '../../lambdas/ingest/record-activity.ts';
import { createTakeEvents } from '../../lambdas/ingest/take-events.ts';
import { createAuthenticate } from '../../lambdas/platform/authenticate.ts';
import { CachedControl } from '../../lambdas/platform/cached-control.ts';
import { CachedCredentials } from '../../lambdas/platform/cached-credentials.ts';
import { serve } from '../../lambdas/platform/serve.ts';
import { type ApiCall, apiEvent } from './api-event.ts';
import { MemoryActivity, MemoryControl } from './memory-control.ts';
import { keyOf, MemoryCredentials } from './memory-credentials.ts';
import { MemoryFingerprints } from './memory-fingerprints.ts';
import { MemoryLog } from './memory-log.ts';
import { MemoryProbeKeys } from './memory-probe-keys.ts';
import { validatingContracts } from './validating-contracts.ts';

export const NOW = Date.parse('2026-11-21T07:30:00.000Z');
export const KEY = keyOf('k');
export const STRUCTURED = 'application/cloudevents+json';
export const BATCHED = 'application/cloudevents-batch+json';

/** A sound event, with what a test wants otherwise. */
export const eventOf = (more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  specversion: '1.0',
  id: 'e1',
  source: '/tests',
  type: 'test.reading',
  subject: 's1',
  time: '2026-11-21T07:15:00Z',
  data: { value: 1 },
  ...more,
});

export interface Result {
  readonly index: number;
  readonly id?: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string;
  readonly retryAfter?: number;
}

/** The JSON of an answer: to items, or a problem. */
export interface AnswerBody {
  readonly accepted: number;
  readonly quarantined: number;
  readonly refused: number;
  readonly receipt: string;
  readonly results: readonly Result[];
  readonly code: string;
  readonly detail: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly json: AnswerBody;
}

interface IngestOptions {
  readonly log?: LogWriter;
  readonly report?: (tally: Tally, codes: Readonly<Record<string, number>>) => void;
  /** @default always 0.5 */
  readonly fraction?: () => number;
}

/** The ingest room over fakes, called as API Gateway calls it. */
export function startIngest(options: IngestOptions = {}) {
  const clock = { ms: NOW, now: () => clock.ms };
  let drawn = 0;
  const random = {
    fraction: options.fraction ?? (() => 0.5),
    hex: (bytes: number) => {
      drawn += 1;
      return drawn.toString(16).padStart(bytes * 2, '0');
    },
  };
  let wake = () => {};
  const sleep = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const log = new MemoryLog();
  const fingerprints = new MemoryFingerprints();
  const credentials = new MemoryCredentials();
  credentials.put(KEY);
  const probe = new MemoryProbeKeys();
  const control = new MemoryControl();
  const activity = new MemoryActivity();
  const tallies: Tally[] = [];
  const failures: unknown[] = [];
  const report = (error: unknown) => failures.push(error);
  const cached = new CachedCredentials(credentials, clock);
  const takeEvents = createTakeEvents({
    contracts: validatingContracts,
    authenticate: createAuthenticate({ credentials: cached, probe, clock, random }),
    control: new CachedControl({ store: control, clock, sleep, report }),
    activity: new RecordActivity({ activity, clock, sleep, report }),
    log: options.log ?? log,
    fingerprints,
    clock,
    random,
    sleep,
    report: (tally, codes) => {
      tallies.push(tally);
      options.report?.(tally, codes);
    },
  });
  const health = async () => ({ status: 200, body: '{"status":"ok"}' });
  const handler = serve({ '/v1/events': { POST: takeEvents }, '/health': { GET: health } }, random);

  const call = async (api: ApiCall): Promise<ApiAnswer> => {
    const result = await handler(
      apiEvent({ method: 'POST', ...api, headers: { 'x-api-key': KEY, ...api.headers } }),
      {
        getRemainingTimeInMillis: () => 28_000,
      },
    );
    const json = result.body === '' ? undefined : JSON.parse(result.body);
    return {
      status: result.statusCode,
      headers: result.headers as Record<string, string>,
      text: result.body,
      json,
    };
  };
  const send = (contentType: string, body: string | Buffer, headers: ApiCall['headers'] = {}) =>
    call({ body, headers: { 'content-type': contentType, ...headers } });
  return {
    clock,
    log,
    fingerprints,
    credentials,
    control,
    activity,
    /** What was reported of each request. */
    tallies,
    /** What went wrong beside the requests. */
    failures,
    probe,
    call,
    send,
    /** Ends what the room sleeps. */
    wake: () => wake(),
    one: (event: unknown) => send(STRUCTURED, JSON.stringify(event)),
    batch: (events: readonly unknown[]) => send(BATCHED, JSON.stringify(events)),
  };
}
