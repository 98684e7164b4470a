/** A guard, broken on purpose: with it broken, the named test must fail. */
export interface Mutant {
  /** Short name, for `--only`. */
  readonly id: string;
  /** The promises (P1…P8) and failures (F1…F14) of docs/design.md that the guard holds. */
  readonly promise: string;
  /** What the guard does, in the words of docs/testing.md. */
  readonly guard: string;
  readonly file: string;
  /** What is changed in the file; each text to be found must be there exactly once. */
  readonly edits: readonly (readonly [find: string, replace: string])[];
  readonly test: { readonly file: string; readonly name: string };
  /** The guard is in an adapter: its test runs on LocalStack. */
  readonly emulator?: true;
}

/** The file's text with the guard broken. @throws Error where a text to be found is not there exactly once */
export function breakGuard({ id, file, edits }: Mutant, source: string): string {
  return edits.reduce((text, [find, replace]) => {
    const parts = text.split(find);
    if (parts.length !== 2) {
      throw new Error(
        `mutant "${id}": its text must be in ${file} exactly once and is there ${parts.length - 1} times; ` +
          `the code has changed, so change the mutant with it:\n${find}`,
      );
    }
    return parts.join(replace);
  }, source);
}
