import type { S3Client } from '@aws-sdk/client-s3';
import type { Anchor, Anchors } from '../domain/recovery/anchors.ts';
import { LockedObjects } from './locked-objects.ts';

const PREFIX = 'anchors/';
const DAY_LENGTH = 10;

/** Anchors as `anchors/<day>/<shard>.json` in the audit's bucket. */
export class S3Anchors implements Anchors {
  readonly #objects: LockedObjects;

  constructor(client: Pick<S3Client, 'send'>, bucket: string) {
    this.#objects = new LockedObjects(client, bucket);
  }

  write(anchor: Anchor): Promise<void> {
    const day = anchor.at.slice(0, DAY_LENGTH);
    return this.#objects.put(`${PREFIX}${day}/${anchor.shardId}.json`, anchor);
  }

  read(from?: string, to?: string): AsyncIterable<readonly Anchor[]> {
    const dayOf = (key: string) => key.slice(PREFIX.length, PREFIX.length + DAY_LENGTH);
    return this.#objects.read(
      PREFIX,
      from === undefined ? undefined : `${PREFIX}${from}`,
      (key) => to === undefined || dayOf(key) <= to,
    ) as AsyncIterable<readonly Anchor[]>;
  }
}
