import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unexpectedlyPretended } from '../../localstack/pretended.ts';
import { type RunningLocalStack, startLocalStack } from '../../localstack/start.ts';
import { build } from '../../scripts/build.ts';
import { deployLocal } from '../../scripts/deploy-local.ts';
import { leaveAccountsAlone } from '../../scripts/start/leave-accounts-alone.ts';
import type { Deployed } from '../support/deployed.ts';
import { stillRules } from '../support/still-rules.ts';

/**
 * One LocalStack with everything deployed, for all emulator tests; it ends with them. `WEIR_TEST_ENDPOINT` names one
 * that is running already, so that who writes a test need not wait for it each time.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const report = (line: string) => process.stderr.write(`${line}\n`);
  leaveAccountsAlone();
  // The tests' LocalStack is their own, whatever the caller uses.
  for (const name of ['AWS_ENDPOINT_URL', 'WEIR_PORT']) delete process.env[name];
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
    await stillRules(endpoint);
    const pretended = unexpectedlyPretended((await running?.pretended()) ?? []);
    if (pretended.length > 0) throw new Error(`LocalStack only pretended to make ${pretended.join(', ')}`);
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
  // LocalStack's pollers of idle queues sleep up to ten seconds; tests that wait for them need not.
  const idle = { LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC: '2' };
  return startLocalStack({ dataDir, report, env: { WEIR_FAULTS: '1', ...idle } });
}
