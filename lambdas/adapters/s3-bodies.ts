import { hash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { encodePart } from '../domain/keys.ts';
import type { BodyReference, BodyStore } from '../domain/webhooks/queued.ts';

/** Large bodies in the archive's bucket, under tenant and hash: as long as the events that point to them. */
export class S3Bodies implements BodyStore {
  readonly #client: Pick<S3Client, 'send'>;
  readonly #bucket: string;

  constructor(client: Pick<S3Client, 'send'>, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(tenant: string, body: Buffer): Promise<BodyReference> {
    const sha256 = hash('sha256', body, 'hex');
    const key = `webhooks/${encodePart(tenant)}/${sha256}`;
    try {
      await this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: key,
          Body: body,
          ContentType: 'application/octet-stream',
          ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
          IfNoneMatch: '*',
        }),
      );
    } catch (error) {
      // The key holds the bytes' hash: what is there under it is the same.
      if (!(error instanceof S3ServiceException) || error.name !== 'PreconditionFailed') throw error;
    }
    return { bucket: this.#bucket, key, sha256, bytes: body.length };
  }

  async get({ bucket, key, sha256 }: BodyReference): Promise<Buffer> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const body = Buffer.from((await Body?.transformToByteArray()) ?? []);
    if (hash('sha256', body, 'hex') !== sha256) throw new Error(`${key} does not hold what its name says`);
    return body;
  }
}
