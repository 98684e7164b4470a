import './quiet.ts';
import type { Contracts } from '../../lambdas/domain/contract.ts';
import { createAuthenticate } from '../../lambdas/platform/authenticate.ts';
import { serve } from '../../lambdas/platform/serve.ts';
import { createAnswerUsage, type UsageRow } from '../../lambdas/usage/answer-usage.ts';
import { type ApiCall, apiEvent } from './api-event.ts';
import { testContracts } from './contracts.ts';
import { keyOf, MemoryCredentials } from './memory-credentials.ts';
import { MemoryTable } from './memory-state.ts';
import { FixedProgress, MemoryUsage } from './memory-usage.ts';

export const KEY = keyOf('k');
export const NOW = Date.parse('2026-11-21T07:30:00.000Z');

export interface UsageBody {
  readonly rows: readonly UsageRow[];
  readonly asOf: string | null;
  readonly pendingRepairs: number;
  readonly next?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly pointer?: string;
}

/** The usage room over what is in a table in memory. */
export function startUsage(table = new MemoryTable(), contracts: Contracts = testContracts) {
  const clock = { now: () => NOW };
  const random = { fraction: () => 0.5, hex: (bytes: number) => 'ab'.repeat(bytes) };
  const credentials = new MemoryCredentials();
  credentials.put(KEY);
  const progress = new FixedProgress();
  const authenticate = createAuthenticate({ credentials, clock, random });
  const usage = new MemoryUsage(table, contracts);
  const route = createAnswerUsage({ contracts, authenticate, usage, progress, clock, random });
  const handler = serve({ '/v1/usage': { GET: route } }, random);
  const ask = async (query: ApiCall['query'], key = KEY) => {
    const call = apiEvent({ route: '/v1/usage', headers: { 'x-api-key': key }, ...(query && { query }) });
    const { statusCode, body, headers } = await handler(call, { getRemainingTimeInMillis: () => 20_000 });
    return { status: statusCode, json: JSON.parse(body) as UsageBody, headers, text: body };
  };
  return { ask, credentials, progress, usage };
}
