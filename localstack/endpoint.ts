import { SetupError } from './errors.ts';

/** Domains that AWS's own APIs are under, in all its partitions. */
const AWS_DOMAINS =
  /(^|\.)(amazonaws\.com(\.cn)?|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn|[a-z0-9]*\.ic\.gov|sgov\.gov|aws\.dev|aws)\.?$/i;

/**
 * Refuses an endpoint of AWS itself: the local tools and the tests must never touch a real account.
 *
 * @throws SetupError when the endpoint is AWS's, or not a URL
 */
export function refuseAws(endpoint: string): void {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    throw new SetupError(`AWS_ENDPOINT_URL is '${endpoint}', which is not a URL. Try http://localhost:4566.`);
  }
  if (AWS_DOMAINS.test(url.hostname)) {
    throw new SetupError(
      `AWS_ENDPOINT_URL is '${endpoint}', which is AWS itself. This command works on LocalStack only: ` +
        'unset AWS_ENDPOINT_URL, or set it to the address of a LocalStack.',
    );
  }
}

/** The answer of a GET as JSON, or nothing when there is none (yet). */
export async function getJson<T>(url: string, timeoutMs = 2000): Promise<T | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    return response.ok ? ((await response.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}
