import { type Finding, MAX_FINDINGS, type RunResult } from './run.ts';

/** Most bytes of a result's findings as JSON: request, plan and result share one item of the control table. */
const MAX_BYTES = 150_000;
const MAX_TEXT = 2_000;

/**
 * Adds up what workers' parts came to, one after the other, in bounded memory: counts by name, and of the findings the
 * first ones in the order in which parts are given. `findings` among the counts says how many there were; a part may be
 * such a sum itself.
 */
export class ResultSum {
  readonly #counts = new Map<string, number>();
  readonly #findings: Finding[] = [];
  #found = 0;
  #bytes = 0;

  add({ counts, findings }: RunResult): void {
    const { findings: found = findings.length, ...others } = counts;
    this.#found += found;
    for (const [name, value] of Object.entries(others))
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + value);
    for (const finding of findings) this.#keep(finding);
  }

  result(): RunResult {
    const counts = new Map([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
    if (this.#found > 0) counts.set('findings', this.#found);
    return { counts: Object.fromEntries(counts), findings: this.#findings };
  }

  #keep(finding: Finding): void {
    if (this.#findings.length >= MAX_FINDINGS) return;
    const { kind, where, detail, action } = finding;
    const kept = { kind, where: cut(where), detail: cut(detail), action: cut(action) };
    const bytes = Buffer.byteLength(JSON.stringify(kept));
    if (this.#bytes + bytes > MAX_BYTES) return;
    this.#bytes += bytes;
    this.#findings.push(kept);
  }
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT).toWellFormed()}…` : text;
}
