import type { LambdaClient } from '@aws-sdk/client-lambda';
import { checkProbe } from '../../cli/doctor/check-probe.ts';
import { DeployError } from '../deploy-local.ts';

/** On a machine that is busy with starting, the projector may take longer than the probe waits. */
const TRIES = 2;

/**
 * Has the probe go round once: an event in through the API, and out again as usage.
 * @returns how long it took, in words
 * @throws DeployError with what it says where it does not come back
 */
export async function goRound(lambda: Pick<LambdaClient, 'send'>, probeFunction: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    for await (const { state, detail, next } of checkProbe({ lambda, outputs: { probeFunction } })) {
      if (state === 'good') return detail;
      if (tries === TRIES) throw new DeployError(`The probe did not come back: ${detail}\n${next ?? ''}`);
    }
  }
}
