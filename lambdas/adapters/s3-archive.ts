import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  RestoreObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { ArchiveStore } from '../domain/manifest.ts';
import type { ArchiveReader, StoredObject } from '../domain/recovery/ports.ts';

/** Archive objects in a versioned bucket. The key holds the bytes' hash, so what is there under it is the same. */
export class S3Archive implements ArchiveStore, ArchiveReader {
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

  get(key: string, versionId: string): Promise<Uint8Array | undefined> {
    return findVersion(versionId, async (version) => {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: key, ...version }),
      );
      return Body?.transformToByteArray();
    });
  }

  look(key: string, versionId: string): Promise<StoredObject | undefined> {
    return findVersion(versionId, async (version) =>
      whereItIs(
        await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key, ...version })),
      ),
    );
  }

  async restore(key: string, versionId: string, tier: 'standard' | 'bulk', days: number): Promise<void> {
    try {
      await findVersion(versionId, (version) =>
        this.#client.send(
          new RestoreObjectCommand({
            ...{ Bucket: this.#bucket, Key: key, ...version },
            RestoreRequest: {
              Days: days,
              GlacierJobParameters: { Tier: tier === 'bulk' ? 'Bulk' : 'Standard' },
            },
          }),
        ),
      );
    } catch (error) {
      if (!(error instanceof S3ServiceException) || error.name !== 'RestoreAlreadyInProgress') throw error;
    }
  }
}

/** Asks for a version, then for the present one where that is gone; undefined where there is neither. */
async function findVersion<T>(
  versionId: string,
  ask: (version: { readonly VersionId?: string }) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask({ VersionId: versionId });
  } catch (error) {
    if (!hasStatus(error, VERSION_GONE)) throw error;
  }
  try {
    return await ask({});
  } catch (error) {
    if (!hasStatus(error, GONE)) throw error;
    return undefined;
  }
}

const GONE = [404];
/**
 * No such version, a delete marker, or an id that can't be a version's
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
 */
const VERSION_GONE = [404, 405, 400];

/** By status, as answers to HEAD have no more. A bucket that is not there is no object that is gone. */
function hasStatus(error: unknown, statuses: readonly number[]): boolean {
  if (!(error instanceof S3ServiceException) || error.name === 'NoSuchBucket') return false;
  return statuses.includes(error.$metadata.httpStatusCode ?? 0);
}

const COLD = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** `Restore` is `ongoing-request="true"`, or "false" with the time until which the copy can be read. */
function whereItIs({ StorageClass = 'STANDARD', Restore }: HeadObjectCommandOutput): StoredObject {
  return {
    storageClass: StorageClass,
    readable: !COLD.has(StorageClass) || (Restore?.includes('ongoing-request="false"') ?? false),
    restoring: Restore?.includes('ongoing-request="true"') ?? false,
  };
}
