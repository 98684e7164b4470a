import { hash } from 'node:crypto';
import { type HttpRequest, type HttpResponse, headerOf } from '../platform/http.ts';

/** A text to publish, with its strong entity tag (RFC 9110, section 8.8.3), quotes included. */
export interface PublishedDocument {
  readonly text: string;
  readonly etag: string;
  readonly mediaType: string;
}

/** Publishes a JSON value; its tag is the SHA-256 of its text. */
export function publishJson(value: unknown): PublishedDocument {
  const text = JSON.stringify(value);
  return { text, etag: `"${hash('sha256', text)}"`, mediaType: 'application/json' };
}

/** The document, or 304 where the caller has it (RFC 9110, section 13.1.2). */
export function answerDocument(request: HttpRequest, document: PublishedDocument): HttpResponse {
  const { text, etag, mediaType } = document;
  const headers = { etag, 'cache-control': 'private, no-cache' };
  const known = (headerOf(request, 'if-none-match') ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return { status: 304, headers, body: '' };
  return { status: 200, headers: { ...headers, 'content-type': mediaType }, body: text };
}
