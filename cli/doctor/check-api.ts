import type { Target } from '../platform/target.ts';
import { bad, type Finding, good } from './finding.ts';

const TIMEOUT_MS = 35_000;

/** Whether the public API answers, and takes the key. */
export async function* checkApi(target: Target): AsyncGenerator<Finding> {
  const apiUrl = await target.apiUrl();
  const health = await ask(`${apiUrl}/health`, {});
  if (health !== 200) {
    const next = 'Is it deployed, and does the address (WEIR_API_URL, or the stack outputs) belong to it?';
    yield bad('API', `${apiUrl}/health answers ${health}`, next);
    return;
  }
  yield good('API', apiUrl);
  const status = await ask(`${apiUrl}/v1/contracts`, { 'x-api-key': target.apiKey() });
  if (status === 200) yield good('key', 'accepted');
  else {
    const next = 'weir producers list shows whether it has ended; weir producers rotate makes a new one.';
    yield bad(
      'key',
      status === 401 || status === 403 ? `refused (${status})` : `can't be checked: ${status}`,
      next,
    );
  }
}

/** The status, or what went wrong. */
async function ask(url: string, headers: Record<string, string>): Promise<number | string> {
  try {
    const response = await fetch(url, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    return cause?.code ?? message;
  }
}
