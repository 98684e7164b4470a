import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  type PutObjectCommandOutput,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { REGION } from './dynamodb-local.ts';

const LIST_PAGE = 1000;
const VERSION = 'version-1';

/** Why S3 would refuse a request: the code in its answer, and the status. */
export type Refusal = { readonly refused: 'NoSuchKey' | 'PreconditionFailed' | 'InvalidRange' };
export const STATUS = { NoSuchKey: 404, PreconditionFailed: 412, InvalidRange: 416 } as const;

/** One page of a list of keys. */
export interface KeyPage {
  readonly keys: readonly string[];
  readonly next?: string;
}

/** S3 in memory, all buckets in one, each key with its bucket's name before it. Counts requests as S3 bills them. */
export class PretendBucket {
  readonly #objects = new Map<string, Buffer>();
  puts = 0;
  /** GET and HEAD. */
  gets = 0;
  lists = 0;
  bytesPut = 0;

  put(key: string, bytes: Buffer, isNew: boolean): Refusal | { readonly versionId: string } {
    this.puts += 1;
    if (isNew && this.#objects.has(key)) return { refused: 'PreconditionFailed' };
    this.bytesPut += bytes.length;
    this.#objects.set(key, bytes);
    return { versionId: VERSION };
  }

  /** @param range as in the header `Range`: `bytes=0-9`, `bytes=-10` */
  get(key: string, range?: string): Refusal | { readonly bytes: Buffer; readonly start: number } {
    this.gets += 1;
    const bytes = this.#objects.get(key);
    if (!bytes) return { refused: 'NoSuchKey' };
    const [start, end] = rangeIn(bytes.length, range);
    return start >= bytes.length && range !== undefined
      ? { refused: 'InvalidRange' }
      : { bytes: bytes.subarray(start, end), start };
  }

  /** Keys that begin with the prefix and come after `after`. */
  list(prefix: string, after = ''): KeyPage {
    this.lists += 1;
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, LIST_PAGE);
    return { keys: page, ...(keys.length > page.length && { next: page.at(-1)! }) };
  }

  /** A client whose calls end here. */
  client(): S3Client {
    return Object.assign(new S3Client({ region: REGION }), { send: this.send });
  }

  /** In the place of `S3Client.send`. */
  readonly send = (async (command: unknown) => {
    if (command instanceof PutObjectCommand) return this.#sendPut(command);
    if (command instanceof GetObjectCommand) return this.#sendGet(command);
    if (command instanceof ListObjectsV2Command) return this.#sendList(command);
    if (command instanceof ListObjectVersionsCommand) return this.#sendVersions(command);
    throw new Error(`the pretended bucket has no rule for ${(command as object).constructor.name}`);
  }) as S3Client['send'];

  #sendPut({ input: { Bucket, Key, Body, IfNoneMatch } }: PutObjectCommand): PutObjectCommandOutput {
    const bytes = Buffer.from(Body as Uint8Array | string);
    const { versionId } = orThrow(this.put(`${Bucket}/${Key}`, bytes, IfNoneMatch === '*'));
    return { VersionId: versionId, $metadata: {} };
  }

  #sendGet({ input: { Bucket, Key, Range } }: GetObjectCommand): GetObjectCommandOutput {
    const { bytes } = orThrow(this.get(`${Bucket}/${Key}`, Range));
    const Body = {
      transformToByteArray: async () => bytes,
    } as unknown as GetObjectCommandOutput['Body'] & {};
    return { Body, $metadata: {} };
  }

  #sendList({ input }: ListObjectsV2Command): ListObjectsV2CommandOutput {
    const { Bucket, Prefix = '', ContinuationToken } = input;
    const { keys, next } = this.list(`${Bucket}/${Prefix}`, ContinuationToken);
    const Contents = keys.map((key) => ({ Key: key.slice(`${Bucket}/`.length) }));
    return {
      Contents,
      IsTruncated: next !== undefined,
      ...(next && { NextContinuationToken: next }),
      $metadata: {},
    };
  }

  #sendVersions({ input }: ListObjectVersionsCommand): ListObjectVersionsCommandOutput {
    const { Bucket, Prefix = '', KeyMarker } = input;
    const { keys, next } = this.list(`${Bucket}/${Prefix}`, KeyMarker && `${Bucket}/${KeyMarker}`);
    const Versions = keys.map((key) => ({ Key: key.slice(`${Bucket}/`.length), VersionId: VERSION }));
    const NextKeyMarker = Versions.at(-1)?.Key;
    return {
      ...{ Versions, IsTruncated: next !== undefined, $metadata: {} },
      ...(next && NextKeyMarker && { NextKeyMarker, NextVersionIdMarker: VERSION }),
    };
  }
}

/** First byte, and the one after the last. */
export function rangeIn(length: number, range?: string): readonly [start: number, end: number] {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range ?? 'bytes=0-') ?? [];
  if (from === '') return [Math.max(0, length - Number(to)), length];
  return [Number(from), to ? Math.min(length, Number(to) + 1) : length];
}

function orThrow<T extends object>(answer: T | Refusal): T {
  if (!('refused' in answer)) return answer;
  throw new S3ServiceException({
    name: answer.refused,
    message: answer.refused,
    $fault: 'client',
    $metadata: { httpStatusCode: STATUS[answer.refused] },
  });
}
