import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { MAX_BODY_BYTES } from '../domain/cloudevent.ts';
import { type HttpRequest, headerOf } from '../platform/http.ts';
import { ProblemError } from '../platform/problem.ts';

/**
 * The request's body, inflated where it was sent as gzip: at most 4 MiB on the wire and 4 MiB inflated. Throws a
 * problem: 413 beyond, 415 for other encodings, 400 for gzip that is cut short or has something behind it.
 */
export function readBody(request: HttpRequest): Buffer {
  const { body } = request;
  if (body.length > MAX_BODY_BYTES) throw tooLarge();
  const encoding = headerOf(request, 'content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return body;
  if (encoding === 'gzip' || encoding === 'x-gzip') return inflate(body);
  throw new ProblemError({
    status: 415,
    code: 'unknown-encoding',
    detail: 'the body is encoded in a way that Weir does not read; send it as it is, or as gzip',
    pointer: 'content-encoding',
  });
}

/** With `info`, zlib returns its engine too, which the types leave out. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function inflate(body: Buffer): Buffer {
  let inflated: Inflated;
  try {
    inflated = gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES, info: true }) as unknown as Inflated;
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge();
    throw brokenGzip();
  }
  // zlib passes over zeros behind the last member; whoever sent them did not send what they meant to.
  if (inflated.engine.bytesWritten !== body.length) throw brokenGzip();
  return inflated.buffer;
}

function tooLarge(): ProblemError {
  return new ProblemError({
    status: 413,
    code: 'body-too-large',
    detail: `the body is larger than ${MAX_BODY_BYTES} bytes, as sent or inflated; send smaller batches`,
  });
}

function brokenGzip(): ProblemError {
  return new ProblemError({
    status: 400,
    code: 'invalid-gzip',
    detail: 'the body is not one whole gzip stream; check that it was sent whole, and compressed once',
    pointer: 'content-encoding',
  });
}

/** The bytes as text. Throws a problem (400) where they are not UTF-8; a byte order mark is taken off. */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) {
    throw new ProblemError({
      status: 400,
      code: 'invalid-utf8',
      detail: 'the body is not UTF-8; encode it as UTF-8 and send it again',
    });
  }
  const marked = bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf;
  return bytes.toString('utf8', marked ? 3 : 0);
}
