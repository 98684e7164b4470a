import { HeadObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { ArchiveStore } from '../domain/manifest.ts';

/** Archive objects in a versioned bucket. The key holds the bytes' hash, so what is there under it is the same. */
export class S3Archive implements ArchiveStore {
  readonly #client: Pick<S3Client, 'send'>;
  readonly #bucket: string;

  constructor(client: Pick<S3Client, 'send'>, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(key: string, bytes: Uint8Array): Promise<{ readonly versionId: string }> {
    try {
      const { VersionId } = await this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: key,
          Body: bytes,
          ContentType: 'application/x-ndjson',
          ContentEncoding: 'gzip',
          IfNoneMatch: '*',
        }),
      );
      return { versionId: VersionId ?? 'null' };
    } catch (error) {
      if (!(error instanceof S3ServiceException) || error.name !== 'PreconditionFailed') throw error;
      const { VersionId } = await this.#client.send(
        new HeadObjectCommand({ Bucket: this.#bucket, Key: key }),
      );
      return { versionId: VersionId ?? 'null' };
    }
  }
}
