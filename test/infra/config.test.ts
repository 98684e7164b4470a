import { describe, expect, it } from 'vitest';
import { resolveConfig, type WeirConfig } from '../../lib/config/index.ts';
import { localDifferences } from '../../lib/config/local.ts';
import { validateConfig } from '../../lib/config/validate.ts';
import { configOf, synthesize } from '../support/synth.ts';

const domain = {
  name: 'e.example.com',
  certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/a',
};
const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:probe';

const resolve = (context: Record<string, unknown>, env = {}) =>
  resolveConfig({ context: (key) => context[key], env });

describe('configuration', () => {
  it('takes account and region from whoever is signed in', () => {
    const env = { CDK_DEFAULT_ACCOUNT: '444455556666', CDK_DEFAULT_REGION: 'us-west-2' };
    expect(resolve({}, env)).toMatchObject({ account: '444455556666', region: 'us-west-2' });
  });

  it('prefers the command line', () => {
    const env = { CDK_DEFAULT_ACCOUNT: '444455556666', CDK_DEFAULT_REGION: 'us-west-2' };
    const context = { account: '111122223333', region: 'eu-central-1', name: 'gauge', freshness: 'economy' };
    expect(resolve(context, env)).toMatchObject(context);
  });

  it('says what to do when nobody is signed in', () => {
    expect(() => resolve({})).toThrow(/account: "" is not an AWS account.*sign in[\s\S]*region: ""/);
  });

  it('refuses a stage that it does not know', () => {
    expect(() => resolve({ stage: 'prod' })).toThrow(
      '-c stage=prod is unknown: use "local", or leave it out',
    );
  });

  it.each<[string, Partial<WeirConfig>, RegExp]>([
    ['name', { name: 'Weir_1' }, /name: "Weir_1" must be 2 to 20 lower-case/],
    [
      'shards',
      { stream: { mode: 'provisioned', shards: 0 } },
      /stream\.shards: 0 must be a whole number from 1/,
    ],
    ['stream retention', { streamRetentionHours: 12 }, /streamRetentionHours: 12 must be .* from 24 to 8760/],
    ['archive window', { archiveWindowSeconds: 301 }, /archiveWindowSeconds: 301 must be .* from 0 to 300/],
    [
      'log retention',
      { logRetentionDays: 42 },
      /logRetentionDays: 42 must be one of CloudWatch's steps: 1, 3/,
    ],
    ['time of repair', { repairRetrySeconds: 30 }, /repairRetrySeconds: 30 must be .* from 60 to 3600/],
    ["probe's key", { probeKey: 0 }, /probeKey: 0 must be a whole number from 1/],
    ['concurrency', { recoveryConcurrency: 0 }, /recoveryConcurrency: 0 must be .* from 1 to 1000/],
    [
      'tier that is left before it is paid off',
      { archiveTiers: { instantAfterDays: 30, deepAfterDays: 119 } },
      /archiveTiers\.deepAfterDays: 119 must be .* from 120 to/,
    ],
    [
      'tier that begins with the object',
      { archiveTiers: { instantAfterDays: 0, deepAfterDays: 365 } },
      /archiveTiers\.instantAfterDays: 0 must be .* from 1/,
    ],
    ['archive retention', { archiveRetentionDays: 30 }, /archiveRetentionDays: 30 must be .* from 90/],
    ['audit retention', { auditRetentionDays: 0 }, /auditRetentionDays: 0 must be .* from 1/],
    ['retention of runs', { retainRunsDays: 1.5 }, /retainRunsDays: 1\.5 must be a whole number/],
    [
      'place of test events',
      { testEventRegistry: 'yes' as 'none' },
      /testEventRegistry: "yes" must be create, existing or none/,
    ],
    ['way to release', { release: 'blue' as 'canary' }, /release: "blue" must be canary or all-at-once/],
    ['tiers', { tiers: {} }, /tiers: there must be one called standard/],
    [
      'a tier’s rate',
      { tiers: { standard: { rate: 0.5, burst: 1, events: 1 } } },
      /tiers\.standard\.rate: 0\.5 must be/,
    ],
    [
      'a tier’s events',
      { tiers: { standard: { rate: 1, burst: 1, events: 0 } } },
      /tiers\.standard\.events: 0 must be/,
    ],
    [
      'guard',
      { guard: { lagSeconds: 10, calmLagSeconds: 11, stepSeconds: 0, calmSeconds: 5 } },
      /guard\.calmLagSeconds: 11 must be .* from 1 to 10\n.*guard\.stepSeconds: 0 must be/,
    ],
    [
      'cost budget',
      { costBudget: { writesPerEvent: 0, usdPerMillionEvents: Number.NaN } },
      /costBudget\.writesPerEvent: 0 must be .*\n.*costBudget\.usdPerMillionEvents: null must be a number/,
    ],
    [
      'calm that is shorter than a step',
      { guard: { lagSeconds: 10, calmLagSeconds: 3, stepSeconds: 6, calmSeconds: 5 } },
      /guard\.calmSeconds: 5 must be .* from 6/,
    ],
    [
      'address of the runbook',
      { runbookUrl: 'http://wiki/#runbook' },
      /runbookUrl: .* must be an https address/,
    ],
    ['an alarm address', { alarmAddresses: { page: ['nobody'], ticket: [] } }, /"nobody" is not an e-mail/],
    [
      'a certificate of another region',
      {
        domain: { name: 'e.example.com', certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/a' },
      },
      /domain\.certificateArn: .* is not the ARN of an ACM certificate in eu-central-1/,
    ],
    [
      'certificate that nobody asks for',
      { domain: { ...domain, probeCertificateArn: `${secretArn}-AbCdEf` } },
      /domain\.probeCertificateArn: is for mutual TLS only/,
    ],
    [
      'secret’s ARN, which is not whole',
      { domain: { ...domain, truststoreUri: 's3://b/k', probeCertificateArn: secretArn } },
      /domain\.probeCertificateArn: .* is not the whole ARN/,
    ],
  ])('refuses a wrong %s, and says what would be right', (_, change, message) => {
    expect(() => validateConfig({ ...configOf(), ...change })).toThrow(message);
  });

  it('refuses mutual TLS that would shut the probe out (F4)', () => {
    const shut = { ...domain, truststoreUri: 's3://b/k' };
    expect(() => validateConfig({ ...configOf(), domain: shut })).toThrow(
      /domain\.probeCertificateArn: is needed with domain\.truststoreUri/,
    );
    const open = { ...shut, probeCertificateArn: `${secretArn}-AbCdEf` };
    expect(validateConfig({ ...configOf(), domain: open }).domain).toEqual(open);
  });

  it('names everything that is wrong at once', () => {
    const wrong = { ...configOf(), name: '', archiveWindowSeconds: -1 };
    expect(() => validateConfig(wrong)).toThrow(/name: [\s\S]*archiveWindowSeconds: /);
  });
});

describe('a local stack', () => {
  it('differs in the settings that lib/config/local.ts lists, and in no other', () => {
    const account = configOf();
    const local = configOf({ stage: 'local' });
    const differing = Object.keys(account).filter(
      (key) =>
        JSON.stringify(local[key as keyof WeirConfig]) !== JSON.stringify(account[key as keyof WeirConfig]),
    );
    expect(differing.sort()).toEqual(localDifferences.map(({ setting }) => setting).sort());
  });

  it('gives a reason for each', () => {
    for (const { reason } of localDifferences) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
  });

  /** Where, in the templates, a listed setting may show. */
  const MAY_DIFFER = [
    /\.MaximumBatchingWindowInSeconds$/,
    /\.MaximumRetryAttempts$/,
    /\.VisibilityTimeout$/,
    /^recovery\.Resources\.RepairHandlerFunction\w+\.Properties\.Timeout$/,
    /\.Environment\.Variables\.CONCURRENCY$/,
    /^recovery\.Resources\.TestEvents(Schema|Registry)\w+$/,
    /\.DeletionPolicy$/,
    /\.UpdateReplacePolicy$/,
    /\.DeletionProtectionEnabled$/,
  ];

  it('differs in its templates only where one of those shows', () => {
    const place = { account: '000000000000', region: 'us-east-1' };
    // What a canary adds to the templates has tests of its own.
    const account = synthesize(configOf({ ...place, release: 'all-at-once' }));
    const local = synthesize(configOf({ stage: 'local' }));
    const differing = (['data', 'ingress', 'processing', 'recovery'] as const).flatMap((stack) =>
      differences(account[stack].toJSON(), local[stack].toJSON()).map((path) => `${stack}${path}`),
    );
    expect(differing.length).toBeGreaterThan(0);
    expect(differing.filter((path) => !MAY_DIFFER.some((allowed) => allowed.test(path)))).toEqual([]);
  });
});

/** Paths to the leaves in which two JSON values differ. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return a === b ? [] : [path];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) =>
    differences((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], `${path}.${key}`),
  );
}
