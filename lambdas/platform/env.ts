/**
 * Reads a room's environment. The construct writes it with the same type, so a wrong name fails the compiler; a missing
 * value fails the cold start with the names of all that are missing.
 */
export function readEnv<T extends { [K in keyof T]: string }>(
  names: readonly (keyof T & string)[],
  from: Readonly<Record<string, string | undefined>> = process.env,
): T {
  const missing = names.filter((name) => !from[name]);
  if (missing.length > 0) {
    throw new Error(
      `This function needs the environment variables ${missing.join(', ')}: deploy it with its construct.`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, from[name]])) as T;
}
