import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'weir-launch-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of ['scripts', 'bin']) mkdirSync(join(root, folder));
  copyFileSync(join(import.meta.dirname, '../../scripts/launch.mjs'), join(root, 'scripts', 'launch.mjs'));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, 'entry.mjs'), "console.log('it runs')");
});

/** Launches the entry with an npm that notes how it was called and then does as told. */
function launch(npm: string) {
  const script = `#!/bin/sh\necho "$@" > ${root}/asked\n${npm}\n`;
  writeFileSync(join(root, 'bin', 'npm'), script, { mode: 0o755 });
  const env = { ...process.env, PATH: `${join(root, 'bin')}:${process.env.PATH}` };
  const args = [join(root, 'scripts', 'launch.mjs'), 'entry.mjs'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const stamped = () => existsSync(join(root, 'node_modules', '.weir-lock-hash'));

describe('the launcher', () => {
  it('installs what NODE_ENV=production or omit would leave out, once', () => {
    const first = launch('mkdir -p node_modules/typescript');
    expect(first).toMatchObject({ status: 0, stdout: 'it runs\n' });
    const asked = readFileSync(join(root, 'asked'), 'utf8');
    expect(asked).toContain('--include=dev --include=optional');
    expect(launch('exit 1')).toMatchObject({ status: 0, stderr: '' });
  });

  it('does not take an installation for one that left packages out', () => {
    const { status, stderr } = launch('mkdir -p node_modules');
    expect([status, stamped()]).toEqual([3, false]);
    expect(stderr).toContain('left packages out');
  });

  it('says so where Node 24 can not be started', () => {
    const bin = `node_modules/node-${process.platform}-${process.arch}/bin`;
    const { status, stderr } = launch(`mkdir -p node_modules/typescript ${bin}; echo > ${bin}/node`);
    expect(status).toBe(3);
    expect(stderr).toMatch(/could not be started .*EACCES/);
    expect(stderr).not.toContain('    at ');
  });
});
