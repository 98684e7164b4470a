import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from '../../cli/platform/errors.ts';
import type { Profile } from '../../cli/platform/profile.ts';
import { readOutputs } from '../../cli/platform/stack-outputs.ts';
import { addProducer, revokeKeys, rotateKey } from '../../cli/producers/manage-producers.ts';
import { producerPorts } from '../../cli/producers/ports.ts';
import type { LocalOutputs } from '../deploy-local.ts';

const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface DemoProps {
  readonly endpoint: string;
  readonly outputs: LocalOutputs;
  readonly tenant: string;
}

/** Makes the demo's tenant, producer and key as `weir producers add` does; a new key where they exist already. */
export async function makeDemo({ endpoint, outputs, tenant }: DemoProps): Promise<Profile> {
  const names = readOutputs(new Map(Object.entries(outputs)), endpoint);
  const ports = producerPorts({ endpoint, region: REGION, credentials: CREDENTIALS }, names);
  const producer = { tenant, producer: 'demo' };
  const scopes = ['events:write', 'usage:read'] as const;
  const wanted = { ...producer, types: ['*'], scopes, tier: 'standard' };
  const { key } = (await ports.store.find(tenant, producer.producer))
    ? await newKey(ports, producer)
    : await addProducer(ports, wanted);
  return { ...names, ...producer, endpoint, region: REGION, apiKey: key };
}

async function newKey(
  ports: ReturnType<typeof producerPorts>,
  producer: { tenant: string; producer: string },
) {
  try {
    await revokeKeys(ports, producer, 'all');
  } catch (error) {
    // Without any keys there is nothing to revoke.
    if (!(error instanceof CliError)) throw error;
  }
  return rotateKey(ports, producer, 0);
}

/** For the CLI and the curious; it holds a key, so it is for its owner alone. */
export function writeProfile(path: string, profile: Profile): void {
  mkdirSync(dirname(path), { recursive: true });
  // A file that is there keeps its mode when it is written, and that may be anybody's.
  rmSync(path, { force: true });
  writeFileSync(path, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600 });
}
