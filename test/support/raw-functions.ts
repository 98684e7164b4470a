import { randomUUID } from 'node:crypto';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { zip } from '../../localstack/zip.ts';
import { type Emulator, eventually } from './localstack.ts';

/** What an invocation came to, read from the answer of `Invoke`. */
export interface Invocation {
  /** The parsed payload: the result, or the error as Lambda reports it. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of its own function's answer
  readonly payload: any;
  /** "Unhandled" or nothing. */
  readonly error: string | undefined;
  /** The end of the log, as text. */
  readonly log: string;
}

/** Makes and invokes functions without a stack, for the tests of the emulator itself. */
export class RawFunctions {
  readonly client: LambdaClient;

  constructor(emulator: Emulator) {
    this.client = new LambdaClient({ ...emulator, maxAttempts: 1 });
  }

  /** Creates a function of one file and returns its name. */
  async create(
    code: string,
    options: Partial<CreateFunctionCommandInput> & { readonly file?: string } = {},
  ): Promise<string> {
    const { file = 'index.mjs', ...input } = options;
    const name = `raw-${randomUUID()}`;
    await this.client.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: 'nodejs24.x' as CreateFunctionCommandInput['Runtime'],
        Role: 'arn:aws:iam::000000000000:role/raw',
        Handler: 'index.handler',
        Code: { ZipFile: zip({ [file]: code }) },
        MemorySize: 256,
        Timeout: 10,
        ...input,
      }),
    );
    await this.untilActive(name);
    return name;
  }

  /** Waits until a function's creation or update is done. */
  async untilActive(name: string): Promise<void> {
    await eventually(`${name} to be active`, async () => {
      const state = await this.client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
      return state.State === 'Active' && state.LastUpdateStatus === 'Successful' ? true : undefined;
    });
  }

  /** Replaces a function's code. */
  async update(name: string, code: string): Promise<void> {
    const ZipFile = zip({ 'index.mjs': code });
    await this.client.send(new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile }));
    await this.untilActive(name);
  }

  async invoke(name: string, payload: unknown = {}): Promise<Invocation> {
    const answer = await this.client.send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload), LogType: 'Tail' }),
    );
    return {
      payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString() || 'null'),
      error: answer.FunctionError,
      log: Buffer.from(answer.LogResult ?? '', 'base64').toString(),
    };
  }
}
