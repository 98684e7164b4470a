import type { LocalOutputs } from '../../scripts/deploy-local.ts';

/** What the emulator tests' set-up has deployed, and where. */
export interface Deployed extends LocalOutputs {
  /** For AWS clients; region us-east-1, any credentials. */
  readonly endpoint: string;
  /** NDJSON of the permissions that functions' calls needed: localstack/python/weir_localstack/recorder.py. */
  readonly callsFile: string;
}

/**
 * The LocalStack of this test file, and of no other as long as it runs.
 * @throws Error outside of the vitest project `emulator`
 */
export function deployed(): Deployed {
  const text = process.env.WEIR_TEST_DEPLOYED;
  if (!text) throw new Error('nothing is deployed: run with "vitest run --project emulator"');
  const all = JSON.parse(text) as readonly Deployed[];
  return all[Number(process.env.VITEST_POOL_ID) - 1]!;
}
