import { compareSequences } from '../log-record.ts';
import { chainHash, chainStart, sha256Hex } from '../manifest.ts';
import { addingMistakes, type Certificate, certificateHash, verdictOf } from './certificate.ts';
import { isCertificate, isCertifiedObject } from './certificate-form.ts';
import type { CertifiedObject, ShardProof } from './chain-section.ts';
import { ArchiveCheck, type GivenFile, type GivenFiles, NOTHING_GIVEN } from './check-objects.ts';

/**
 * Checks a certificate without Weir: its own hash, that of each proof file, every link of its chains, and its sums; of the
 * archive objects that are given, hashes and counts too, and where all are given, what it says of events sent in the
 * period.
 *
 * @param proofs by the names that the certificate has for them
 * @param objects by key
 * @returns what is wrong, in words: nothing, if it is whole
 */
export function checkCertificate(
  value: unknown,
  proofs: GivenFiles,
  objects: GivenFiles = NOTHING_GIVEN,
): readonly string[] {
  if (!isCertificate(value)) return ['this is no completeness certificate of version 1'];
  const { sha256, ...rest } = value;
  const problems: string[] = [];
  const hash = certificateHash(rest);
  if (hash !== sha256)
    problems.push(`its hash is ${hash}, not ${sha256}: it was changed after it was issued`);
  const archive = new ArchiveCheck(value, objects);
  for (const shard of value.shards) problems.push(...shardProblems(shard, proofs, archive));
  if (value.period.from === undefined && value.period.to === undefined)
    problems.push(...startProblems(value.shards));
  problems.push(...totalProblems(value));
  problems.push(...archive.problems());
  return problems;
}

function shardProblems(shard: ShardProof, given: GivenFiles, archive: ArchiveCheck): readonly string[] {
  const { shardId, proofs } = shard;
  const stretch = new Stretch(shard);
  for (const { file, sha256 } of proofs) {
    const found = given.get(file);
    const problem = found ? proofProblem(found, sha256) : 'it is not there';
    if (!found || problem !== undefined) {
      archive.leaveOut();
      return [...stretch.links, `${shardId}: proof file ${file}: ${problem}`];
    }
    for (const line of linesOf(found.text)) {
      const object = readLine(line);
      if (!object) return [...stretch.links, `${shardId}: proof file ${file} has a line that is no object`];
      stretch.add(object);
      archive.add(object, shardId);
    }
  }
  return stretch.problems();
}

function proofProblem({ bytes }: GivenFile, sha256: string): string | undefined {
  const actual = sha256Hex(bytes);
  return actual === sha256 ? undefined : `its SHA-256 is ${actual}, not ${sha256}`;
}

function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    yield text.slice(at, end);
    at = end + 1;
  }
}

function readLine(line: string): CertifiedObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isCertifiedObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Follows a shard's chain through its objects, and holds it against what the certificate says of it. */
class Stretch {
  readonly links: string[] = [];
  readonly #shard: ShardProof;
  readonly #sums = { objects: 0, records: 0, events: 0 };
  #chain: string;
  #first: string | undefined;
  #last: string | undefined;

  constructor(shard: ShardProof) {
    this.#shard = shard;
    this.#chain = shard.start;
  }

  add({ key, sha256, first, last, records, events, chain }: CertifiedObject): void {
    const { shardId } = this.#shard;
    if (chainHash(this.#chain, sha256, first, last, records) !== chain)
      this.links.push(`${shardId}: the chain breaks at ${key}`);
    if (
      compareSequences(first, last) > 0 ||
      (this.#last !== undefined && compareSequences(first, this.#last) <= 0)
    )
      this.links.push(`${shardId}: ${key} does not come after what is before it`);
    // From what it says, so that one break is one problem.
    this.#chain = chain;
    this.#first ??= first;
    this.#last = last;
    this.#sums.objects++;
    this.#sums.records += records;
    this.#sums.events += events;
  }

  problems(): readonly string[] {
    const { shardId, end, first, last } = this.#shard;
    const problems = [...this.links];
    if (end !== this.#chain) problems.push(`${shardId}: the chain ends with ${this.#chain}, not with ${end}`);
    if (first !== this.#first || last !== this.#last)
      problems.push(
        `${shardId}: its objects reach from ${this.#first} to ${this.#last}, not ${first} to ${last}`,
      );
    for (const name of ['objects', 'records', 'events'] as const) {
      const sum = this.#sums[name];
      const said = this.#shard[name];
      if (sum !== said) problems.push(`${shardId}: its proofs have ${sum} ${name}, and it says ${said}`);
    }
    return problems;
  }
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
  const objects = shards.reduce((sum, shard) => sum + shard.objects, 0);
  if (objects !== totals.objects)
    problems.push(`its shards have ${objects} objects, and it says ${totals.objects}`);
  if (verdict !== verdictOf(totals, findings))
    problems.push(`with ${totals.missing} missing and ${findings} findings it can’t be ${verdict}`);
  return problems;
}
