import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { afterAll } from 'vitest';
import { resolveConfig, type WeirConfig } from '../../lib/config/index.ts';
import { RoomAssets } from '../../lib/constructs/room-assets.ts';
import { addWeir, type Weir } from '../../lib/weir.ts';

const root = join(import.meta.dirname, '..', '..');
export const cdkJson = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

// Takes most of the time of a synthesis; `app.test.ts` has it done once, on everything.
process.env.CDK_VALIDATION = 'false';

const temporary = mkdtempSync(join(tmpdir(), 'weir-cdk-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** A folder that goes when the test file is done. */
export const newFolder = (): string => mkdtempSync(join(temporary, 'x'));

const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';

/** As `bin/app.ts` does it, but for a region and an account that are given. */
export function configOf(context: Readonly<Record<string, unknown>> = {}): WeirConfig {
  const all: Record<string, unknown> = { account: ACCOUNT, region: REGION, ...context };
  return resolveConfig({ context: (key) => all[key], env: {} });
}

export interface Synthesized {
  readonly app: App;
  readonly weir: Weir;
  readonly assembly: CloudAssembly;
  readonly data: Template;
  readonly ingress: Template;
  readonly processing: Template;
  readonly recovery: Template;
  readonly observability: Template;
}

/** An app with the project's feature flags, that writes to a folder of its own. */
export function newApp(): App {
  return new App({ context: cdkJson.context, outdir: newFolder() });
}

/** Synthesizes all stacks with the project's feature flags, and with functions that are stubs. */
export function synthesize(config: WeirConfig): Synthesized {
  const app = newApp();
  const weir = addWeir(app, config, new RoomAssets(stubBundles()));
  return {
    app,
    weir,
    assembly: app.synth(),
    data: Template.fromStack(weir.data),
    ingress: Template.fromStack(weir.ingress),
    processing: Template.fromStack(weir.processing),
    recovery: Template.fromStack(weir.recovery),
    observability: Template.fromStack(weir.observability),
  };
}

const ROOMS = [
  ...['ingest', 'usage', 'catalogue', 'receive'],
  ...['project', 'archive', 'mark', 'normalise', 'sweep'],
  ...['recover', 'plan', 'scan', 'fold', 'resend', 'conclude', 'repair', 'anchor'],
  ...['guard', 'watch', 'probe', 'widgets'],
] as const;

/** Bundles that do nothing: what is tested is where they go. */
export function stubBundles(): string {
  const folder = newFolder();
  for (const room of ROOMS) {
    mkdirSync(join(folder, room));
    writeFileSync(join(folder, room, 'handler.mjs'), `export const handler = () => '${room}';\n`);
  }
  return folder;
}
