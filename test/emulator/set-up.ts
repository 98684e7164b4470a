import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningLocalStack, startLocalStack } from '../../localstack/start.ts';
import { build } from '../../scripts/build.ts';
import { deployLocal } from '../../scripts/deploy-local.ts';
import type { Deployed } from '../support/deployed.ts';

/**
 * One LocalStack with everything deployed, for all emulator tests; it ends with them. `WEIR_TEST_ENDPOINT` names one
 * that is running already, so that who writes a test need not wait for it each time.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const report = (line: string) => process.stderr.write(`${line}\n`);
  leaveAccountsAlone();
  await build({ report });
  const given = process.env.WEIR_TEST_ENDPOINT;
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-test-'));
  const running = given === undefined ? await start(dataDir, report) : undefined;
  const tearDown = async () => {
    await running?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const endpoint = running?.endpoint ?? given!;
    const callsFile = running?.callsFile ?? process.env.WEIR_TEST_CALLS_FILE ?? '';
    const outputs = await deployLocal({ endpoint, report });
    process.env.WEIR_TEST_ENDPOINT = endpoint;
    process.env.WEIR_TEST_CALLS_FILE = callsFile;
    process.env.WEIR_TEST_DEPLOYED = JSON.stringify({ ...outputs, endpoint, callsFile } satisfies Deployed);
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
}

function start(dataDir: string, report: (line: string) => void): Promise<RunningLocalStack> {
  return startLocalStack({ dataDir, report, env: { WEIR_FAULTS: '1' } });
}

/** The tests' LocalStack is always their own, and nothing of the caller's AWS settings is for them. */
function leaveAccountsAlone(): void {
  for (const name of Object.keys(process.env))
    if (/^AWS_|^WEIR_(API|PORT)/.test(name)) delete process.env[name];
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
}
