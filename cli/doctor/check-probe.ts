import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { StackOutputs } from '../platform/stack-outputs.ts';
import { bad, type Finding, good } from './finding.ts';

export interface Probing {
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly outputs: Pick<StackOutputs, 'probeFunction'>;
}

/** What the probe answers: lambdas/probe/run-probe.ts. */
interface Answer {
  readonly ok?: boolean;
  readonly minute?: string;
  readonly roundTripMs?: number;
  readonly failed?: { readonly step: string; readonly detail: string; readonly next: string };
}

/** Whether an event that is sent now, as a customer sends it, is counted once. Takes as long as the projector does. */
export async function* checkProbe({ lambda, outputs }: Probing): AsyncGenerator<Finding> {
  const name = outputs.probeFunction;
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: name }));
  const answer = FunctionError === undefined ? read(Payload) : undefined;
  if (!answer) {
    yield bad(
      'probe',
      `${name} failed${FunctionError ? ` (${FunctionError})` : ''}`,
      `Look at the log of ${name}.`,
    );
    return;
  }
  const { ok, minute, roundTripMs, failed } = answer;
  if (!ok) {
    yield bad('probe', failed?.detail ?? 'did not come back', failed?.next ?? `Look at the log of ${name}.`);
    return;
  }
  const took = roundTripMs === undefined ? `the event of ${minute}` : `an event, within ${roundTripMs} ms`;
  yield good('probe', `${took}: sent and counted once`);
}

function read(payload: Uint8Array | undefined): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(Buffer.from(payload ?? []).toString('utf8'));
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}
