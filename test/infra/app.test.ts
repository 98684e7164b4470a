import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cdkJson, newFolder, stubBundles } from '../support/synth.ts';

interface Run {
  readonly status: number;
  readonly stderr: string;
  readonly stacks: readonly string[];
}

/** Runs `bin/app.ts` as the CDK CLI does, by somebody who is signed in nowhere and has no network. */
function runApp(context: Readonly<Record<string, string>>): Promise<Run> {
  const folder = newFolder();
  const env = {
    PATH: process.env.PATH,
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, assets: stubBundles(), ...context }),
    HTTPS_PROXY: 'http://127.0.0.1:1',
  };
  const app = join(import.meta.dirname, '..', '..', 'bin', 'app.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [app], { env }, (error, _, stderr) => {
      const stacks = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
      resolve({ status: Number(error?.code ?? 0), stderr, stacks: stacks.sort() });
    });
  });
}

describe('bin/app.ts', () => {
  it('synthesizes for a real account without network or credentials, and finds nothing to object to', async () => {
    const { status, stderr, stacks } = await runApp({ account: '111122223333', region: 'eu-central-1' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stacks).toEqual(
      ['Weir-Data', 'Weir-Ingress', 'Weir-Observability', 'Weir-Processing', 'Weir-Recovery'].map(
        (name) => `${name}.template.json`,
      ),
    );
  });

  it('stops with what is wrong when it knows no account', async () => {
    const { status, stderr } = await runApp({});
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/account: "" is not an AWS account of 12 digits: .*sign in/);
  });

  it('stops when a bundle is missing, and says how to make it', async () => {
    const context = { account: '111122223333', region: 'eu-central-1', assets: tmpdir() };
    const { status, stderr } = await runApp(context);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/handler\.mjs is missing: run "npm run build"/);
  });
});
