/** What a credential may be used for. */
export type Scope = 'events:write' | 'usage:read';

/** Whom a key stands for, and what it may do. The key itself is kept nowhere but with its holder. */
export interface Credential {
  readonly tenant: string;
  readonly producer: string;
  /** Event types granted: exact names, `prefix.*`, or `*`. */
  readonly types: readonly string[];
  readonly scopes: readonly Scope[];
  readonly status: 'active' | 'revoked';
  /** Weir's own: the only one that may send a type that begins with `weir.`. Nothing that is stored makes one. */
  readonly own?: true;
  /** When it ends, in ms since the epoch. */
  readonly expiresMs?: number;
  /** First twelve hex digits of the key's hash: names the key in logs and lists. */
  readonly keyId: string;
}

/** Where credentials are found. */
export interface CredentialStore {
  /**
   * The credential of the key with this SHA-256 (64 hex digits, of the whole key text), or undefined.
   * @throws where the store can't be reached.
   */
  find(keyHash: string): Promise<Credential | undefined>;
}

/** Whether the credential's holder may send events of a type. `a.*` grants `a.b` and `a.b.c`, not `a`. */
export function grantsType(credential: Credential, type: string): boolean {
  return credential.types.some(
    (granted) =>
      granted === type ||
      granted === '*' ||
      (granted.endsWith('.*') && type.startsWith(granted.slice(0, -1))),
  );
}
