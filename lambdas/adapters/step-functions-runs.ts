import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Executions } from '../domain/recovery/executions.ts';

/** Most characters of a stopped execution's cause. */
const MAX_CAUSE = 2_000;

/** Executions of one state machine. */
export class StepFunctionsRuns implements Executions {
  readonly #client: Pick<SFNClient, 'send'>;
  readonly #stateMachine: string;

  constructor(client: Pick<SFNClient, 'send'>, stateMachineArn: string) {
    this.#client = client;
    this.#stateMachine = stateMachineArn;
  }

  /** Step Functions keeps names for 90 days: of a name in use it starts nothing, whatever became of the first. */
  async start(name: string, input: object): Promise<string> {
    try {
      const { executionArn } = await this.#client.send(
        new StartExecutionCommand({
          stateMachineArn: this.#stateMachine,
          name,
          input: JSON.stringify(input),
        }),
      );
      return executionArn!;
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
      return this.#arnOf(name);
    }
  }

  async stop(name: string, why: string): Promise<void> {
    try {
      await this.#client.send(
        new StopExecutionCommand({
          executionArn: this.#arnOf(name),
          error: 'RunCancelledError',
          cause: why.slice(0, MAX_CAUSE),
        }),
      );
    } catch (error) {
      if (!(error instanceof ExecutionDoesNotExist)) throw error;
    }
  }

  /** Eventually consistent: an execution that was just started may not be known. */
  async goesOn(name: string): Promise<boolean | undefined> {
    try {
      const { status } = await this.#client.send(
        new DescribeExecutionCommand({ executionArn: this.#arnOf(name) }),
      );
      return status === 'RUNNING' || status === 'PENDING_REDRIVE';
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }

  #arnOf(name: string): string {
    return `${this.#stateMachine.replace(':stateMachine:', ':execution:')}:${name}`;
  }
}
