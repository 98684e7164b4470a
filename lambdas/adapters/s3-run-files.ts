import {
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { RunFiles } from '../domain/recovery/ports.ts';

/** A run's files in the runs bucket, under `runs/<requestId>/`. */
export class S3RunFiles implements RunFiles {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(requestId: string, name: string, bytes: Uint8Array): Promise<void> {
    await this.#client.send(new PutObjectCommand({ ...this.#at(requestId, name), Body: bytes }));
  }

  async putNew(requestId: string, name: string, bytes: Uint8Array): Promise<boolean> {
    try {
      await this.#client.send(
        new PutObjectCommand({ ...this.#at(requestId, name), Body: bytes, IfNoneMatch: '*' }),
      );
      return true;
    } catch (error) {
      if (isNamed(error, 'PreconditionFailed')) return false;
      throw error;
    }
  }

  get(requestId: string, name: string): Promise<Buffer | undefined> {
    return this.#read(requestId, name);
  }

  async getPart(requestId: string, name: string, start: number, length: number): Promise<Buffer | undefined> {
    const range = start < 0 ? `bytes=${start}` : `bytes=${start}-${start + Math.max(length, 1) - 1}`;
    try {
      return (await this.#read(requestId, name, range))?.subarray(0, length);
    } catch (error) {
      // The range begins after the file's end.
      if (isNamed(error, 'InvalidRange')) return Buffer.alloc(0);
      throw error;
    }
  }

  async list(requestId: string, prefix: string): Promise<readonly string[]> {
    const { Bucket, Key } = this.#at(requestId, prefix);
    const folder = Key.length - prefix.length;
    const names: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: this.#client },
      { Bucket, Prefix: Key },
    ))
      for (const object of Contents) if (object.Key) names.push(object.Key.slice(folder));
    return names;
  }

  async #read(requestId: string, name: string, range?: string): Promise<Buffer | undefined> {
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ ...this.#at(requestId, name), ...(range && { Range: range }) }),
      );
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    } catch (error) {
      if (isNamed(error, 'NoSuchKey')) return undefined;
      throw error;
    }
  }

  #at(requestId: string, name: string) {
    return { Bucket: this.#bucket, Key: `runs/${requestId}/${name}` };
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof S3ServiceException && error.name === name;
}
