import type { LocalOutputs } from '../../scripts/deploy-local.ts';

/** What the emulator tests' set-up has deployed, and where. */
export interface Deployed extends LocalOutputs {
  /** For AWS clients; region us-east-1, any credentials. */
  readonly endpoint: string;
  /** NDJSON of the permissions that functions' calls needed: localstack/python/weir_localstack/recorder.py. */
  readonly callsFile: string;
}

/** @throws Error outside of the vitest project `emulator` */
export function deployed(): Deployed {
  const text = process.env.WEIR_TEST_DEPLOYED;
  if (!text) throw new Error('nothing is deployed: run with "vitest run --project emulator"');
  return JSON.parse(text) as Deployed;
}
