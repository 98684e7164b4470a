import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { invokeRecover } from '../../cli/recovery/invoke-recover.ts';
import { nameOperator } from '../../cli/recovery/name-operator.ts';

function lambdaThat(answers: unknown, FunctionError?: string) {
  const payloads: unknown[] = [];
  const send = async ({ input }: { input: { Payload?: Uint8Array } }) => {
    payloads.push(JSON.parse(Buffer.from(input.Payload!).toString()));
    return { Payload: Buffer.from(JSON.stringify(answers)), FunctionError };
  };
  return { client: { send } as never, payloads };
}

describe('invoking recover', () => {
  it('hands over what is asked, and gives back the answer', async () => {
    const { client, payloads } = lambdaThat({ requestId: 'r', attempt: 1, status: 'running' });
    expect(await invokeRecover(client, 'f', { verb: 'verify' })).toMatchObject({ status: 'running' });
    expect(payloads).toEqual([{ verb: 'verify' }]);
  });

  it.each([
    ['RequestError', 2],
    ['RecoverError', 1],
    ['Runtime.ExitError', 3],
  ])('says what a %s says, and exits with %i', async (errorType, exitCode) => {
    const errorMessage = 'Nothing was started.\n/rate must be a number\u001b[2J';
    const { client } = lambdaThat({ errorType, errorMessage }, 'Unhandled');
    await expect(invokeRecover(client, 'f', {})).rejects.toMatchObject({
      exitCode,
      message: 'Nothing was started.\n/rate must be a number\ufffd[2J',
    });
  });
});

it('whoever asks on an endpoint of one’s own is the user of this machine', async () => {
  expect(await nameOperator({ endpoint: 'http://localhost:1' })).toMatch(new RegExp(`^.+@${hostname()}$`));
});
