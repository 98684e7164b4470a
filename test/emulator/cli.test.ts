import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APIGatewayClient, GetApiKeysCommand } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Profile, readProfile } from '../../cli/platform/profile.ts';
import { readOutputs } from '../../cli/platform/stack-outputs.ts';
import { ProducerStore } from '../../cli/producers/producer-store.ts';
import { DynamoCredentials } from '../../lambdas/adapters/dynamo-credentials.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';
import { writeProfile } from '../../scripts/start/make-demo.ts';
import { describeProducerStoreContract } from '../contract/producer-store.ts';
import { deployed } from '../support/deployed.ts';
import { eventually } from '../support/localstack.ts';
import { emptyFolder, weir } from '../support/weir-cli.ts';

/** A tenant of this run's own: the LocalStack may be shared with other test files. */
const tenant = `cli-${Date.now().toString(36)}`;
const env = { AWS_ENDPOINT_URL: deployed().endpoint };
const aws = {
  endpoint: deployed().endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
const hour = (ms: number) => `${new Date(ms).toISOString().slice(0, 13)}:00:00Z`;
/** By API Gateway or by the function, whichever hears of it first. */
const REFUSED = [401, 403];
const started = new Date().toISOString();
const names = ['--tenant', tenant, '--producer', 'meters'];
let key: string;

async function add(...more: string[]): Promise<Record<string, unknown>> {
  const { json, code, err } = await weir(['producers', 'add', '--json', '--tenant', tenant, ...more], {
    env,
  });
  expect(code, err).toBe(0);
  return json()[0]!;
}

function event(id: string, bytes: string, more = {}): string {
  const attributes = {
    specversion: '1.0',
    id,
    source: '/cli-test',
    type: 'network.transfer',
    subject: 'box-1',
    time: new Date().toISOString(),
    ...more,
  };
  return `${JSON.stringify(attributes).slice(0, -1)},"data":{"bytes":${bytes}}}`;
}

beforeAll(async () => {
  const granted = ['--types', 'network.*,disk.write', '--scopes', 'events:write,usage:read'];
  key = (await add('--producer', 'meters', ...granted)).key as string;
});

describeProducerStoreContract(
  'DynamoDB',
  () => new ProducerStore(new DynamoDBClient(aws), deployed().ControlTable),
  tenant,
);

describe('from a key to a number', () => {
  it('sends, counts exactly once, and shows what was refused and why', async () => {
    const lines = [
      event('a', '0.1'),
      event('b', '0.2'),
      event('a2', '-5'),
      event('c', '1', { type: 'nope.at.all' }),
    ];
    const withKey = { env: { ...env, WEIR_API_KEY: key }, stdin: [...lines, lines[0]!].join('\n') };
    const sent = await weir(['send', '-', '--json'], withKey);
    expect(sent.code, sent.err).toBe(1);
    const refusals = sent.json().filter((value) => 'notAccepted' in value);
    expect(refusals.map(({ notAccepted }) => (notAccepted as { line: number }).line).toSorted()).toEqual([
      3, 4,
    ]);
    expect(sent.json().at(-1)).toMatchObject({ summary: { accepted: 3, judged: 5 } });

    const span = ['--from', hour(Date.now() - 3_600_000), '--to', hour(Date.now() + 3_600_000)];
    const rows = await eventually('the usage', async () => {
      const usage = await weir(
        ['usage', '--subject', 'box-1', '--type', 'network.transfer', ...span, '--json'],
        withKey,
      );
      expect(usage.code, usage.err).toBe(0);
      const [answer] = usage.json() as { rows: { meter: string; value: string }[] }[];
      return answer!.rows.some(({ value }) => value === '0.3') ? answer!.rows : undefined;
    });
    expect(Object.fromEntries(rows.map(({ meter, value }) => [meter, value]))).toEqual({
      bytes: '0.3',
      readings: '2',
      peak: '0.2',
    });
  });

  it('lists quarantine with exact counts, and says what to do', async () => {
    const causes = await eventually('both causes counted', async () => {
      const { json } = await weir(['quarantine', 'list', '--tenant', tenant, '--json'], { env });
      const found = json() as { code: string; count: number; fingerprint: string }[];
      return found.length === 2 && found.every(({ count }) => count > 0) ? found : undefined;
    });
    expect(causes.map(({ code, count }) => [code, count]).toSorted()).toEqual([
      ['contract-violation', 1],
      ['unknown-type', 1],
    ]);
    const violation = causes.find(({ code }) => code === 'contract-violation')!;
    const shown = await weir(['quarantine', 'show', violation.fingerprint.slice(0, 10)], { env });
    expect(shown.code, shown.err).toBe(0);
    expect(shown.out).toContain('"bytes": -5');
    expect(shown.out).toContain('What to do: ');
    expect((await weir(['quarantine', 'show', 'ffffffffffff'], { env })).code).toBe(1);
  });
});

describe('F10 the life of a key', () => {
  const knock = (with_: string) =>
    fetch(`${deployed().apiUrl}/v1/contracts`, { headers: { 'x-api-key': with_ } }).then(
      ({ status }) => status,
    );

  it('two keys are live during a rotation; a revoked one is refused', async () => {
    const first = (await add('--producer', 'turning', '--types', 'network.*')).key as string;
    const rotated = await weir(
      ['producers', 'rotate', '--tenant', tenant, '--producer', 'turning', '--overlap', '1h', '--json'],
      { env },
    );
    const second = rotated.json()[0]!;
    expect(await knock(first)).toBe(200);
    expect(await knock(second.key as string)).toBe(200);
    const third = await weir(['producers', 'rotate', '--tenant', tenant, '--producer', 'turning'], { env });
    expect(third.code).toBe(1);

    const revoked = await weir(
      ['producers', 'revoke', '--tenant', tenant, '--producer', 'turning', '--all'],
      { env },
    );
    expect(revoked.code, revoked.err).toBe(0);
    // API Gateway's copy is gone, so the key does not even reach a function that remembers it.
    expect(REFUSED).toContain(await knock(first));
    expect(REFUSED).toContain(await knock(second.key as string));
  });

  it('ingest reads what the CLI has written', async () => {
    const granted = ['--types', 'network.*,disk.write', '--scopes', 'usage:read', '--expires', '2d'];
    const made = await add('--producer', 'read', ...granted);
    const credentials = new DynamoCredentials(new DynamoDBClient(aws), deployed().ControlTable);
    expect(await credentials.find(hash('sha256', made.key as string))).toEqual({
      tenant,
      producer: 'read',
      types: ['network.*', 'disk.write'],
      scopes: ['usage:read'],
      status: 'active',
      keyId: made.keyId,
      expiresMs: Date.parse(made.expires as string),
    });
  });

  it('a key that has expired is refused, and the list says so', async () => {
    const { key: short } = await add('--producer', 'short', '--types', 'disk.write', '--expires', '0');
    expect(await knock(short as string)).toBe(401);
    const { out } = await weir(['producers', 'list', '--tenant', tenant], { env });
    expect(out).toMatch(/short .* ended /);
    expect(out).not.toContain(short as string);
  });

  it('adding twice is refused and leaves no second key at API Gateway', async () => {
    const again = await weir(['producers', 'add', ...names, '--types', '*'], { env });
    expect(again.code).toBe(1);
    const gateway = new APIGatewayClient(aws);
    const { items = [] } = await gateway.send(new GetApiKeysCommand({ nameQuery: `weir/${tenant}/meters/` }));
    expect(items).toHaveLength(1);
  });

  it('two rotations at once end as one', async () => {
    await add('--producer', 'raced', '--types', 'network.*');
    const rotate = () =>
      weir(['producers', 'rotate', '--tenant', tenant, '--producer', 'raced', '--overlap', '1h'], { env });
    const codes = (await Promise.all([rotate(), rotate()])).map(({ code }) => code);
    expect(codes.toSorted()).toEqual([0, 1]);
    const store = new ProducerStore(new DynamoDBClient(aws), deployed().ControlTable);
    expect((await store.find(tenant, 'raced'))?.keys).toHaveLength(2);
  });
});

describe('recovery', () => {
  it('proves, compares, and shows what was asked, to programs and to people', async () => {
    const folder = emptyFolder();
    const run = (...args: string[]) => weir(args, { env, cwd: folder });
    const by = ['--operator', 'ana', '--reason', 'month end'];
    const requestId = `${tenant}-verify`;

    const range = ['--from', started, '--request-id', requestId];
    const verified = await run('verify', '--certificate', '--out', 'proof.json', ...range, ...by, '--json');
    expect(verified.code, verified.err + verified.out).toBe(0);
    expect(verified.json()).toContainEqual(expect.objectContaining({ certificate: 'proof.json' }));
    const checked = await run('verify', '--check', 'proof.json', '--json');
    expect([checked.code, checked.json()]).toEqual([
      0,
      [expect.objectContaining({ whole: true, problems: [], verdict: 'complete' })],
    ]);
    expect((await run('verify', '--check', 'proof.json')).out).toMatch(/│ counted +│ +\d/);
    const proof = readFileSync(join(folder, 'proof.json'), 'utf8');
    writeFileSync(join(folder, 'forged.json'), proof.replace(/"counted": ?\d+/, '"counted":1000000'));
    expect(await run('verify', '--check', 'forged.json')).toMatchObject({
      code: 1,
      out: expect.stringContaining("forged.json can't be relied upon."),
    });

    const compared = await run('reconcile', '--tenant', tenant, '--request-id', `${tenant}-compare`, ...by);
    expect(compared.code, compared.err + compared.out).toBe(0);
    expect(compared.out).toMatch(new RegExp(`^${tenant}-compare: done in \\d`, 'm'));
    expect(compared.out).toMatch(/│ buckets +│ +[1-9]/);

    const listed = (await run('runs', 'list', '--json')).json() as unknown as Run[];
    const ours = listed.filter(({ request }) => request.requestId.startsWith(`${tenant}-`));
    expect(ours.map(({ request }) => [request.requestId, request.operator])).toEqual([
      [`${tenant}-compare`, 'ana'],
      [requestId, 'ana'],
    ]);
    expect((await run('runs', 'list')).out).toMatch(
      new RegExp(`│ ${tenant}-compare +│ reconcile +│ done +│ +1 `),
    );
    const shown = await run('runs', 'show', requestId, '--json');
    expect(shown.json()).toMatchObject([
      { run: { request: { requestId }, status: 'done' }, audit: [{ what: 'started' }, { what: 'finished' }] },
    ]);
    expect((await run('runs', 'show', requestId)).out).toMatch(/│ +1 +│ started +│ ana +│ month end +│/);
  });
});

describe('weir doctor', () => {
  function profileWith(apiKey: string): {
    readonly folder: string;
    readonly path: string;
    readonly profile: Profile;
  } {
    const folder = emptyFolder();
    const path = join(folder, '.weir', 'local.json');
    const outputs = readOutputs(new Map(Object.entries(deployed())), deployed().endpoint);
    const profile = {
      ...outputs,
      endpoint: deployed().endpoint,
      region: 'us-east-1',
      apiKey,
      tenant,
      producer: 'meters',
    };
    writeProfile(path, profile);
    return { folder, path, profile };
  }

  it('finds nothing wrong with what was just deployed', async () => {
    const { folder, path, profile } = profileWith(key);
    expect(readProfile(path)).toEqual(profile);
    await new LambdaClient(aws).send(new InvokeCommand({ FunctionName: profile.markFunction }));
    const findings = await eventually('a healthy deployment', async () => {
      const { json } = await weir(['doctor', '--json', '--tenant', tenant], { cwd: folder });
      // Other test files leave runs that found what they were to find.
      const bad = json().filter(({ state, check }) => state === 'bad' && check !== 'reconcile');
      return bad.length === 0 ? json() : undefined;
    });
    expect(findings.map(({ check }) => check)).toEqual([
      ...['API', 'key', 'stacks', 'table', 'table', 'log', 'projector', 'archive'],
      ...['counting', 'archiving', 'quarantine', 'probe', 'repairs', 'anchors', 'reconcile'],
    ]);
  });

  it('finds a key that is no good, and says what to do', async () => {
    const { folder } = profileWith(`wk_${'x'.repeat(43)}`);
    const { code, json } = await weir(['doctor', '--json', '--tenant', tenant], { cwd: folder });
    expect(code).toBe(1);
    expect(json()).toContainEqual({
      state: 'bad',
      check: 'key',
      detail: expect.stringMatching(/^refused \(40[13]\)$/),
      next: expect.stringContaining('producers'),
    });
  });

  it('names the stack where there is none', async () => {
    const { code, err } = await weir(['producers', 'list', '--name', 'nobody'], { env });
    expect(code).toBe(3);
    expect(err).toContain('There is no stack Nobody-');
  });
});
