import { quoted } from './check-event.ts';
import { pointerToken } from './read-json.ts';

/** One mistake in a document: where (a JSON Pointer), what was found there, and what would be right. */
export interface Mistake {
  readonly place: string;
  readonly problem: string;
}

/** A place in a document that is being checked: what stands there, and where mistakes are noted. */
export class Spot {
  readonly value: unknown;
  readonly place: string;
  readonly #mistakes: Mistake[];
  readonly #shows: boolean;

  /** @param shows whether mistakes may quote the texts that stand here, and below */
  constructor(value: unknown, place = '', mistakes: Mistake[] = [], shows = true) {
    this.value = value;
    this.place = place;
    this.#mistakes = mistakes;
    this.#shows = shows;
  }

  /** The same place, with all below it, where mistakes quote no text: what is noted is thrown, and Lambda logs what is thrown. */
  discreet(): Spot {
    return new Spot(this.value, this.place, this.#mistakes, false);
  }

  get mistakes(): readonly Mistake[] {
    return this.#mistakes;
  }

  /** Notes a mistake here, e.g. `must be a text, not 5`. */
  note(problem: string): undefined {
    this.#mistakes.push({ place: this.place, problem });
  }

  wrong(allowed: string): undefined {
    return this.note(
      this.given ? `must be ${allowed}, not ${this.#shown()}` : `is missing: it must be ${allowed}`,
    );
  }

  #shown(): string {
    const { value } = this;
    return typeof value === 'string' && !this.#shows ? 'this text' : quotedJson(value);
  }

  /** A member of the object here, which may be absent. */
  at(name: string | number): Spot {
    const { value } = this;
    const member =
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Readonly<Record<string | number, unknown>>)[name]
        : undefined;
    return new Spot(member, `${this.place}/${pointerToken(String(name))}`, this.#mistakes, this.#shows);
  }

  get given(): boolean {
    return this.value !== undefined;
  }

  get isObject(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }

  names(): readonly string[] {
    return Object.keys(this.value as object);
  }

  /** Whether an object is here, with no members but these; notes what is wrong. */
  hasOnly(allowed: readonly string[], what = 'an object'): boolean {
    if (!this.isObject) {
      this.wrong(`${what} with ${allowed.join(', ')}`);
      return false;
    }
    const strange = this.names().filter((name) => !allowed.includes(name));
    for (const name of strange) this.at(name).note(`is not known here: allowed are ${allowed.join(', ')}`);
    return strange.length === 0;
  }

  /** The elements of a list, at least one and at most `most`; none where something else is here, which is noted. */
  elements(most: number, what: string): readonly Spot[] {
    const { value } = this;
    if (Array.isArray(value) && value.length > 0 && value.length <= most)
      return value.map((_, index) => this.at(index));
    this.wrong(`a list of 1 to ${most} ${what}`);
    return [];
  }
}

/** Keys and secrets of senders, providers and AWS: somebody may have pasted one where it does not belong. */
const SECRET = /\b(?:wk|we|whsec|sk|rk|pk)_\w{8}|\bAKIA[A-Z0-9]{8}/;

/** A short value as JSON, anything longer by its kind; nothing of what may be a secret. */
function quotedJson(value: unknown): string {
  if (typeof value === 'string' && SECRET.test(value)) return 'a text that looks like a secret';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : quoted(value);
}
