/** LocalStack cannot be installed or started here. The message says what is wrong and what to do about it. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

/** The last lines of a program's output: what a person needs to see of a failure. */
export const tail = (text: string, lines: number): string =>
  text.trimEnd().split('\n').slice(-lines).join('\n');
