import type { S3Client } from '@aws-sdk/client-s3';
import type { Audit, AuditEntry } from '../domain/recovery/ports.ts';
import { LockedObjects } from './locked-objects.ts';

/** The audit, one object an entry under `audit/<request id>/`, in a bucket under Object Lock. */
export class S3Audit implements Audit {
  readonly #objects: LockedObjects;

  constructor(client: Pick<S3Client, 'send'>, bucket: string) {
    this.#objects = new LockedObjects(client, bucket);
  }

  append(entry: AuditEntry): Promise<void> {
    const { requestId, attempt, what, at } = entry;
    return this.#objects.put(`audit/${requestId}/${at}-${attempt}-${what}.json`, entry);
  }

  /** An entry that was repeated, as nobody knew whether it had been written, is there once. */
  async of(requestId: string): Promise<readonly AuditEntry[]> {
    const entries = new Map<string, AuditEntry>();
    for await (const some of this.#objects.read(`audit/${requestId}/`))
      for (const entry of some as readonly AuditEntry[]) entries.set(JSON.stringify(entry), entry);
    return [...entries.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.attempt - b.attempt));
  }
}
