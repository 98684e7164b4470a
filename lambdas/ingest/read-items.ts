import {
  mediaTypeOf,
  readBatched,
  readBinary,
  readStructured,
  type SentItem,
  UnreadableError,
} from '../domain/read-cloudevents.ts';
import { type HttpRequest, headerOf } from '../platform/http.ts';
import { ProblemError } from '../platform/problem.ts';
import { decodeUtf8, readBody } from './read-body.ts';

const STRUCTURED = 'application/cloudevents+json';
const BATCHED = 'application/cloudevents-batch+json';
const PREFIX = 'ce-';
/** Bytes that one byte of text may take in JSON, as \u0001 does. */
const LARGEST_ESCAPE = 6;
/** API Gateway takes headers of 10,240 bytes in all, which escapes may swell too. */
const MAX_HEADERS = 64 * 1024;

/** A request's items. */
export interface Sent {
  readonly items: readonly SentItem[];
  /** No item is larger than this as JSON, in bytes. */
  readonly largest: number;
}

/** Reads a request in whichever of the three CloudEvents modes it is; throws a problem where it is in none. */
export function readItems(request: HttpRequest): Sent {
  const contentType = headerOf(request, 'content-type');
  checkCharset(contentType);
  const body = readBody(request);
  try {
    return readMode(request, contentType, body);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    const status = error.code === 'batch-too-large' ? 413 : 400;
    throw new ProblemError({ status, code: error.code, detail: error.message });
  }
}

function readMode(request: HttpRequest, contentType: string | undefined, body: Buffer): Sent {
  const media = mediaTypeOf(contentType ?? '');
  // JSON does not grow by being read and written again.
  if (media === STRUCTURED) return { items: readStructured(decodeUtf8(body)), largest: body.length };
  if (media === BATCHED) return { items: readBatched(decodeUtf8(body)), largest: body.length };
  const attributes = attributesOf(request);
  if (media.startsWith('application/cloudevents') || attributes.size === 0) {
    throw new ProblemError({
      status: 415,
      code: 'unknown-media-type',
      detail: `send one event as ${STRUCTURED}, a batch as ${BATCHED}, or one event with its attributes in ce- headers`,
      pointer: 'content-type',
    });
  }
  const largest = body.length * LARGEST_ESCAPE + MAX_HEADERS;
  return { items: readBinary({ attributes, contentType, body }, decodeUtf8), largest };
}

function attributesOf(request: HttpRequest): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const name of request.headers.keys()) {
    const value = name.startsWith(PREFIX) ? headerOf(request, name) : undefined;
    if (value !== undefined) attributes.set(name.slice(PREFIX.length), value);
  }
  return attributes;
}

function checkCharset(contentType: string | undefined): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)"?/i.exec(contentType ?? '')?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new ProblemError({
    status: 415,
    code: 'unknown-charset',
    detail: 'JSON and text are read as UTF-8 only; send charset=utf-8, or no charset',
    pointer: 'content-type',
  });
}
