import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { couldNotRun, refused, wrongUsage } from '../platform/errors.ts';
import { printable } from '../platform/output.ts';
import type { Recovered } from './ports.ts';

/** Invokes `recover` with this input. @throws CliError with the function's own words where it refuses or fails */
export async function invokeRecover(
  client: Pick<LambdaClient, 'send'>,
  functionName: string,
  input: object,
): Promise<Recovered> {
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(input)) }),
  );
  const answer = readAnswer(Buffer.from(Payload ?? []).toString('utf8'));
  if (FunctionError === undefined) return answer as unknown as Recovered;
  const { errorMessage = FunctionError, errorType = '' } = answer as Record<string, string>;
  const message = lines(errorMessage);
  if (errorType === 'RequestError') throw wrongUsage(message);
  if (errorType === 'RecoverError') throw refused(message);
  throw couldNotRun(message, `Nothing is known to be started. The log of ${functionName} says more.`);
}

function readAnswer(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw couldNotRun('recover did not answer with JSON: is this Weir of another version?');
  }
}

/** As it is, but for what would steer a terminal. Its lines stay lines. */
function lines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
