import type { Contracts, ValidatingContract } from '../../lambdas/domain/contract.ts';
import { type DryRun, dryRun } from '../../lambdas/domain/webhooks/dry-run.ts';
import { ENDPOINT, type Endpoint } from '../../lambdas/domain/webhooks/endpoint.ts';
import { compileMapping } from '../../lambdas/domain/webhooks/mapping.ts';
import { couldNotRun, refused, wrongUsage } from '../platform/errors.ts';

export interface Trial {
  /** `we_…`, or the URL that ends in it. */
  readonly endpoint: string;
  readonly body: Buffer;
  /** `name: value`, as in HTTP. */
  readonly headers: readonly string[];
  readonly deliveryId?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface TrialPorts {
  readonly endpoints: { find(endpoint: string): Promise<Endpoint | undefined> };
  readonly contracts: Contracts<ValidatingContract>;
}

/** Tries an endpoint's mapping on a body, as if it were delivered now; nothing is sent or written. */
export async function tryMapping(trial: Trial, { endpoints, contracts }: TrialPorts): Promise<DryRun> {
  const id = trial.endpoint.split('/').at(-1) ?? '';
  if (!ENDPOINT.test(id))
    throw wrongUsage('The endpoint is "we_" and 32 characters, or the URL that ends so.');
  const endpoint = await endpoints.find(id);
  if (!endpoint)
    throw refused('There is no such endpoint.', 'weir webhooks list shows those that there are.');
  const { name, provider } = endpoint;
  const headers = { 'content-type': 'application/json', ...readHeaders(trial.headers) };
  const input = {
    ...{ headers, body: trial.body },
    ...(trial.deliveryId !== undefined && { deliveryId: trial.deliveryId }),
  };
  return dryRun({ name, provider, mapping: compileMapping(endpoint.mapping) }, input, contracts, trial.now);
}

function readHeaders(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):\s*(.*)$/.exec(line) ?? [];
      if (name === undefined) throw wrongUsage(`"${line}" is no header: write it as "name: value".`);
      return [name.toLowerCase(), value ?? ''];
    }),
  );
}

/** The contracts as they were built last. */
export async function builtContracts(): Promise<Contracts<ValidatingContract>> {
  try {
    return (await import('../../build/contracts/validating.mjs')).contracts;
  } catch (error) {
    throw couldNotRun('The contracts are not built.', 'Run npm run build, then the same again.', error);
  }
}
