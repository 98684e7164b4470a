import { compareSequences } from '../log-record.ts';
import { chainHash, chainStart, sha256Hex } from '../manifest.ts';
import {
  addingMistakes,
  CERTIFICATE_KIND,
  type Certificate,
  type CertificateTotals,
  certificateHash,
  verdictOf,
} from './certificate.ts';
import type { CertifiedObject, ShardProof } from './chain-section.ts';
import { differenceOf, recordsIn } from './read-object.ts';

/** An archive object that whoever checks has at hand. */
export interface GivenObject {
  readonly bytes: Uint8Array;
  /** The bytes inflated. */
  readonly text: string;
}

/**
 * Checks a certificate without Weir: its own hash, every link of its chains, and its sums; of the archive objects that
 * are given, hashes and counts too, and where all are given, what it says of events sent in the period.
 *
 * @param objects by key
 * @returns what is wrong, in words: nothing, if it is whole
 */
export function checkCertificate(
  value: unknown,
  objects: ReadonlyMap<string, GivenObject> = new Map(),
): readonly string[] {
  if (!isCertificate(value)) return ['this is no completeness certificate of version 1'];
  const { sha256, ...rest } = value;
  const problems: string[] = [];
  const hash = certificateHash(rest);
  if (hash !== sha256)
    problems.push(`its hash is ${hash}, not ${sha256}: it was changed after it was issued`);
  for (const shard of value.shards) problems.push(...chainProblems(shard));
  if (value.period.from === undefined && value.period.to === undefined)
    problems.push(...startProblems(value.shards));
  problems.push(...totalProblems(value));
  problems.push(...objectProblems(value, objects));
  return problems;
}

function chainProblems({ shardId, start, end, objects }: ShardProof): readonly string[] {
  const problems: string[] = [];
  let chain = start;
  let before: string | undefined;
  for (const { key, sha256, first, last, records, chain: stated } of objects) {
    chain = chainHash(chain, sha256, first, last, records);
    if (chain !== stated) problems.push(`${shardId}: the chain breaks at ${key}`);
    if (compareSequences(first, last) > 0 || (before !== undefined && compareSequences(first, before) <= 0))
      problems.push(`${shardId}: ${key} does not come after what is before it`);
    // From what it says, so that one break is one problem.
    chain = stated;
    before = last;
  }
  if (end !== chain) problems.push(`${shardId}: the chain ends with ${chain}, not with ${end}`);
  return problems;
}

/** Of the whole archive, each chain begins where its parents' end. */
function startProblems(shards: readonly ShardProof[]): readonly string[] {
  const byId = new Map(shards.map((shard) => [shard.shardId, shard]));
  return shards.flatMap(({ shardId, parents, start }) => {
    const ends = parents.flatMap((parent) => byId.get(parent)?.end ?? []);
    return chainStart(shardId, ends) === start ? [] : [`${shardId}: its chain does not begin where it must`];
  });
}

function totalProblems({ totals, shards, findings, verdict }: Certificate): readonly string[] {
  const problems = [...addingMistakes(totals)];
  const objects = shards.reduce((sum, shard) => sum + shard.objects.length, 0);
  if (objects !== totals.objects) problems.push(`it lists ${objects} objects and says ${totals.objects}`);
  if (verdict !== verdictOf(totals, findings))
    problems.push(`with ${totals.missing} missing and ${findings} findings it can’t be ${verdict}`);
  return problems;
}

function objectProblems(
  { shards, period, totals }: Certificate,
  given: ReadonlyMap<string, GivenObject>,
): readonly string[] {
  const problems: string[] = [];
  const sent = new SentInPeriod(period);
  let isAllGiven = true;
  for (const { shardId, objects } of shards) {
    for (const object of objects) {
      const found = given.get(object.key);
      if (!found) isAllGiven = false;
      else
        problems.push(...differences(object, shardId, found, sent).map((what) => `${object.key}: ${what}`));
    }
  }
  return isAllGiven && problems.length === 0 ? sent.problems(totals) : problems;
}

function differences(
  object: CertifiedObject,
  shardId: string,
  { bytes, text }: GivenObject,
  sent: SentInPeriod,
): readonly string[] {
  const sha256 = sha256Hex(bytes);
  if (sha256 !== object.sha256) return [`its SHA-256 is ${sha256}, not ${object.sha256}`];
  const difference = differenceOf(text, { ...object, shardId, versionId: '' });
  if (difference !== undefined) return [difference];
  const events = sent.add(text, shardId);
  const problems: string[] = [];
  if (events !== object.events) problems.push(`it holds ${events} events, not ${object.events}`);
  if (bytes.length !== object.bytes) problems.push(`it has ${bytes.length} bytes, not ${object.bytes}`);
  return problems;
}

/** Counts afresh what arrived in the period. */
class SentInPeriod {
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #counts = { accepted: 0, replayed: 0, quarantined: 0 };

  constructor({ from, to }: Certificate['period']) {
    this.#fromMs = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
    this.#toMs = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to);
  }

  /** @returns the object's events, whenever they arrived */
  add(text: string, shardId: string): number {
    let events = 0;
    for (const { envelope, arrived } of recordsIn(text, shardId)) {
      if (!envelope || 'mark' in envelope) continue;
      const arrivedMs = Date.parse(arrived);
      const isInPeriod = arrivedMs >= this.#fromMs && arrivedMs < this.#toMs;
      if ('quarantine' in envelope) {
        if (isInPeriod) this.#counts.quarantined++;
        continue;
      }
      events += envelope.events.length;
      if (isInPeriod)
        this.#counts[envelope.replay === undefined ? 'accepted' : 'replayed'] += envelope.events.length;
    }
    return events;
  }

  problems(totals: CertificateTotals): readonly string[] {
    return (['accepted', 'replayed', 'quarantined'] as const)
      .filter((name) => totals[name] !== this.#counts[name])
      .map((name) => `its objects hold ${this.#counts[name]} ${name}, and it says ${totals[name]}`);
  }
}

type Json = Readonly<Record<string, unknown>>;

function isCertificate(value: unknown): value is Certificate {
  if (!isObject(value) || value.kind !== CERTIFICATE_KIND || value.v !== 1) return false;
  const { period, totals, shards, findings } = value;
  return (
    areTexts(value, 'requestId', 'knownAt', 'issuedAt', 'verdict', 'sha256') &&
    isObject(period) &&
    isObject(totals) &&
    TOTALS.every((name) => Number.isSafeInteger(totals[name])) &&
    Number.isSafeInteger(findings) &&
    Array.isArray(shards) &&
    shards.every(isProof)
  );
}

const TOTALS: readonly (keyof CertificateTotals)[] = [
  ...(['objects', 'accepted', 'replayed', 'uncountable', 'identities', 'distinct', 'duplicates'] as const),
  ...(['repeats', 'counted', 'conflicts', 'failed', 'missing', 'quarantined'] as const),
];

function isProof(value: unknown): boolean {
  return (
    isObject(value) &&
    areTexts(value, 'shardId', 'start', 'end') &&
    Array.isArray(value.parents) &&
    value.parents.every((parent) => typeof parent === 'string') &&
    Array.isArray(value.objects) &&
    value.objects.every(isCertifiedObject)
  );
}

function isCertifiedObject(value: unknown): boolean {
  return (
    isObject(value) &&
    areTexts(value, 'key', 'sha256', 'first', 'last', 'chain') &&
    ['records', 'events', 'bytes'].every((name) => Number.isSafeInteger(value[name]))
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areTexts(value: Json, ...names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === 'string');
}
