/** What carries runs out: executions of the state machine, one an attempt. */
export interface Executions {
  /** Starts the execution of this name, or finds that it was started before. Returns its ARN. */
  start(name: string, input: { readonly requestId: string; readonly attempt: number }): Promise<string>;
  /** Ends the execution of this name. One that has ended, or is not known, is left as it is. */
  stop(name: string, why: string): Promise<void>;
  /** Whether the execution of this name still goes on; undefined where it is not known, or not known yet. */
  goesOn(name: string): Promise<boolean | undefined>;
}

/** Names the execution of a run's attempt: starting it twice is one execution. */
export function executionName(requestId: string, attempt: number): string {
  return `${requestId}.${attempt}`;
}
