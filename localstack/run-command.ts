import { spawn } from 'node:child_process';

/** How a program ended. `missing` is true when there is no such program. */
export interface CommandResult {
  readonly status: number | null;
  readonly output: string;
  readonly missing: boolean;
}

/** What a command runs with. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program after so many milliseconds. @default no limit */
  readonly timeout?: number;
}

/** Runs a program to its end and collects what it prints. Never throws for a failing or missing program. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ status: null, output: error.message, missing: error.code === 'ENOENT' }),
    );
    child.on('close', (status) => resolve({ status, output, missing: false }));
  });
}
