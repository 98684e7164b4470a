/** Time, randomness and waiting, so that what uses them can be tested over every order and moment. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}
export interface Random {
  /** Uniform in [0, 1). Not for secrets. */
  fraction(): number;
  /** A fresh identifier of `bytes` random bytes in lower-case hex. */
  hex(bytes: number): string;
}
export type Sleep = (ms: number) => Promise<void>;
