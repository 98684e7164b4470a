import { gzipSync } from 'node:zlib';
import { type Reply, readRetryAfter } from './read-reply.ts';

/** Where events go. */
export interface Destination {
  /** Without a slash at the end. */
  readonly apiUrl: string;
  readonly apiKey: string;
}

/** Longer than API Gateway lets a request take (29 s): what it has not answered then, it never will. */
const TIMEOUT_MS = 35_000;
const OPEN = Buffer.from('[');
const CLOSE = Buffer.from(']');
const COMMA = Buffer.from(',');

/** A CloudEvents batch of the events' own bytes, compressed. */
export function encodeBatch(events: readonly { readonly bytes: Buffer }[]): Buffer {
  const pieces = events.flatMap(({ bytes }, index) => (index === 0 ? [bytes] : [COMMA, bytes]));
  return gzipSync(Buffer.concat([OPEN, ...pieces, CLOSE]), { level: 4 });
}

/** One request. @throws where there was no answer at all */
export async function postBatch({ apiUrl, apiKey }: Destination, body: Buffer): Promise<Reply> {
  const response = await fetch(`${apiUrl}/v1/events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      'content-encoding': 'gzip',
      'x-api-key': apiKey,
      'user-agent': 'weir-cli',
    },
    body: new Uint8Array(body),
    // A redirect would take the key to wherever it leads.
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), Date.now());
  return {
    status: response.status,
    body: await response.text(),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}
