/** What runs: each room's build, and the contracts'. */
export interface Running {
  readonly builds: Readonly<Record<string, string>>;
  /** SHA-256, in hex, of all that the contracts say. */
  readonly contracts: string;
}

/** A change of what runs, as it was seen. */
export interface Deploy extends Running {
  /** RFC 3339. */
  readonly at: string;
  /** Rooms whose build is another, in order; all where nothing was known before. */
  readonly changed: readonly string[];
  readonly contractsChanged: boolean;
}

/** What has changed; undefined where nothing has. */
export function deployOf(before: Running | undefined, now: Running, at: string): Deploy | undefined {
  const rooms = new Set([...Object.keys(now.builds), ...Object.keys(before?.builds ?? {})]);
  const changed = [...rooms].filter((room) => now.builds[room] !== before?.builds[room]).sort();
  const contractsChanged = before !== undefined && before.contracts !== now.contracts;
  if (changed.length === 0 && !contractsChanged) return undefined;
  return { ...now, at, changed, contractsChanged };
}
