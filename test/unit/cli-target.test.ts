import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CliError, explain } from '../../cli/platform/errors.ts';
import type { Host } from '../../cli/platform/host.ts';
import { grouped, printable, wantsColor } from '../../cli/platform/output.ts';
import { readOutputs } from '../../cli/platform/stack-outputs.ts';
import { findTarget } from '../../cli/platform/target.ts';
import { emptyFolder, weir } from '../support/weir-cli.ts';

const profile = {
  endpoint: 'http://localhost:4566',
  apiUrl: 'http://localhost:4566/_aws/execute-api/a1/live',
  apiKey: 'wk_local',
  region: 'us-east-1',
  stateTable: 'weir-state',
  controlTable: 'weir-control',
  stream: 's',
  archiveBucket: 'b',
  repairQueueUrl: 'q',
  repairDeadQueueUrl: 'qd',
  runsBucket: 'r',
  auditBucket: 'au',
  recoverFunction: 'rec',
  recoveryStateMachine: 'sm',
  projectFunction: 'p',
  archiveFunction: 'a',
  markFunction: 'm',
  guardFunction: 'g',
  probeFunction: 'p',
  widgetsFunction: 'w',
  webhookSecretPrefix: 'weir/webhooks/',
  dataKey: 'k',
  apiId: 'a1',
  usagePlans: { standard: 'u1' },
  tenant: 'demo',
  producer: 'demo',
};

function hostWith(env: Host['env'], withProfile = true): Host {
  const cwd = emptyFolder();
  if (withProfile) {
    mkdirSync(join(cwd, '.weir'));
    writeFileSync(join(cwd, '.weir', 'local.json'), JSON.stringify(profile));
  }
  return { env, cwd } as Host;
}

