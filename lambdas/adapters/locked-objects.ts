import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

/** Objects read at once. */
const AT_ONCE = 20;

/**
 * JSON documents in a bucket under Object Lock, whose default retention keeps every version. Whoever may put objects
 * can still put another version over one, or a delete marker: so all versions are read, never the newest alone.
 */
export class LockedObjects {
  readonly #client: Pick<S3Client, 'send'>;
  readonly #bucket: string;

  constructor(client: Pick<S3Client, 'send'>, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(key: string, document: unknown): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        Body: JSON.stringify(document),
        ContentType: 'application/json',
        // Object Lock takes no object without a checksum.
        ChecksumAlgorithm: 'SHA256',
      }),
    );
  }

  /** Every version of every object whose key begins with `prefix` and comes after `after`, by key; while `wanted` is. */
  async *read(
    prefix: string,
    after?: string,
    wanted: (key: string) => boolean = () => true,
  ): AsyncIterable<readonly unknown[]> {
    let marker: { KeyMarker?: string; VersionIdMarker?: string } =
      after === undefined ? {} : { KeyMarker: after };
    for (;;) {
      const page: ListObjectVersionsCommandOutput = await this.#client.send(
        new ListObjectVersionsCommand({ Bucket: this.#bucket, Prefix: prefix, ...marker }),
      );
      const versions = page.Versions ?? [];
      const chosen = versions.filter(({ Key }) => wanted(Key!));
      for (let at = 0; at < chosen.length; at += AT_ONCE) {
        yield await Promise.all(
          chosen.slice(at, at + AT_ONCE).map(({ Key, VersionId }) => this.#get(Key!, VersionId!)),
        );
      }
      if (!page.IsTruncated || chosen.length < versions.length) return;
      marker = {
        ...(page.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
        ...(page.NextVersionIdMarker !== undefined && { VersionIdMarker: page.NextVersionIdMarker }),
      };
    }
  }

  async #get(key: string, versionId: string): Promise<unknown> {
    const { Body } = await this.#client.send(
      new GetObjectCommand({ Bucket: this.#bucket, Key: key, VersionId: versionId }),
    );
    return JSON.parse(await Body!.transformToString());
  }
}
