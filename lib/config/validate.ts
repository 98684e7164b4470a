import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Domain, WeirConfig } from './index.ts';

type Complaint = readonly [setting: string, problem: string];

/**
 * Checks what the compiler can't.
 * @returns the configuration as it was given
 * @throws Error that lists every wrong setting, the value received, and what would be right
 */
export function validateConfig(config: WeirConfig): WeirConfig {
  const complaints = [
    ...place(config),
    ...capacity(config),
    ...guard(config),
    ...cost(config),
    ...recovery(config),
    ...retention(config),
    ...access(config),
  ];
  if (complaints.length > 0) {
    const lines = complaints.map(([setting, problem]) => `  ${setting}: ${problem}`);
    throw new Error(
      `Weir's configuration (lib/config/settings.ts, -c options) is wrong:\n${lines.join('\n')}`,
    );
  }
  return config;
}

function* place({ name, account, region }: WeirConfig): Generator<Complaint> {
  if (!/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/.test(name)) {
    yield [
      'name',
      `${show(name)} must be 2 to 20 lower-case letters, digits and dashes, and begin with a letter`,
    ];
  }
  if (!/^\d{12}$/.test(account)) {
    yield [
      'account',
      `${show(account)} is not an AWS account of 12 digits: set it, pass -c account=…, or sign in (aws sso login)`,
    ];
  }
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    yield [
      'region',
      `${show(region)} is not an AWS region such as eu-central-1: set it, or pass -c region=…`,
    ];
  }
}

function* capacity(config: WeirConfig): Generator<Complaint> {
  const { freshness, stream, tiers, throttle } = config;
  if (!['realtime', 'balanced', 'economy'].includes(freshness)) {
    yield ['freshness', `${show(freshness)} must be realtime, balanced or economy`];
  }
  if (stream.mode === 'provisioned') yield* within('stream.shards', stream.shards, 1, 10_000);
  yield* within('streamRetentionHours', config.streamRetentionHours, 24, 8_760);
  yield* within('archiveWindowSeconds', config.archiveWindowSeconds, 0, 300);
  yield* within('projectRetries', config.projectRetries, 0, 10_000);
  yield* within('throttle.rate', throttle.rate, 1, 100_000);
  yield* within('throttle.burst', throttle.burst, 1, 100_000);
  yield* within('probeKey', config.probeKey, 1, 1_000_000);
  if (!tiers.standard) yield ['tiers', 'there must be one called standard: producers get it by default'];
  for (const [tier, { rate, burst, events, quota }] of Object.entries(tiers)) {
    if (!/^[a-z]{2,20}$/.test(tier)) yield [`tiers.${tier}`, 'the name must be 2 to 20 lower-case letters'];
    yield* within(`tiers.${tier}.rate`, rate, 1, 100_000);
    yield* within(`tiers.${tier}.burst`, burst, 1, 100_000);
    yield* within(`tiers.${tier}.events`, events, 1, 10_000_000);
    if (quota) yield* within(`tiers.${tier}.quota.limit`, quota.limit, 1, 2_000_000_000);
  }
}

function* guard({
  guard: { lagSeconds, calmLagSeconds, stepSeconds, calmSeconds },
}: WeirConfig): Generator<Complaint> {
  yield* within('guard.lagSeconds', lagSeconds, 1, 3_600);
  yield* within('guard.calmLagSeconds', calmLagSeconds, 1, lagSeconds);
  yield* within('guard.stepSeconds', stepSeconds, 1, 3_600);
  yield* within('guard.calmSeconds', calmSeconds, stepSeconds, 86_400);
}

function* cost({ costBudget }: WeirConfig): Generator<Complaint> {
  for (const [name, value, most] of [
    ['writesPerEvent', costBudget.writesPerEvent, 100],
    ['usdPerMillionEvents', costBudget.usdPerMillionEvents, 10_000],
  ] as const) {
    if (!(value >= 0.01 && value <= most))
      yield [`costBudget.${name}`, `${show(value)} must be a number from 0.01 to ${most}`];
  }
}

function* recovery({
  repairRetrySeconds,
  recoveryConcurrency,
  testEventRegistry,
  release,
}: WeirConfig): Generator<Complaint> {
  yield* within('repairRetrySeconds', repairRetrySeconds, 60, 3_600);
  yield* within('recoveryConcurrency', recoveryConcurrency, 1, 1_000);
  if (!['create', 'existing', 'none'].includes(testEventRegistry)) {
    yield ['testEventRegistry', `${show(testEventRegistry)} must be create, existing or none`];
  }
  if (!['canary', 'all-at-once'].includes(release)) {
    yield ['release', `${show(release)} must be canary or all-at-once`];
  }
}

