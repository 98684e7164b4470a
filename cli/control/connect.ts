import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { couldNotRun, refused, wrongUsage } from '../platform/errors.ts';
import { printable } from '../platform/output.ts';
import type { Target } from '../platform/target.ts';
import { nameOperator } from '../recovery/name-operator.ts';
import type { ControlPorts } from './ports.ts';

/** The real function. */
export async function connectControl({ aws, outputs }: Target): Promise<ControlPorts> {
  const { guardFunction } = await outputs();
  const client = new LambdaClient(aws);
  const ask = <T>(command: object) => invokeGuard<T>(client, guardFunction, command);
  return {
    show: () => ask({ command: 'show' }),
    set: (command) => ask(command),
    operator: () => nameOperator(aws),
  };
}

/** @throws CliError with the function's own words where it refuses or fails */
export async function invokeGuard<T>(
  client: Pick<LambdaClient, 'send'>,
  functionName: string,
  command: object,
): Promise<T> {
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(command)) }),
  );
  const answer = readAnswer(Buffer.from(Payload ?? []).toString('utf8'));
  if (FunctionError === undefined) return answer as T;
  const { errorMessage = FunctionError, errorType = '' } = answer as Record<string, string>;
  const message = errorMessage.split('\n').map(printable).join('\n');
  if (errorType === 'CommandError') throw wrongUsage(message);
  if (errorType === 'OvertakenError') throw refused(message);
  throw couldNotRun(
    message,
    `What is in force says weir control show; the log of ${functionName} says more.`,
  );
}

function readAnswer(text: string): object {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw couldNotRun('guard did not answer with JSON: is this Weir of another version?');
  }
}
