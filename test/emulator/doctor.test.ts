import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../cli/doctor/finding.ts';
import { slosOf } from '../../lib/observability/slos.ts';
import { deployed } from '../support/deployed.ts';
import { emptyFolder, type Ran, weir } from '../support/weir-cli.ts';

const env = { AWS_ENDPOINT_URL: deployed().endpoint };
const aws = {
  ...{ endpoint: deployed().endpoint, region: 'us-east-1' },
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
const findings = ({ json }: Ran) => json() as unknown as (Finding & Record<string, unknown>)[];
const about = (ran: Ran, check: string) => findings(ran).filter((finding) => finding.check === check);

/** A check that could not be made is a finding called after its group, with the error as its detail. */
const GROUPS = /^(release|held|protection|alerting|capacity|proofs|recovery|watched|flow|storage)$/;

describe('weir doctor --release', () => {
  it('tells every error budget, and shuts where nobody knows whether the probe goes round (F4)', async () => {
    const ran = await weir(['doctor', '--release', '--json'], { env });
    expect(ran.code, ran.err).toBe(1);
    const names = about(ran, 'budget').map(({ detail }) => detail.split(' ')[0]);
    expect(names).toEqual(slosOf({ retentionHours: 168, gatherSeconds: 0 }).map(({ id }) => id));
    expect(findings(ran).filter(({ check }) => GROUPS.test(check))).toEqual([]);
    expect(about(ran, 'deploys').map(({ state }) => state)).toEqual(['good']);
  });

  it('is spent by what CloudWatch has counted, and overridden only into the audit', async () => {
    const count = (service: string, name: string, Value: number) => ({
      ...{ MetricName: name, Value, Dimensions: [{ Name: 'service', Value: service }] },
      Timestamp: new Date(Date.now() - 10 * 24 * 3_600_000),
    });
    await new CloudWatchClient(aws).send(
      new PutMetricDataCommand({
        Namespace: 'Weir/weir',
        MetricData: [count('archive', 'archivedEvents', 1e9), count('archive', 'archivedLate', 2e5)],
      }),
    );
    const ran = await weir(['doctor', '--release', '--json', '--override', 'a drill'], { env });
    expect(ran.code, ran.err).toBe(0);
    const archived = about(ran, 'budget').find(({ detail }) => detail.startsWith('archived'))!;
    expect(archived).toMatchObject({ state: 'bad', next: expect.stringContaining('The promise is broken') });
    const { overridden } = findings(ran).at(-1) as unknown as { overridden: { entry: string } };
    const { Body } = await new S3Client({ ...aws, forcePathStyle: true }).send(
      new GetObjectCommand({ Bucket: deployed().AuditBucket, Key: overridden.entry }),
    );
    expect(JSON.parse(await Body!.transformToString())).toMatchObject({
      reason: 'a drill',
      findings: expect.arrayContaining([{ ...archived }]),
    });
  });
});

describe('weir doctor --production', () => {
  it('can make every check, and says of a local stack what it is not', async () => {
    const ran = await weir(['doctor', '--production', '--json'], { env });
    expect(ran.code, ran.err).toBe(1);
    expect(findings(ran).filter(({ check, state }) => GROUPS.test(check) && state === 'bad')).toEqual([]);
    const states = (check: string) => [...new Set(about(ran, check).map(({ state }) => state))];
    // Thrown away with its folder, and nobody is woken by it; backups and the end of logs are AWS's to keep.
    for (const check of ['deletion', 'stacks', 'pages', 'backups', 'logs'])
      expect(states(check), check).toContain('bad');
    for (const check of ['archive', 'audit', 'plans']) expect(states(check), check).toEqual(['good']);
    expect(states('canary')).toEqual(['note']);
    for (const { state, next } of findings(ran)) if (state === 'bad') expect(next).toMatch(/\w/);
  });
});

it('weir doctor --preproduction looks at alarms and dashboards as well', async () => {
  const ran = await weir(['doctor', '--preproduction', '--json'], { env });
  expect(about(ran, 'dashboards')).toHaveLength(1);
  expect(findings(ran).some(({ check }) => /^alarms?$/.test(check))).toBe(true);
});

it('weir incident collects everything that there is', async () => {
  const cwd = emptyFolder();
  const ran = await weir(['incident', '--since', '1h', '--out', 'inc', '--json'], { env, cwd });
  expect(ran.code, `${ran.err}${ran.out}`).toBe(0);
  const read = (path: string) => JSON.parse(readFileSync(join(cwd, 'inc', path), 'utf8'));
  const versions = read('versions.json') as { name: string; build?: string }[];
  expect(versions.find(({ name }) => name === 'weir-ingest')).toMatchObject({
    build: expect.stringMatching(/\w/),
  });
  expect((read('alarms.json') as { id: string }[]).map(({ id }) => id)).toContain('consumers-behind');
  expect(read('error-budgets.json')).toHaveLength(slosOf({ retentionHours: 168, gatherSeconds: 0 }).length);
  for (const file of ['README.md', 'timeline.md', 'postmortem.md', 'control.json', 'metrics/charts.svg'])
    expect(existsSync(join(cwd, 'inc', file)), file).toBe(true);
});

it('weir cost counts what CloudWatch has, and does not invent the rest', async () => {
  const ran = await weir(['cost', '--since', '1h', '--json'], { env });
  expect([0, 1]).toContain(ran.code);
  expect(ran.json()[0]!.quantities).not.toHaveProperty('apiRequests');
  expect(ran.json()[0]).toMatchObject({
    standing: expect.arrayContaining([{ what: 'Kinesis shard hours', quantity: 2, usd: 0.03 }]),
  });
});