/** Days in Glacier Instant Retrieval that AWS charges for at least. */
const LEAST_INSTANT_DAYS = 90;

function* retention(config: WeirConfig): Generator<Complaint> {
  const { archiveTiers, archiveRetentionDays } = config;
  const { instantAfterDays, deepAfterDays } = archiveTiers;
  yield* within('archiveTiers.instantAfterDays', instantAfterDays, 1, 3_650);
  yield* within('archiveTiers.deepAfterDays', deepAfterDays, instantAfterDays + LEAST_INSTANT_DAYS, 7_300);
  if (archiveRetentionDays !== undefined)
    yield* within('archiveRetentionDays', archiveRetentionDays, 90, 36_500);
  yield* within('auditRetentionDays', config.auditRetentionDays, 1, 36_500);
  yield* within('retainRunsDays', config.retainRunsDays, 1, 3_650);
  yield* logs(config);
}

function* logs({ logRetentionDays, accessLogRetentionDays }: WeirConfig): Generator<Complaint> {
  const steps = Object.values(RetentionDays).filter((days) => typeof days === 'number' && days < 9999);
  if (!steps.includes(logRetentionDays)) {
    yield [
      'logRetentionDays',
      `${show(logRetentionDays)} must be one of CloudWatch's steps: ${steps.join(', ')}`,
    ];
  }
  yield* within('accessLogRetentionDays', accessLogRetentionDays, 1, 3_650);
}

function* access({ domain, region, alarmAddresses, logLevel, runbookUrl }: WeirConfig): Generator<Complaint> {
  if (!['DEBUG', 'INFO', 'WARN', 'ERROR'].includes(logLevel)) {
    yield ['logLevel', `${show(logLevel)} must be DEBUG, INFO, WARN or ERROR`];
  }
  for (const address of [...alarmAddresses.page, ...alarmAddresses.ticket]) {
    if (!/^[^@\s]+@[^@\s]+$/.test(address))
      yield ['alarmAddresses', `${show(address)} is not an e-mail address`];
  }
  if (runbookUrl !== undefined && !/^https:\/\/[^\s#]{1,300}$/.test(runbookUrl)) {
    yield ['runbookUrl', `${show(runbookUrl)} must be an https address without #, of at most 300 characters`];
  }
  if (!domain) return;
  if (!/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(domain.name)) {
    yield ['domain.name', `${show(domain.name)} is not a host name such as events.example.com`];
  }
  if (!new RegExp(`^arn:aws[a-z-]*:acm:${region}:\\d{12}:certificate/`).test(domain.certificateArn)) {
    yield [
      'domain.certificateArn',
      `${show(domain.certificateArn)} is not the ARN of an ACM certificate in ${region}`,
    ];
  }
  if (domain.truststoreUri !== undefined && !/^s3:\/\/[^/]+\/.+/.test(domain.truststoreUri)) {
    yield ['domain.truststoreUri', `${show(domain.truststoreUri)} must be s3://bucket/key`];
  }
  yield* certificateOfProbe(domain, region);
}

/** Without it the probe stands before a closed door, and pages for ever. */
function* certificateOfProbe(
  { truststoreUri, probeCertificateArn }: Domain,
  region: string,
): Generator<Complaint> {
  const setting = 'domain.probeCertificateArn';
  if (probeCertificateArn === undefined) {
    if (truststoreUri !== undefined)
      yield [
        setting,
        'is needed with domain.truststoreUri: the secret with the client certificate that the probe shows',
      ];
  } else if (truststoreUri === undefined) {
    yield [setting, 'is for mutual TLS only: leave it out, or name domain.truststoreUri'];
  } else if (
    !new RegExp(`^arn:aws[a-z-]*:secretsmanager:${region}:\\d{12}:secret:.+-\\w{6}$`).test(
      probeCertificateArn,
    )
  ) {
    yield [
      setting,
      `${show(probeCertificateArn)} is not the whole ARN, with its last six characters, of a secret in ${region}`,
    ];
  }
}

function* within(setting: string, value: number, least: number, most: number): Generator<Complaint> {
  if (!Number.isInteger(value) || value < least || value > most) {
    yield [setting, `${show(value)} must be a whole number from ${least} to ${most}`];
  }
}

/** As JSON, so that an empty text or a number given as text can be seen. */
function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
