import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { unexpectedlyPretended } from '../../localstack/pretended.ts';
import { type RunningLocalStack, startLocalStack } from '../../localstack/start.ts';
import { build } from '../../scripts/build.ts';
import { deployLocal } from '../../scripts/deploy-local.ts';
import { leaveAccountsAlone } from '../../scripts/start/leave-accounts-alone.ts';
import type { Deployed } from '../support/deployed.ts';
import { stillRules } from '../support/still-rules.ts';

/**
 * A LocalStack with everything deployed for each worker, for all emulator tests; they end with them. `WEIR_TEST_ENDPOINT`
 * names one that is running already, so that who writes a test need not wait for it each time.
 */
export default async function setUp({ config }: TestProject): Promise<() => Promise<void>> {
  const report = (line: string) => process.stderr.write(`${line}\n`);
  leaveAccountsAlone();
  // The tests' LocalStack is their own, whatever the caller uses.
  for (const name of ['AWS_ENDPOINT_URL', 'WEIR_PORT']) delete process.env[name];
  await build({ report });
  const ends: (() => Promise<void>)[] = [];
  const tearDown = async () => void (await Promise.all(ends.map((end) => end())));
  const stacks = await Promise.allSettled(
    Array.from({ length: config.maxWorkers }, async () => deploy(await find(ends, report), report)),
  );
  const failed = stacks.find((stack) => stack.status === 'rejected');
  if (failed) {
    await tearDown();
    throw failed.reason;
  }
  const deployed = stacks.flatMap((stack) => (stack.status === 'fulfilled' ? [stack.value] : []));
  process.env.WEIR_TEST_DEPLOYED = JSON.stringify(deployed);
  return tearDown;
}

type Found = Pick<RunningLocalStack, 'endpoint' | 'callsFile' | 'pretended'>;
type Report = (line: string) => void;

/** The one that was named, or one more. */
async function find(ends: (() => Promise<void>)[], report: Report): Promise<Found> {
  const endpoint = process.env.WEIR_TEST_ENDPOINT;
  if (endpoint !== undefined)
    return { endpoint, callsFile: process.env.WEIR_TEST_CALLS_FILE ?? '', pretended: async () => [] };
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-test-'));
  // LocalStack's pollers of idle queues sleep up to ten seconds; tests that wait for them need not.
  const idle = { LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC: '2' };
  const running = await startLocalStack({ dataDir, report, env: { WEIR_FAULTS: '1', ...idle } });
  ends.push(async () => {
    await running.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return running;
}

async function deploy({ endpoint, callsFile, pretended }: Found, report: Report): Promise<Deployed> {
  const outputs = await deployLocal({ endpoint, report });
  await stillRules(endpoint);
  const surprises = unexpectedlyPretended(await pretended());
  if (surprises.length > 0) throw new Error(`LocalStack only pretended to make ${surprises.join(', ')}`);
  return { ...outputs, endpoint, callsFile };
}
