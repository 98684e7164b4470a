import type { Command } from 'commander';
import { type CliError, EXIT, explain } from './errors.ts';
import type { Host } from './host.ts';
import { Output } from './output.ts';
import { findTarget, type Target, type TargetOptions } from './target.ts';

interface GlobalOptions extends TargetOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** What a command works with. */
export interface Use {
  readonly host: Host;
  readonly output: Output;
  /** The Weir it talks to. @throws CliError where none can be found */
  readonly target: () => Target;
}

/** Runs commands with the program's options and turns what they throw into a message and an exit code. */
export class Context {
  exitCode: number = EXIT.done;
  readonly #program: Command;
  readonly #host: Host;

  constructor(program: Command, host: Host) {
    this.#program = program;
    this.#host = host;
  }

  async run(command: (use: Use) => Promise<number>): Promise<void> {
    const options = this.#program.opts<GlobalOptions>();
    const output = new Output(this.#host, { json: options.json ?? false });
    let found: Target | undefined;
    const target = () => (found ??= findTarget(options, this.#host));
    try {
      this.exitCode = await command({ host: this.#host, output, target });
    } catch (error) {
      this.#fail(explain(error, found?.label ?? 'Weir'), output, options.debug ?? false);
    }
  }

  #fail(error: CliError, output: Output, debug: boolean): void {
    const { message, hint, exitCode } = error;
    this.exitCode = exitCode;
    output.emit({ error: { message, ...(hint !== undefined && { hint }), exitCode } });
    output.note(`${output.colors.red('✗')} ${message}`);
    if (hint !== undefined) output.note(`  ${hint}`);
    if (debug) output.note(`${error.stack}\n${error.cause instanceof Error ? error.cause.stack : ''}`);
  }
}
