import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Profile } from '../../cli/platform/profile.ts';
import { leaveAccountsAlone } from '../../scripts/start/leave-accounts-alone.ts';
import { writeProfile } from '../../scripts/start/make-demo.ts';
import { nextSteps } from '../../scripts/start/next-steps.ts';
import { readReport, runStep } from '../../scripts/test/steps.ts';

const root = join(import.meta.dirname, '..', '..');

function run(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, [join(root, script), ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('npm start can not touch a real account', () => {
  it('takes profiles, credentials and other endpoints out of its environment', () => {
    const env: NodeJS.ProcessEnv = {
      AWS_PROFILE: 'prod',
      AWS_ACCESS_KEY_ID: 'AKIAREAL',
      AWS_SECRET_ACCESS_KEY: 'real',
      AWS_SESSION_TOKEN: 'real',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.2/',
      AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.eu-central-1.amazonaws.com',
      AWS_ENDPOINT_URL: 'http://localhost:4566',
      CDK_DEFAULT_ACCOUNT: '111122223333',
      WEIR_API_KEY: 'wk_real',
      PATH: '/bin',
    };
    leaveAccountsAlone(env);
    expect(env).toEqual({
      AWS_ENDPOINT_URL: 'http://localhost:4566',
      PATH: '/bin',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
  });

  it.each(['https://kinesis.eu-central-1.amazonaws.com', 'https://sts.amazonaws.com', 'nonsense'])(
    'refuses the endpoint %s before anything else',
    async (endpoint) => {
      const { code, err } = await run('scripts/start.ts', ['--once'], { AWS_ENDPOINT_URL: endpoint });
      expect(code).toBe(3);
      expect(err).toContain(endpoint);
      expect(err).not.toContain('    at ');
      expect(err).not.toContain('Build');
    },
  );
});

describe('command lines', () => {
  it.each([
    ['scripts/start.ts', '--once'],
    ['scripts/test.ts', '--only fast'],
    ['scripts/console.ts', '--port'],
  ])('%s explains itself', async (script, shown) => {
    const { code, out } = await run(script, ['--help']);
    expect(code).toBe(0);
    expect(out).toContain(shown);
    expect(out).toContain('Exit status');
  });

  it.each([
    ['scripts/start.ts', '--twice'],
    ['scripts/start.ts', '--seed=x'],
    ['scripts/test.ts', '--only=some'],
    ['scripts/console.ts', '--port=x'],
    ['scripts/console.ts', '--port=65536'],
  ])('%s calls %s wrong usage', async (script, arg) => {
    expect((await run(script, [arg])).code).toBe(2);
  });

  it('writes the profile for its owner alone, also where there was one', () => {
    const path = join(temporary(), 'local.json');
    writeFileSync(path, '{}', { mode: 0o644 });
    writeProfile(path, {} as Profile);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('what to try next is one command each, for the Weir that was started', () => {
    const profile = { apiUrl: 'http://localhost:4566/live', apiKey: 'wk_demo' } as Profile;
    const consoleUrl = 'http://127.0.0.1:4580';
    const text = nextSteps(profile, { now: 0, profileFlag: ' --profile-file .weir/local.json', consoleUrl });
    expect(text).toContain(consoleUrl);
    expect(text).toContain('curl -i http://localhost:4566/live/v1/events');
    expect(text.match(/npm run weir -- --profile-file \.weir\/local\.json/g)!.length).toBeGreaterThan(3);
  });
});

describe('.ci/run', () => {
  /** Runs it with an npm that prints and exits as told: first for `npm test`, then for `npm start`. */
  function ci(test: { out: string; exit: number }, startExit: number) {
    const bin = temporary();
    const npm = `#!/bin/sh\nif [ "$1" = test ]; then echo "${test.out}"; exit ${test.exit}; fi\necho started; exit ${startExit}\n`;
    writeFileSync(join(bin, 'npm'), npm, { mode: 0o755 });
    return new Promise<{ code: number | null; last: string | undefined }>((resolve) => {
      const child = spawn(join(root, '.ci', 'run'), { env: { PATH: `${bin}:${process.env.PATH}` } });
      let out = '';
      child.stdout.on('data', (chunk) => (out += chunk));
      child.on('close', (code) => resolve({ code, last: out.trimEnd().split('\n').at(-1) }));
    });
  }

  it.each([
    ['all is well', { out: '7 passed, 0 failed', exit: 0 }, 0, '8 passed, 0 failed', 0],
    ['tests fail', { out: '7 passed, 2 failed', exit: 1 }, 0, '8 passed, 2 failed', 1],
    ['the start fails', { out: '7 passed, 0 failed', exit: 0 }, 1, '7 passed, 1 failed', 1],
    ['the tests break off', { out: 'oops', exit: 3 }, 0, '1 passed, 1 failed', 1],
    ['the tests lie', { out: '7 passed, 0 failed', exit: 1 }, 0, '8 passed, 1 failed', 1],
    ['there are no tests', { out: '0 passed, 0 failed', exit: 0 }, 0, '1 passed, 1 failed', 1],
  ])('adds up where %s', async (_, test, startExit, last, code) => {
    expect(await ci(test, startExit)).toEqual({ code, last });
  });
});

describe('npm test counts honestly', () => {
  const step = (script: string, report?: string) => ({
    name: 'x',
    group: 'fast' as const,
    command: ['node', '-e', script] as [string, ...string[]],
    ...(report !== undefined && { report }),
  });
  const reporting = (path: string, passed: number, failed: number, exit: number) =>
    step(
      `require('fs').writeFileSync(${JSON.stringify(path)}, JSON.stringify({numPassedTests:${passed},numFailedTests:${failed},numPendingTests:2}));process.exit(${exit})`,
      path,
    );

  it('a step without a report is one test', async () => {
    expect(await runStep(step('console.log(1)'), () => {})).toMatchObject({
      passed: 1,
      failed: 0,
      output: '1\n',
    });
    expect(await runStep(step('process.exit(1)'), () => {})).toMatchObject({ passed: 0, failed: 1 });
    const missing = { ...step(''), command: ['no-such-program'] as [string] };
    expect(await runStep(missing, () => {})).toMatchObject({ passed: 0, failed: 1 });
  });

  it('a step with a report is what the report says', async () => {
    const path = join(temporary(), 'report.json');
    expect(await runStep(reporting(path, 7, 0, 0), () => {})).toMatchObject({
      passed: 7,
      failed: 0,
      skipped: 2,
    });
    expect(await runStep(reporting(path, 7, 3, 1), () => {})).toMatchObject({ passed: 7, failed: 3 });
  });

  it('a step that ran no test, left no report, or failed besides its tests, has failed', async () => {
    const path = join(temporary(), 'report.json');
    expect(await runStep(reporting(path, 0, 0, 0), () => {})).toMatchObject({ failed: 1 });
    expect(await runStep(reporting(path, 7, 0, 1), () => {})).toMatchObject({ passed: 7, failed: 1 });
    expect(await runStep(step('process.exit(0)', path), () => {})).toMatchObject({ failed: 1 });
    writeFileSync(path, '{');
    expect(readReport(path)).toBeUndefined();
  });

  it('a report of an earlier run is not taken for this one', async () => {
    const path = join(temporary(), 'report.json');
    writeFileSync(path, '{"numPassedTests":99}');
    expect(await runStep(step('process.exit(1)', path), () => {})).toMatchObject({ passed: 0, failed: 1 });
  });
});
