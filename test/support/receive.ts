import './quiet.ts';
import { createHmac } from 'node:crypto';
import type { Endpoint } from '../../lambdas/domain/webhooks/endpoint.ts';
import { serve } from '../../lambdas/platform/serve.ts';
import { KnownEndpoints } from '../../lambdas/receive/find-endpoint.ts';
import { createReceiveDelivery, type ReceiveProps } from '../../lambdas/receive/receive-delivery.ts';
import { type ApiCall, apiEvent } from './api-event.ts';
import { endpointOf, MemoryBodies, MemoryEndpoints, MemoryQueue, MemorySecrets } from './memory-webhooks.ts';

export const NOW = Date.parse('2026-11-21T07:30:00.000Z');
export const SECRET = 'a-secret-of-many-characters';
const ROUTE = '/v1/webhooks/{endpoint}';

/** The headers that GitHub sends with a body. */
export const signedByGitHub = (body: Buffer, id = 'd1', secret = SECRET): Record<string, string> => ({
  'X-GitHub-Event': 'push',
  'X-GitHub-Delivery': id,
  'X-Hub-Signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
});

/** The receive room over fakes, called as API Gateway calls it. */
export function startReceive(endpoint: Endpoint = endpointOf(), more: Pick<ReceiveProps, 'report'> = {}) {
  const clock = { ms: NOW, now: () => clock.ms };
  const random = { fraction: () => 0.5, hex: (bytes: number) => 'a'.repeat(bytes * 2) };
  const endpoints = new MemoryEndpoints(endpoint);
  const secrets = new MemorySecrets();
  const queue = new MemoryQueue();
  const bodies = new MemoryBodies();
  const reports: string[] = [];
  const hold = (...values: readonly string[]) =>
    secrets.secrets.set(
      endpoint.secretId,
      values.map((value) => ({ value, created: new Date(clock.ms).toISOString() })),
    );
  hold(SECRET);
  const route = createReceiveDelivery({
    ...{ clock, random, queue, bodies },
    known: new KnownEndpoints(endpoints, secrets, clock),
    report: (outcome, found) => reports.push(`${outcome} ${found?.name ?? '-'}`),
    ...more,
  });
  const handler = serve({ [ROUTE]: { POST: route } }, random);
  const call = async (body: Buffer, headers: ApiCall['headers'] = {}, to = endpoint.endpoint) => {
    const event = apiEvent({ method: 'POST', route: ROUTE, path: { endpoint: to }, body, headers });
    const result = await handler(event, { getRemainingTimeInMillis: () => 25_000 });
    return {
      status: result.statusCode,
      headers: result.headers as Record<string, string>,
      text: result.body,
    };
  };
  return { clock, endpoint, endpoints, secrets, queue, bodies, reports, hold, call };
}
