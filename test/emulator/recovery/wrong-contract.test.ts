import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contractsWith, deployContracts } from '../../support/deploy-contracts.ts';
import { deployed } from '../../support/deployed.ts';
import { bucketsOf, drained, newSender, reading, type Sender, sendAll } from '../../support/pipeline.ts';
import { meaningOf } from '../../support/recovery.ts';
import { type Ran, weir } from '../../support/weir-cli.ts';

const TYPE = 'cooling.power';
const HOUR = 3_600_000;
/** Start of the hour before last: then the wrong contract came into force. */
const wrongSince = Math.floor(Date.now() / HOUR) * HOUR - 2 * HOUR;
const at = (ms: number) => new Date(ms).toISOString();
const meter = (value: string) => [
  { name: 'energy', aggregate: 'sum', value, scale: 3, unit: 'W.h' },
  { name: 'readings', aggregate: 'count' },
];
const first = { from: '2026-01-01T00:00:00Z', meters: meter('/energy') };
const wrong = { from: at(wrongSince).replace('.000', ''), meters: meter('/seconds') };
const right = { ...first, from: wrong.from, replaces: 2 };

const contract = (...revisions: object[]) => ({
  [TYPE]: {
    'contract.json': {
      ...{ type: TYPE, owner: 'team-cooling@example.com', current: 1, compatibility: 'BACKWARD' },
      ...{ priority: 'standard', bucket: 'PT1H', late: 'P35D', early: 'PT5M', revisions },
    },
    'v1.schema.json': {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['energy', 'seconds'],
      properties: { energy: { type: 'number' }, seconds: { type: 'number' } },
    },
    'examples/valid/one.json': { energy: 1.5, seconds: 60 },
    'examples/invalid/none.json': {},
  },
});

let sender: Sender;
const folders: string[] = [];
const release = async (...revisions: object[]) => {
  const folder = await contractsWith(contract(...revisions));
  folders.push(dirname(folder));
  return folder;
};

beforeAll(async () => {
  sender = await newSender('cooling');
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** The operator at the CLI, with all that a run needs said. */
async function operator(...args: string[]): Promise<Ran> {
  const { endpoint } = deployed();
  const ran = await weir(
    [...args, '--operator', 'ana', '--reason', 'energy is 40 times what it was', '--json'],
    {
      env: { AWS_ENDPOINT_URL: endpoint },
    },
  );
  expect(ran.code, `${args.join(' ')}\n${ran.err}\n${ran.out}`).toBeLessThan(2);
  return ran;
}

const power = (subject: string, hour: number, index: number) =>
  reading(subject, 0, {
    type: TYPE,
    time: at(wrongSince + hour * HOUR + index * 60_000),
    data: { energy: index + 0.125, seconds: 60 },
  });
const energy = (events: readonly { data?: unknown }[]) =>
  events.reduce((sum, { data }) => sum + (data as { energy: number }).energy, 0);

describe('a wrong contract, in force for an hour', () => {
  it('from detection through preview and rebuild to totals that a statement may stand on', async () => {
    // Before: a good revision. Then one whose meter reads the wrong field.
    await deployContracts(await release(first));
    const before = Array.from({ length: 20 }, (_, index) => power('rack-1', -1, index));
    await sendAll(sender.apiKey, before);
    await drained();
    await deployContracts(await release(first, wrong));
    const during = ['rack-1', 'rack-2'].flatMap((subject) =>
      Array.from({ length: 30 }, (_, index) => power(subject, 0, index)),
    );
    await sendAll(sender.apiKey, during);
    await drained();
    const billed = async () =>
      Object.fromEntries(
        [...(await bucketsOf(sender.tenant, TYPE))].map(([key, { head }]) => [
          key.split(' ')[0] + (key.includes(at(wrongSince).slice(0, 13)) ? '' : ' before'),
          (head.m as { energy: { all: string } }).energy.all,
        ]),
      );
    expect(await billed()).toEqual({
      'rack-1 before': String(energy(before)),
      'rack-1': '1800',
      'rack-2': '1800',
    });

    // Detected. The correction is previewed before it is deployed: nothing changes yet.
    const corrected = await release(first, wrong, right);
    const range = ['--tenant', sender.tenant, '--types', TYPE];
    const preview = await operator('preview', ...range, '--contracts', corrected);
    expect(preview.code).toBe(1);
    expect(preview.out).toContain('"1800"');
    expect(preview.out).toContain(String(energy(during) / 2));
    expect((await billed())['rack-1']).toBe('1800');

    // Deployed: new buckets are right at once, the wrong ones as they were.
    await deployContracts(corrected);
    const late = [power('rack-1', 0, 31), power('rack-3', 0, 1)];
    await sendAll(sender.apiKey, late);
    await drained();
    expect(await billed()).toMatchObject({ 'rack-1': '1860', 'rack-2': '1800', 'rack-3': '1.125' });

    // Rebuilt: every bucket by the revision that replaces the wrong one.
    const rebuild = await operator(
      'rebuild',
      ...range,
      '--yes',
      '--request-id',
      `cooling-${randomUUID().slice(0, 8)}`,
    );
    expect(rebuild.code).toBe(0);
    const statement = {
      'rack-1 before': String(energy(before)),
      'rack-1': String(energy(during) / 2 + 31.125),
      'rack-2': String(energy(during) / 2),
      'rack-3': '1.125',
    };
    expect(await billed()).toEqual(statement);

    // Proved: archive and state agree, nothing is left to change, and it goes on by the right revision.
    expect((await operator('reconcile', ...range)).code).toBe(0);
    expect((await operator('preview', ...range)).code).toBe(0);
    await sendAll(sender.apiKey, [power('rack-2', 0, 40), ...during]);
    await drained();
    expect(await billed()).toEqual({ ...statement, 'rack-2': String(energy(during) / 2 + 40.125) });
    expect(Object.keys(await meaningOf(sender.tenant, TYPE))).toHaveLength(4);
  });
});
