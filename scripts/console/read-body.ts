import type { IncomingMessage } from 'node:http';
import { Refusal } from './check-request.ts';

/** Longest body of a request, in bytes. Forms are short. */
const MAX_BYTES = 64 * 1024;

/** Reads a body as JSON. @throws Refusal where it is too long or no JSON */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  // A form of another page can send text and form data to anybody without asking; this it can not.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415, 'The body must be application/json.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The connection stays: a body that is too long gets an answer too.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Refusal(413, `The body is longer than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'The body is no JSON.');
  }
}
