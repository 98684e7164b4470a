import type { S3Client } from '@aws-sdk/client-s3';
import type { ControlAudit, ControlChange } from '../domain/control/changes.ts';
import { LockedObjects } from './locked-objects.ts';

const VERSION_DIGITS = 12;

/** The audit of the control plane, one object a change under `audit/control/`, in a bucket under Object Lock. */
export class S3ControlAudit implements ControlAudit {
  readonly #objects: LockedObjects;

  constructor(client: Pick<S3Client, 'send'>, bucket: string) {
    this.#objects = new LockedObjects(client, bucket);
  }

  append(change: ControlChange): Promise<void> {
    const version = String(change.v).padStart(VERSION_DIGITS, '0');
    return this.#objects.put(`audit/control/${version}-${change.at}.json`, change);
  }
}