describe('which Weir the CLI talks to', () => {
  it('is the local one where nothing else is set, with credentials that open nothing', async () => {
    const target = findTarget({}, hostWith({ HOME: '/home/x' }));
    expect(target.aws).toEqual({
      endpoint: profile.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    expect(await target.apiUrl()).toBe(profile.apiUrl);
    expect(target.apiKey()).toBe('wk_local');
  });

  it.each(['WEIR_API_URL', 'WEIR_API_KEY', 'AWS_ENDPOINT_URL', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID'])(
    'is not the local one where %s is set',
    (name) => {
      const env = { [name]: 'https://weir.example.com', AWS_REGION: 'eu-central-1' };
      const target = findTarget({}, hostWith(env));
      expect(target.profile).toBeUndefined();
      expect(target.aws.credentials?.accessKeyId).toBe(name === 'AWS_ENDPOINT_URL' ? 'test' : undefined);
    },
  );

  it('is the profile that is named, whatever else is set', () => {
    const host = hostWith({ AWS_PROFILE: 'prod', WEIR_API_URL: 'https://weir.example.com' });
    const target = findTarget({ profileFile: '.weir/local.json' }, host);
    expect(target.aws.endpoint).toBe(profile.endpoint);
  });

  it('is nothing where nothing says which', () => {
    expect(() => findTarget({}, hostWith({}, false))).toThrow(expect.objectContaining({ exitCode: 3 }));
  });

  it.each(['http://weir.example.com', 'http://10.0.0.1/live', 'ftp://localhost', 'weir'])(
    'is never reached by %s, which is no https',
    async (url) => {
      const target = findTarget({}, hostWith({ WEIR_API_URL: url, WEIR_API_KEY: 'wk_x' }));
      await expect(target.apiUrl()).rejects.toMatchObject({ exitCode: 2 });
    },
  );

  it.each(['https://weir.example.com/', 'http://localhost:4566', 'http://127.0.0.1:1', 'http://[::1]:1'])(
    'may be %s',
    async (url) => {
      const target = findTarget({}, hostWith({ WEIR_API_URL: url }));
      expect(await target.apiUrl()).toBe(url.replace(/\/$/, ''));
    },
  );

  it.each(['{', '{}', 'null', JSON.stringify({ ...profile, stream: 7 })])(
    'can not be told from a damaged profile: %s',
    (text) => {
      const cwd = emptyFolder();
      writeFileSync(join(cwd, 'p.json'), text);
      const host = { env: {}, cwd } as unknown as Host;
      expect(() => findTarget({ profileFile: 'p.json' }, host)).toThrow(
        expect.objectContaining({ exitCode: 3 }),
      );
    },
  );

  it('takes the API below an endpoint of one’s own, and as the stack has it at AWS', () => {
    const keys = ['ApiId', 'StateTable', 'ControlTable', 'Stream', 'ArchiveBucket', 'RepairQueueUrl'];
    const functions = [
      'ProjectFunction',
      'ArchiveFunction',
      'MarkFunction',
      'GuardFunction',
      'ProbeFunction',
      'WidgetsFunction',
    ];
    const webhooks = ['WebhookSecretPrefix', 'DataKey'];
    const buckets = ['RunsBucket', 'AuditBucket', 'RepairDeadQueueUrl'];
    const recovery = [...buckets, 'RecoverFunction', 'RecoveryStateMachine'];
    const outputs = new Map(
      [...keys, ...functions, ...webhooks, ...recovery].map((key) => [key, key.toLowerCase()]),
    );
    outputs.set('ApiUrl', 'https://x.execute-api.eu-central-1.amazonaws.com/live/');
    outputs.set('UsagePlanStandard', 'u1').set('UsagePlanBulk', 'u2');
    expect(readOutputs(outputs, undefined)).toMatchObject({
      apiUrl: 'https://x.execute-api.eu-central-1.amazonaws.com/live',
      usagePlans: { standard: 'u1', bulk: 'u2' },
    });
    expect(readOutputs(outputs, 'http://localhost:1/').apiUrl).toBe(
      'http://localhost:1/_aws/execute-api/apiid/live',
    );
    outputs.delete('Stream');
    expect(() => readOutputs(outputs, undefined)).toThrow(/no output Stream/);
  });
});

describe('command line', () => {
  it.each([
    ['--help'],
    ['send', '--help'],
    ['usage', '--help'],
    ['producers', 'add', '--help'],
    ['webhooks', 'add', '--help'],
    ['webhooks', 'rotate', '--help'],
    ['webhooks', 'test', '--help'],
    ['doctor', '--help'],
  ])('explains %s %s %s', async (...args) => {
    const { code, out } = await weir(args.filter((arg) => arg !== undefined));
    expect(code).toBe(0);
    expect(out).toContain('Usage: weir');
    if (args[0] !== '--help') expect(out).toMatch(/Example:\n\s+\$ weir/);
  });

  it.each([
    [['nonsense']],
    [['usage']],
    [['send', '-', '--nonsense']],
    [['producers', 'revoke', '--tenant', 'a']],
  ])('calls %j wrong usage', async (args) => {
    expect((await weir(args)).code).toBe(2);
  });

  it('tells programs of failures in JSON, and never with a stack trace', async () => {
    const { code, json, err } = await weir(['quarantine', 'list', '--json'], { cwd: emptyFolder() });
    expect(code).toBe(3);
    expect(json()).toEqual([
      { error: { message: expect.any(String), hint: expect.any(String), exitCode: 3 } },
    ]);
    expect(err).not.toContain('    at ');
  });
});

describe('output', () => {
  it('lets no sender steer the terminal', () => {
    expect(printable('a\u001b[2Jb\u202Ec\r\nd\u009b0m')).toBe('a\ufffd[2Jb\ufffdc\ufffd\ufffdd\ufffd0m');
    expect(printable('Zürich 東京 ✓')).toBe('Zürich 東京 ✓');
  });

  it('respects NO_COLOR, FORCE_COLOR and what is no terminal', () => {
    const terminal = { write: () => {}, isTTY: true };
    const pipe = { write: () => {} };
    expect(wantsColor(terminal, {})).toBe(true);
    expect(wantsColor(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
    expect(wantsColor(pipe, {})).toBe(false);
    expect(wantsColor(pipe, { FORCE_COLOR: '1' })).toBe(true);
  });

  it('groups digits without touching the number', () => {
    expect(grouped('31130782430.2000001')).toBe('31,130,782,430.2000001');
    expect(grouped(-1234)).toBe('-1,234');
    expect(grouped('999')).toBe('999');
  });

  it('explains what AWS and the network say', () => {
    const named = (name: string, message = 'm') => Object.assign(new Error(message), { name });
    expect(explain(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'it').message).toContain(
      'it does not answer',
    );
    expect(explain(new Error('fetch failed', { cause: { code: 'ENOTFOUND' } }), 'it').message).toContain(
      'ENOTFOUND',
    );
    expect(explain(named('CredentialsProviderError'), 'it').hint).toContain('AWS_PROFILE');
    expect(explain(named('AccessDeniedException'), 'it').message).toContain('AWS refused');
    expect(explain(undefined, 'it')).toBeInstanceOf(CliError);
    expect(explain('text', 'it').exitCode).toBe(3);
  });
});
