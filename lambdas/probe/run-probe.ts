import { hash } from 'node:crypto';
import { probeBucket, probeEvent } from '../domain/probe.ts';
import type { ApiAnswer, ProbePorts, UsageAnswer } from './ports.ts';

/** A key whose probe is silent for so long is none any more, in ms. */
const KEY_LIVES_MS = 3_600_000;
/** How long the projector may take beyond what it gathers, in ms, and how often the probe looks. */
const PATIENCE_MS = 30_000;
const FIRST_LOOK_MS = 300;
const LOOK_MS = 1_000;
const RETRY_MS = 1_000;
/** Gathered for longer than this, an event can't be waited for within its minute. */
const MAX_WAITED_SECONDS = 15;
const MINUTE_MS = 60_000;

/** Where it stopped: at the key, at the door, behind it, at the reading, or by having come twice. */
export type Step = 'key' | 'send' | 'count' | 'read' | 'twice';

export interface Failure {
  readonly step: Step;
  readonly detail: string;
  readonly next: string;
  readonly receipt?: string;
}

export interface ProbeResult {
  /** The minute whose event was looked for, `YYYY-MM-DDTHH:MM`. */
  readonly minute: string;
  readonly ok: boolean;
  /** From sending to seeing it counted; absent where an earlier minute's event was looked for. */
  readonly roundTripMs?: number;
  readonly failed?: Failure;
}

/**
 * Sends this minute's event as a customer does, and reads usage until its bucket holds exactly one. Where the projector
 * gathers for longer than can be waited for, the event looked for is that of some minutes ago.
 *
 * @param gatherSeconds how long the projector gathers
 */
export async function runProbe(ports: ProbePorts, gatherSeconds: number): Promise<ProbeResult> {
  const sentMs = ports.clock.now();
  const waits = gatherSeconds <= MAX_WAITED_SECONDS;
  const lookedForMs = waits ? sentMs : sentMs - MINUTE_MS * Math.ceil((gatherSeconds + 60) / 60);
  const minute = new Date(lookedForMs).toISOString().slice(0, 16);
  const key = await readKey(ports);
  if (typeof key !== 'string') return { minute, ok: false, failed: key };
  const sent = await send(ports, key, sentMs);
  if (sent.status !== 202) return { minute, ok: false, failed: notSent(sent, ports) };
  const untilMs = ports.clock.now() + PATIENCE_MS + (waits ? gatherSeconds * 1_000 : 0);
  const seen = await look(ports, key, lookedForMs, untilMs);
  const failed = judge(seen, minute, sent);
  if (failed) return { minute, ok: false, failed };
  return { minute, ok: true, ...(waits && { roundTripMs: ports.clock.now() - sentMs }) };
}

async function readKey({ key, keys, clock }: ProbePorts): Promise<string | Failure> {
  try {
    const text = await key.read();
    await keys.put(hash('sha256', text), clock.now() + KEY_LIVES_MS);
    return text;
  } catch (error) {
    // Its name says enough: what a secret's reader says may quote it.
    return {
      step: 'key',
      detail: `the probe's key could not be read or made known: ${(error as Error).name}`,
      next: 'See whether Secrets Manager, KMS and the control table answer.',
    };
  }
}

/** Tries once more where it is worth it: the event is the same, so it counts once. */
async function send({ api, sleep }: ProbePorts, key: string, ms: number): Promise<ApiAnswer> {
  const first = await api.send(key, probeEvent(ms));
  if (first.status !== 0 && first.status !== 429 && first.status < 500) return first;
  await sleep(RETRY_MS);
  return api.send(key, probeEvent(ms));
}

async function look(
  { api, clock, sleep }: ProbePorts,
  key: string,
  ms: number,
  untilMs: number,
): Promise<UsageAnswer> {
  await sleep(FIRST_LOOK_MS);
  for (;;) {
    const seen = await api.usage(key, probeBucket(ms));
    if ((seen.count ?? '0') !== '0' || clock.now() + LOOK_MS >= untilMs) return seen;
    await sleep(LOOK_MS);
  }
}

function notSent({ status, code, receipt }: ApiAnswer, { key }: ProbePorts): Failure {
  const refused = status === 401 || status === 403;
  // It may have been rotated since it was read.
  if (refused) key.forget();
  return {
    step: 'send',
    detail: `POST /v1/events answered ${describe(status, code)}`,
    next: refused
      ? 'The key is not taken: docs/runbook.md, "The probe\'s key".'
      : 'Look at the API, then at the log of ingest.',
    ...(receipt !== undefined && { receipt }),
  };
}

function judge(seen: UsageAnswer, minute: string, { receipt }: ApiAnswer): Failure | undefined {
  const { status, code, count = '0', asOf } = seen;
  const traced = receipt === undefined ? {} : { receipt };
  if (status !== 200) {
    return {
      step: 'read',
      detail: `GET /v1/usage answered ${describe(status, code)}`,
      next: 'Look at the log of usage.',
    };
  }
  if (count === '1') return undefined;
  if (count !== '0') {
    return {
      step: 'twice',
      detail: `the event of ${minute} was counted ${count} times`,
      next: 'Bill nothing until it is explained: docs/runbook.md, "probe-failing".',
    };
  }
  const behind = asOf === null || asOf === undefined || asOf < `${minute}:00.000Z`;
  return {
    step: 'count',
    detail: `ingest took the event of ${minute}, and it is not counted; asOf is ${asOf ?? 'not known'}`,
    next: behind
      ? 'The projector is behind or stands still: look at its log and its age.'
      : 'The projector has passed that minute: look for the event in the archive (weir trace).',
    ...traced,
  };
}

function describe(status: number, code: string | undefined): string {
  const said = status === 0 ? 'nothing' : String(status);
  return code === undefined ? said : `${said} (${code})`;
}
