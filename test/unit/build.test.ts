import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleRoom } from '../../scripts/build/bundle-room.ts';
import { compileContracts } from '../../scripts/build/compile-contracts.ts';
import { hashInputs, readStamp, writeStamp } from '../../scripts/build/stamp.ts';
import { goodFiles, TYPE, writeContracts } from '../support/contract-folder.ts';

const run = promisify(execFile);

/** A project of one room that uses two packages, one of them CommonJS that asks for a module of Node's. */
const PROJECT = {
  'lambdas/demo/handler.ts': `import { old } from 'old';
import { young } from 'young';

export interface Answer { readonly text: string }
export function handler(): Answer {
  if (old() !== young()) throw new Error('thrown on line 6');
  return { text: 'never' };
}
`,
  'node_modules/old/package.json': '{"name":"old","main":"index.js"}',
  'node_modules/old/index.js': 'const { sep } = require("node:path"); exports.old = () => sep;',
  'node_modules/young/package.json': '{"name":"young","main":"wrong.js","module":"index.js"}',
  'node_modules/young/index.js':
    'export const young = () => 2; export const unused = () => "nobody needs me";',
  'node_modules/young/wrong.js': 'throw new Error("not the ES module")',
};

async function makeProject(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'weir-build-'));
  for (const [name, content] of Object.entries(PROJECT)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

describe("a room's bundle", () => {
  let roots: string[];
  const read = (root: string, name: string) => readFile(join(root, 'build/lambda/demo', name), 'utf8');
  beforeEach(async () => {
    roots = [await makeProject(), await makeProject()];
    for (const root of roots) await bundleRoom(root, 'demo');
  });
  afterEach(() => Promise.all(roots.map((root) => rm(root, { recursive: true }))));

  it('is the same bytes wherever the project stands, so that nothing is deployed for nothing', async () => {
    for (const name of ['handler.mjs', 'handler.mjs.map']) {
      const [one, other] = await Promise.all(roots.map((root) => read(root, name)));
      expect(one).toBe(other);
      expect(one).not.toContain(tmpdir());
    }
  });

  it('holds what is needed of the packages and nothing else', async () => {
    const code = await read(roots[0]!, 'handler.mjs');
    expect(code).not.toContain('nobody needs me');
    expect(code).not.toContain('not the ES module');
  });

  it('runs by itself, CommonJS packages too, and names our lines in stack traces', async () => {
    const bundle = join(roots[0]!, 'build/lambda/demo/handler.mjs');
    await rm(join(roots[0]!, 'node_modules'), { recursive: true });
    const script = `const { handler } = await import(${JSON.stringify(bundle)}); handler();`;
    const args = ['--enable-source-maps', '--input-type=module', '--eval', script];
    const failed = await run(process.execPath, args).catch((error: { stderr: string }) => error);
    expect(failed.stderr).toMatch(/thrown on line 6/);
    expect(failed.stderr).toMatch(/lambdas\/demo\/handler\.ts:6:/);
  });

  it('has a source map of our own files only, which Node reads at each cold start', async () => {
    const map = JSON.parse(await read(roots[0]!, 'handler.mjs.map')) as { sources: string[] };
    expect(map.sources).toEqual(['../../../lambdas/demo/handler.ts']);
  });

  it('is reported with its size and what it is made of', async () => {
    const bundle = await bundleRoom(roots[0]!, 'demo');
    expect(bundle.bytes).toBe(Buffer.byteLength(await read(roots[0]!, 'handler.mjs')));
    expect(bundle.gzipBytes).toBeGreaterThan(0);
    expect(bundle.inputs.map((input) => input.package).sort()).toEqual(['old', 'weir', 'young']);
  });
});

describe("the build's stamp", () => {
  let root: string;
  beforeEach(async () => {
    root = await makeProject();
    await bundleRoom(root, 'demo');
    await writeStamp(root, await hashInputs(root), { made: 'before' });
  });
  afterEach(() => rm(root, { recursive: true }));
  const last = async () => readStamp(root, await hashInputs(root));

  it('says that nothing has changed', async () => {
    expect(await last()).toEqual({ made: 'before' });
  });

  it.each([
    ['a source', 'lambdas/demo/handler.ts'],
    ['a new contract', 'contracts/new.type/contract.json'],
    ['the packages', 'package-lock.json'],
    ['a bundle, by hand,', 'build/lambda/demo/handler.mjs'],
    ['the stamp, half written,', 'build/stamp.json'],
  ])('is void when %s changed', async (_, file) => {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), '{');
    expect(await last()).toBeUndefined();
  });

  it('is void when a bundle is gone', async () => {
    await rm(join(root, 'build/lambda/demo/handler.mjs'));
    expect(await last()).toBeUndefined();
  });
});

describe('the published documents', () => {
  it("are the files' own texts, each with a strong tag of its content", async () => {
    const dir = await writeContracts(goodFiles());
    const out = join(dir, '.out');
    await compileContracts(dir, out).finally(() => undefined);
    const { documents } = await import(join(out, 'documents.mjs'));
    const { contract, versions } = documents.get(TYPE);
    expect(contract.text).toBe(await readFile(join(dir, TYPE, 'contract.json'), 'utf8'));
    expect(versions.get(1).text).toBe(await readFile(join(dir, TYPE, 'v1.schema.json'), 'utf8'));
    expect(contract.etag).toMatch(/^"[0-9a-f]{64}"$/);
    expect(versions.get(1).etag).not.toBe(contract.etag);
    await rm(dir, { recursive: true });
  });

  it('are not written where a contract is wrong', async () => {
    const files = goodFiles();
    files['contract.json'].owner = 7;
    const dir = await writeContracts(files);
    await expect(compileContracts(dir, join(dir, '.out'))).rejects.toThrow(
      /1 mistake in the contracts .*\n.*contract\.json:3: "owner" must be string; it is 7/,
    );
    await expect(readFile(join(dir, '.out', 'counting.mjs'))).rejects.toThrow('ENOENT');
    await rm(dir, { recursive: true });
  });

  it('count what the samples need, with durations in milliseconds and defaults filled in', async () => {
    const dir = await writeContracts(goodFiles());
    const { contracts } = await compileContracts(dir, join(dir, '.out'));
    expect(contracts[0]).toMatchObject({
      type: TYPE,
      priority: 'standard',
      lateMs: 35 * 86_400_000,
      earlyMs: 300_000,
      revisions: [
        {
          meters: [
            { name: 'orders', aggregate: 'count', scale: 0, unit: '1', maxGroups: 1 },
            { name: 'turnover', scale: 2, groupBy: { region: '/region' }, maxGroups: 50 },
            { name: 'pieces', scale: 0, unit: '1' },
          ],
        },
      ],
    });
    await rm(dir, { recursive: true });
  });
});
