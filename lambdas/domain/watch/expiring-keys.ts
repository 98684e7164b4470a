const SOON_MS = 14 * 86_400_000;

/** A producer's keys, without what they are. */
export interface ProducerKeys {
  readonly tenant: string;
  readonly producer: string;
  readonly keys: readonly KeyEnd[];
}

export interface KeyEnd {
  readonly keyId: string;
  readonly revoked: boolean;
  /** ms since the epoch; absent where it has no end. */
  readonly endsMs?: number;
}

export interface ExpiringKey {
  readonly tenant: string;
  readonly producer: string;
  readonly keyId: string;
  readonly endsMs: number;
}

/**
 * Keys that end within 14 days and have no other after them: with the last of them the producer is shut out. A key that ends
 * because it was rotated is none of those.
 */
export function expiringKeys({ tenant, producer, keys }: ProducerKeys, now: number): readonly ExpiringKey[] {
  const live = keys.filter(({ revoked, endsMs = Number.POSITIVE_INFINITY }) => !revoked && endsMs > now);
  if (live.some(({ endsMs = Number.POSITIVE_INFINITY }) => endsMs > now + SOON_MS)) return [];
  return live.map(({ keyId, endsMs = Number.POSITIVE_INFINITY }) => ({ tenant, producer, keyId, endsMs }));
}

/** Whether an operator has ended the producer: all of its keys are revoked. Those that have run out are no such thing. */
export function isEnded({ keys }: ProducerKeys): boolean {
  return keys.length > 0 && keys.every(({ revoked }) => revoked);
}
