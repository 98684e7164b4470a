import { request } from 'node:https';
import { text } from 'node:stream/consumers';

/** Who is calling, for an API with mutual TLS. PEM texts. */
export interface Certificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The secret with the certificate is not what lib/config says that it is. */
export class CertificateUnreadableError extends Error {
  override name = 'CertificateUnreadableError';
}

/** @throws CertificateUnreadableError, which repeats nothing of the text */
export function readCertificate(secret: string): Certificate {
  const { certificate, privateKey } = parse(secret);
  if (typeof certificate !== 'string' || typeof privateKey !== 'string')
    throw new CertificateUnreadableError('the secret is no JSON with the texts certificate and privateKey');
  return { certificate, privateKey };
}

function parse(secret: string): Partial<Record<keyof Certificate, unknown>> {
  try {
    return JSON.parse(secret) ?? {};
  } catch {
    return {};
  }
}

/** As much of fetch as the probe needs. */
export type Fetch = (url: string, init: RequestInit & { readonly body?: string }) => Promise<Response>;

/** `fetch` that shows a certificate, which the built-in one can't. Where that is not taken it is read anew for the next call. */
export function showing(believed: { read(): Promise<Certificate>; forget(): void }): Fetch {
  return async (url, init) => {
    const shown = await believed.read();
    try {
      const response = await exchange(url, init, shown);
      if (response.status === 403) believed.forget();
      return response;
    } catch (error) {
      believed.forget();
      throw error;
    }
  };
}

function exchange(
  url: string,
  { method = 'GET', headers, body, signal }: Parameters<Fetch>[1],
  { certificate: cert, privateKey: key }: Certificate,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = {
      ...{ method, cert, key, agent: false as const },
      headers: Object.fromEntries(new Headers(headers)),
      ...(signal && { signal }),
    };
    const sent = request(url, options, (message) => {
      const { statusCode: status = 0 } = message;
      const receipt = message.headers['x-weir-receipt'];
      const answered = { status, headers: typeof receipt === 'string' ? { 'x-weir-receipt': receipt } : {} };
      text(message).then((answer) => resolve(new Response(answer, answered)), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
