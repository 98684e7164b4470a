import { grouped, printable, seconds } from '../platform/output.ts';
import type { NotAccepted } from './read-events.ts';
import type { SendCounts } from './send-events.ts';

/** Problems and codes that are shown to people; programs get all problems, with --json. */
const SHOWN = 20;

/** What was not accepted: all counted, the first few kept for people. */
export class Notes {
  count = 0;
  readonly shown: NotAccepted[] = [];
  readonly byCode = new Map<string, number>();
  readonly #emit: (problem: NotAccepted) => void;

  constructor(emit: (problem: NotAccepted) => void) {
    this.#emit = emit;
  }

  add(problem: NotAccepted): void {
    this.count += 1;
    this.#emit(problem);
    if (this.shown.length < SHOWN) this.shown.push(problem);
    const known = this.byCode.has(problem.code) || this.byCode.size < SHOWN;
    const code = known ? problem.code : 'others';
    this.byCode.set(code, (this.byCode.get(code) ?? 0) + 1);
  }
}

/** What a run came to, in lines for people. */
export function* summarise(result: SendCounts, notes: Notes, ms: number): Generator<string> {
  const { accepted, requests, retries, shed, shedSentAgain } = result;
  const rate = ms > 0 ? `, ${grouped(Math.round((1000 * accepted) / ms))}/s` : '';
  yield `${grouped(accepted)} events accepted in ${seconds(ms)}${rate}: ${requests} requests, ${retries} of them retries`;
  if (shed > 0) {
    const again = shedSentAgain === shed ? 'all' : grouped(shedSentAgain);
    yield `${grouped(shed)} times an event was shed, to come again later; ${again} of these were sent again`;
  }
  if (notes.count === 0) return;
  const causes = [...notes.byCode].map(([code, count]) => `${printable(code)} ${grouped(count)}`).join(', ');
  yield `${grouped(notes.count)} not accepted (${causes}):`;
  const shown = notes.shown.toSorted((a, b) => a.line - b.line);
  for (const { line, id = '', status, code, pointer = '', detail } of shown) {
    const parts = [`  line ${line}`, id, status || 'not sent', code, pointer, detail];
    yield printable(parts.filter((part) => part !== '').join('  '));
  }
  if (notes.count > shown.length)
    yield `  … and ${grouped(notes.count - shown.length)} more: --json lists all`;
}
