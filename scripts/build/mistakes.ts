/** Something wrong in a contract, where an editor can jump to it. */
export interface Mistake {
  /** Path relative to the working directory. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** All that is wrong with the contracts, by file and line, so that one run is enough to mend them. */
export class ContractMistakes extends Error {
  override readonly name = 'ContractMistakes';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    const sorted = sortMistakes(mistakes);
    const lines = sorted.map(({ file, line, message }) => `  ${file}:${line}: ${message}`);
    super(
      `${sorted.length} mistake${sorted.length === 1 ? '' : 's'} in the contracts ` +
        `(docs/contracts.md explains each key):\n${lines.join('\n')}`,
    );
    this.mistakes = sorted;
  }
}

function sortMistakes(mistakes: readonly Mistake[]): Mistake[] {
  const unique = new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake]));
  return [...unique.values()].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line) || (a.message < b.message ? -1 : 1),
  );
}

/** Quotes a value for a message, cut where it is long. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

/** ` (did you mean "bucket"?)` where one of the candidates is a slip of the pen away, else nothing. */
export function suggest(wrong: string, candidates: Iterable<string>): string {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wrong.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wrong.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === undefined ? '' : ` (did you mean "${best}"?)`;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
