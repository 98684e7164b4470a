import { setTimeout as wait } from 'node:timers/promises';
import { readRetryAfter } from '../send/read-reply.ts';
import { couldNotRun, wrongUsage } from './errors.ts';

const TIMEOUT_MS = 35_000;
const TRIES = 4;
const MAX_WAIT_MS = 30_000;

/** Asks Weir's API. @throws CliError with the API's own words: 2 where the request is wrong, 3 where it can't be answered */
export async function getJson(
  api: { readonly apiUrl: string; readonly apiKey: string },
  path: string,
  query: URLSearchParams = new URLSearchParams(),
): Promise<unknown> {
  const url = `${api.apiUrl}${path}${query.size > 0 ? `?${query}` : ''}`;
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, {
      headers: { 'x-api-key': api.apiKey, accept: 'application/json', 'user-agent': 'weir-cli' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) return parse(text, url);
    const waitMs = readRetryAfter(response.headers.get('retry-after'), Date.now()) ?? 500 * 2 ** attempt;
    const later = response.status === 429 || response.status >= 500;
    if (!later || attempt >= TRIES || waitMs > MAX_WAIT_MS) throw problem(response.status, text);
    await wait(waitMs);
  }
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw couldNotRun(`${url} did not answer with JSON: is this Weir's API?`);
  }
}

function problem(status: number, text: string): Error {
  const said = detailOf(text);
  const message = `${status}${said ? `: ${said}` : ''}`;
  if (status === 400 || status === 404 || status === 422) return wrongUsage(message);
  const isKey = status === 401 || status === 403;
  return couldNotRun(
    message,
    isKey ? 'weir doctor checks the key; weir producers rotate makes a new one.' : undefined,
  );
}

function detailOf(text: string): string | undefined {
  try {
    const { detail, message } = JSON.parse(text) ?? {};
    return typeof detail === 'string' ? detail : typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
