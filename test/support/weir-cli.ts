import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { ConnectControl } from '../../cli/control/ports.ts';
import type { Connect } from '../../cli/recovery/ports.ts';
import { runWeir } from '../../cli/weir.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as the JSON values that it holds, one a line. */
  readonly json: () => Record<string, unknown>[];
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly stdin?: string | Readable;
  readonly interrupted?: AbortSignal;
  /** What recovery commands talk to, in place of AWS. */
  readonly connect?: Connect;
  /** What commands of the control plane talk to, in place of AWS. */
  readonly control?: ConnectControl;
  /** Whether somebody sits in front of it. */
  readonly terminal?: boolean;
}

/** Runs the CLI in this process, with a world of its own around it. */
export async function weir(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const { stdin = '', terminal = false } = options;
  const input =
    typeof stdin === 'string' ? Readable.from([Buffer.from(stdin)], { objectMode: false }) : stdin;
  const host = {
    env: options.env ?? {},
    cwd: options.cwd ?? tmpdir(),
    stdin: Object.assign(input, { isTTY: terminal }),
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text), isTTY: terminal },
    interrupted: options.interrupted ?? new AbortController().signal,
  };
  const code = await runWeir(args, host, options.connect, options.control);
  const json = () =>
    out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { code, out, err, json };
}

/** An empty folder that is gone after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
