import type { CloudEvent } from '../domain/cloudevent.ts';
import { PROBE_TYPE, type ProbeBucket } from '../domain/probe.ts';
import type { ApiAnswer, PublicApi, UsageAnswer } from './ports.ts';
import type { Fetch } from './show-certificate.ts';

/** Longest that one call may take, in ms. */
const CALL_MS = 5_000;

/** The API over HTTPS. */
export class HttpApi implements PublicApi {
  readonly #url: string;
  readonly #fetch: Fetch;

  /**
   * @param url where it answers, without a slash at the end
   * @param fetcher for an API that wants to see a certificate. @default - the built-in fetch
   */
  constructor(url: string, fetcher: Fetch = fetch) {
    this.#url = url;
    this.#fetch = fetcher;
  }

  async send(key: string, event: CloudEvent): Promise<ApiAnswer> {
    const { answer } = await this.#ask('/v1/events', key, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
    });
    return answer;
  }

  async usage(key: string, { subject, from, to }: ProbeBucket): Promise<UsageAnswer> {
    const query = new URLSearchParams({ subject, type: PROBE_TYPE, from, to, by: 'total' });
    const { answer, body } = await this.#ask(`/v1/usage?${query}`, key);
    if (answer.status !== 200) return answer;
    const { rows, asOf } = body as {
      rows?: readonly { readonly value: string }[];
      asOf?: string | null;
    };
    return { ...answer, count: rows?.[0]?.value ?? '0', ...(asOf !== undefined && { asOf }) };
  }

  async #ask(path: string, key: string, init: Parameters<Fetch>[1] = {}) {
    try {
      const response = await this.#fetch(`${this.#url}${path}`, {
        ...init,
        headers: { ...init.headers, 'x-api-key': key },
        redirect: 'manual',
        signal: AbortSignal.timeout(CALL_MS),
      });
      const body = (await response.json().catch(() => ({}))) as { readonly code?: unknown };
      const receipt = response.headers.get('x-weir-receipt');
      const answer: ApiAnswer = {
        status: response.status,
        ...(typeof body.code === 'string' && { code: body.code.slice(0, 64) }),
        ...(receipt !== null && { receipt: receipt.slice(0, 64) }),
      };
      return { answer, body };
    } catch (error) {
      const { name, cause } = error as Error & { cause?: { code?: string } };
      return { answer: { status: 0, code: cause?.code ?? name }, body: {} };
    }
  }
}
