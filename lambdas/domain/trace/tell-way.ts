import { adviceFor } from '../quarantine-advice.ts';
import type { Fate, Looked, Sending, Standing, Trace, Way } from './trace.ts';

/** How a step went. */
export type Sign = 'good' | 'bad' | 'waiting';

/** A step of an event's way, for people. Texts hold what senders chose: show them as text. */
export interface Step {
  readonly sign: Sign;
  readonly name: string;
  /** RFC 3339. */
  readonly at?: string;
  /** Since the step before, in ms. */
  readonly tookMs?: number;
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** One sending's steps, in their order. */
export function stepsOf(sending: Sending, way: Way, looked: Looked): readonly Step[] {
  const { at, arrived, producer, receipt, trace, replay, shardId, sequence, index, object } = sending;
  const again = replay === undefined ? '' : `, sent again by ${replay}; first as ${sending.origin}`;
  const tookMs = Date.parse(arrived) - Date.parse(at);
  return [
    {
      sign: 'good',
      name: 'received',
      at,
      text: `from ${producer}, receipt ${receipt}${trace === undefined ? '' : `, trace ${trace}`}${again}`,
    },
    {
      sign: 'good',
      name: 'in the log',
      at: arrived,
      // What is sent again keeps the time of its first receipt.
      ...(replay === undefined && tookMs >= 0 && { tookMs }),
      text: `${shardId}, record ${sequence}, its event ${index}`,
    },
    object
      ? { sign: 'good', name: 'archived', text: `${object.key}, version ${object.versionId}` }
      : {
          sign: 'waiting',
          name: 'archived',
          text: `not yet: the archive has come to ${looked.archivedTo ?? 'no mark yet'}`,
        },
    endOf(sending, way, looked),
  ];
}

const SIGNS: Readonly<Record<Fate, Sign>> = {
  ...{ counted: 'good', duplicate: 'good', waiting: 'waiting', unknown: 'waiting' },
  ...{ conflict: 'bad', refused: 'bad', quarantined: 'bad', missing: 'bad' },
};

export function signOf(fate: Fate): Sign {
  return SIGNS[fate];
}

function endOf(sending: Sending, way: Way, looked: Looked): Step {
  const { fate, quarantine } = sending;
  const advice = adviceOf(sending, looked);
  const code = fate === 'duplicate' || !quarantine ? undefined : quarantine.code;
  return {
    sign: signOf(fate),
    name: NAMES[fate],
    text: textOf(sending, way, looked),
    ...(advice !== undefined ? { advice } : code !== undefined && { advice: adviceFor(code) }),
  };
}

const NAMES: Readonly<Record<Fate, string>> = {
  counted: 'counted',
  duplicate: 'not counted again',
  conflict: 'in conflict',
  refused: 'in quarantine',
  quarantined: 'in quarantine',
  waiting: 'counted',
  missing: 'lost',
  unknown: 'not known',
};

function textOf(sending: Sending, { buckets }: Way, { projectedTo, whole, repairs }: Looked): string {
  const { fate, bucket, quarantine } = sending;
  const standing = buckets.find(({ key }) => bucket !== undefined && isSame(key, bucket));
  const where = standing ? describeBucket(standing) : 'a bucket that this build has no contract for';
  const why =
    quarantine && `${quarantine.code}: ${quarantine.detail} (fingerprint ${quarantine.fingerprint})`;
  switch (fate) {
    case 'counted':
      return `${where}; ${describeHeld(standing)}`;
    case 'duplicate':
      return 'the same came before';
    case 'conflict':
      return `${where} holds this id with another content; ${describeHeld(standing)}`;
    case 'refused':
    case 'quarantined':
      return why ?? 'the projector refused it';
    case 'waiting':
      return `not yet: the projector has come to ${projectedTo ?? 'no mark yet'}`;
    case 'missing':
      return `accepted and archived, but neither in ${where} nor in quarantine`;
    case 'unknown':
      if (standing?.trouble !== undefined) return `${where} can't be read: ${standing.trouble}`;
      if (repairs !== undefined)
        return `not in ${where}; what the projector gave up waits to be repaired (${repairs}), and it may be in that`;
      return `not in ${where}; ${whole ? 'what came after the range may say why' : 'not all was read that may say why'}`;
  }
}

function isSame(a: Standing['key'], b: Standing['key']): boolean {
  return a.subject === b.subject && a.type === b.type && a.window === b.window && a.tenant === b.tenant;
}

export function describeBucket({ key, head }: Standing): string {
  const { type, subject, window } = key;
  const name = `${type} of ${subject}, window ${window}`;
  return head ? `${name} (epoch ${head.epoch}, revision ${head.revision}, ${head.n} events)` : name;
}

function describeHeld(standing: Standing | undefined): string {
  const held = standing?.held;
  if (!held) return 'its id was not found';
  return held.in === 'head' ? 'its id is in the head' : `its id is in the sealed page ${held.page}`;
}

function adviceOf({ fate, bucket }: Sending, { to, repairs }: Looked): string | undefined {
  if (fate === 'missing')
    return `weir reconcile --repair --tenant ${bucket?.tenant} --types ${bucket?.type} has it counted; it shows first what is missing with --dry-run`;
  if (fate === 'unknown' && repairs !== undefined)
    return 'Look again once that is repaired: weir doctor says how much waits (runbook: Repair queue not empty).';
  if (fate === 'unknown') return `Look again, with a range that goes on beyond ${to}.`;
  return undefined;
}

/** How an event that is counted in several buckets came to be so; undefined of all others. */
export function countedTwice({ buckets }: Way): string | undefined {
  const holding = buckets.filter(({ held }) => held !== undefined);
  return holding.length < 2
    ? undefined
    : `It is counted in ${holding.length} buckets: its sender has sent one id with several times, subjects or types. Have the sender repeat an event as it was.`;
}

/** What an answer can't say, for what was not read; undefined where nothing was left out. */
export function whatIsMissing({ objects, read, damaged, logRead, whole }: Looked): string | undefined {
  if (whole) return undefined;
  const parts = [
    ...(read < objects ? [`only ${read} of ${objects} archive objects were read, the latest`] : []),
    ...(damaged.length > 0 ? [`${damaged.length} archive objects can't be read, such as ${damaged[0]}`] : []),
    ...(logRead ? [] : ['not all of the log behind the archive was read']),
  ];
  return `This is only a part: ${parts.length > 0 ? parts.join('; ') : 'there were too many archive objects'}. Give a tenant and a shorter time.`;
}

/** Why nothing was found, and where to look. */
export function tellNothing({ looked }: Pick<Trace, 'looked'>): string {
  const { from, to, archivedTo } = looked;
  const upTo = archivedTo === undefined ? '' : ` up to ${archivedTo}`;
  return (
    `Nothing that was archived${upTo}, and nothing in the log behind it, holds this id among what arrived from ${from} to ${to}. ` +
    'It was never accepted, or was sent with another id, by another tenant or source, or at another time: look for its ' +
    'receipt in the log of ingest, and for what its sender was answered.'
  );
}
