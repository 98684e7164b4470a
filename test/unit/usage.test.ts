import { beforeAll, describe, expect, it } from 'vitest';
import type { Bucket } from '../../lambdas/domain/bucket.ts';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import type { Contract, Contracts } from '../../lambdas/domain/contract.ts';
import { newBucket } from '../../lambdas/domain/evolve.ts';
import type { Head } from '../../lambdas/domain/head-item.ts';
import { testContracts } from '../support/contracts.ts';
import { keyOf } from '../support/memory-credentials.ts';
import { World } from '../support/projector.ts';
import { eventsRecord } from '../support/records.ts';
import { startUsage } from '../support/usage.ts';

const event = (
  id: string,
  time: string,
  value: number,
  more: object = {},
  subject = 'alice',
): CloudEvent => ({
  specversion: '1.0',
  id,
  source: '/m',
  type: 'test.every',
  subject,
  time,
  data: { value, region: 'eu', user: 'u1', ...more },
});

const whole = { subject: 'alice', type: 'test.every', from: '2026-11-20', to: '2026-12-02' };
const world = new World();
beforeAll(async () => {
  const events = [
    event('1', '2026-11-20T23:10:00Z', 0.1, { user: 'u1' }),
    event('2', '2026-11-20T23:20:00Z', 0.2, { user: 'u2' }),
    event('3', '2026-11-21T00:00:00Z', -5, { user: 'u2', region: 'a|b#c' }),
    event('4', '2026-12-01T05:00:00.5Z', 7.25, { user: 'u3' }),
    event('5', '2026-12-01T05:59:59Z', 1, { user: 'u1' }),
    event('6', '2026-11-21T00:00:00Z', 100, {}, 'bob'),
  ];
  await world.deliver([eventsRecord(events)]);
});

const values = (rows: readonly { meter: string; group: string; value: string }[]) =>
  Object.fromEntries(
    rows.map(({ meter, group, value }) => [group === 'all' ? meter : `${meter} ${group}`, value]),
  );

describe('usage', () => {
  it('sums up the whole range exactly, and unites unique values', async () => {
    const { status, json } = await startUsage(world.table).ask(whole);
    expect(status).toBe(200);
    expect(values(json.rows)).toEqual({
      events: '5',
      'total region=eu': '8.55',
      'total region=a%7Cb%23c': '-5',
      least: '-5',
      most: '7.25',
      newest: '1',
      users: '3',
    });
    expect(json).not.toHaveProperty('next');
    const grouped = json.rows.find(({ group }) => group.includes('%'))!;
    expect(grouped).toMatchObject({ dimensions: { region: 'a|b#c' }, aggregate: 'sum', unit: '1' });
    expect(json.rows[0]).toMatchObject({ from: '2026-11-20T00:00:00Z', to: '2026-12-02T00:00:00Z' });
  });

  it.each([
    ['hour', ['2026-11-20T23:00:00Z', '2026-11-21T00:00:00Z', '2026-12-01T05:00:00Z'], ['2', '1', '2']],
    ['day', ['2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z', '2026-12-01T00:00:00Z'], ['2', '1', '2']],
    ['month', ['2026-11-20T00:00:00Z', '2026-12-01T00:00:00Z'], ['3', '2']],
  ])('by %s has a row for each period with usage', async (by, from, counts) => {
    const { json } = await startUsage(world.table).ask({ ...whole, by, meter: 'events', limit: '1000' });
    expect(json.rows.map((row) => row.from)).toEqual(from);
    expect(json.rows.map((row) => row.value)).toEqual(counts);
  });

  it('includes from and excludes to', async () => {
    const range = { ...whole, meter: 'events', from: '2026-11-21T00:00:00Z', to: '2026-12-01T05:00:00Z' };
    const { json } = await startUsage(world.table).ask(range);
    expect(values(json.rows)).toEqual({ events: '1' });
  });

  it('takes any offset of a time, and a "+" that was not encoded', async () => {
    const range = {
      ...whole,
      meter: 'events',
      from: '2026-11-21T00:30:00+00:30',
      to: '2026-11-21T02:00:00 01:00',
    };
    expect(values((await startUsage(world.table).ask(range)).json.rows)).toEqual({ events: '1' });
  });

  it('shows only the groups asked for', async () => {
    const groups = { ...whole, group: ['region=a%7Cb%23c', 'region=nowhere'] };
    const { json } = await startUsage(world.table).ask(groups);
    expect(values(json.rows)).toEqual({ 'total region=a%7Cb%23c': '-5' });
  });

  it('in pages is the same as in one', async () => {
    const { ask } = startUsage(world.table);
    const all = await ask({ ...whole, by: 'hour', limit: '1000' });
    const rows = [];
    let next: string | undefined;
    let pages = 0;
    do {
      const { status, json }: Awaited<ReturnType<typeof ask>> = await ask({
        ...whole,
        by: 'hour',
        limit: '50',
        ...(next !== undefined && { next }),
      });
      expect(status).toBe(200);
      rows.push(...json.rows);
      next = json.next;
      pages += 1;
    } while (next !== undefined);
    expect(rows).toEqual(all.json.rows);
    expect(pages).toBe(6);
  });

  it('of who has none is empty', async () => {
    const { status, json } = await startUsage(world.table).ask({ ...whole, subject: 'nobody' });
    expect([status, json.rows]).toEqual([200, []]);
  });

  it('P6: is that of the tenant of the key, whatever the query says', async () => {
    const usage = startUsage(world.table);
    usage.credentials.put(keyOf('o'), { tenant: 'other' });
    expect((await usage.ask(whole, keyOf('o'))).json.rows).toEqual([]);
    for (const subject of ['#alice', 'acme#alice', 'alice#', '%23alice']) {
      expect((await usage.ask({ ...whole, subject }, keyOf('o'))).json.rows).toEqual([]);
    }
    expect((await usage.ask({ ...whole, tenant: 'acme' }, keyOf('o'))).status).toBe(422);
  });

  it('wants a key with the scope', async () => {
    const usage = startUsage(world.table);
    usage.credentials.put(keyOf('w'), { scopes: ['events:write'] });
    expect((await usage.ask(whole, keyOf('w'))).json.code).toBe('scope-missing');
    expect((await usage.ask(whole, keyOf('u'))).status).toBe(401);
  });

  it('is a 503 where what it needs is down, and says nothing of what that is', async () => {
    const usage = startUsage(world.table);
    usage.progress.fails = true;
    const answer = await usage.ask(whole);
    expect([answer.status, answer.json.code, answer.headers?.['retry-after']]).toEqual([
      503,
      'usage-unavailable',
      '3',
    ]);
    expect(answer.text).not.toContain('kinesis');
  });
});

describe('what is asked wrongly', () => {
  const daily: Contracts = new Map<string, Contract>([
    ['test.daily', { ...testContracts.get('test.sum')!, type: 'test.daily', bucket: 'P1D' }],
    ['test.quarter', { ...testContracts.get('test.sum')!, type: 'test.quarter', bucket: 'PT15M' }],
  ]);
  const queries: [pointer: string, query: Record<string, string | string[]>][] = [
    ['subject', { subject: '' }],
    ['subject', { subject: 'x'.repeat(129) }],
    ['subject', { subject: ['a', 'b'] }],
    ['type', { type: 'no.such' }],
    ['type', { type: '__proto__' }],
    ['meter', { meter: 'no-such' }],
    ['from', { from: 'yesterday' }],
    ['from', { from: '2026-02-30' }],
    ['from', { from: '2026-11-20T00:30:00Z' }],
    ['from', { from: '2026-11-20T00:00:00.000000001Z' }],
    ['to', { to: '2026-11-20' }],
    ['to', { to: '2026-11-19' }],
    ['by', { by: 'week' }],
    ['limit', { limit: '0' }],
    ['limit', { limit: '1001' }],
    ['limit', { limit: '1e2' }],
    ['next', { next: 'AAAA' }],
    ['next', { next: Buffer.from(Date.parse('2026-11-20T00:30:00Z').toString(36)).toString('base64url') }],
    ['form', { form: '2026' }],
  ];
  it.each(queries)('is a 422 that names %s (%o)', async (pointer, query) => {
    const { status, json } = await startUsage(world.table).ask({ ...whole, ...query });
    expect([status, json.code, json.pointer]).toEqual([422, 'invalid-parameter', pointer]);
  });

  it('says how the windows lie', async () => {
    const { json } = await startUsage(world.table).ask({ ...whole, from: '2026-11-20T07:30:00Z' });
    expect(json.detail).toContain('PT1H');
    expect(json.detail).toContain('2026-11-20T07:00:00.000Z');
    expect(json.detail).toContain('2026-11-20T08:00:00.000Z');
  });

  it('as days by hour can not be answered', async () => {
    const { ask } = startUsage(world.table, daily);
    const query = { subject: 's', type: 'test.daily', from: '2026-11-20', to: '2026-11-21' };
    expect((await ask({ ...query, by: 'hour' })).json.pointer).toBe('by');
    expect((await ask({ ...query, by: 'day' })).status).toBe(200);
  });

  it('as one period of too many windows is refused, as many periods it is paged', async () => {
    const { ask } = startUsage(world.table, daily);
    const query = { subject: 's', type: 'test.quarter', from: '2026-01-01', to: '2027-01-01' };
    expect((await ask({ ...query, by: 'total' })).json).toMatchObject({ code: 'too-much', pointer: 'to' });
    const { status, json } = await ask({ ...query, by: 'month' });
    expect([status, json.next === undefined]).toEqual([200, false]);
  });
});

describe('asOf', () => {
  const shard = (shardId: string, open: boolean, ...parents: string[]) => ({
    shardId,
    open,
    parents,
    startingHashKey: '0',
  });
  const at = (minute: number) => `2026-11-21T07:${String(minute).padStart(2, '0')}:00.000Z`;
  const cases: [
    name: string,
    shards: ReturnType<typeof shard>[],
    marks: Record<string, string>,
    asOf: string | null,
  ][] = [
    [
      'is the earliest of the open shards',
      [shard('a', true), shard('b', true)],
      { a: at(5), b: at(3) },
      at(3),
    ],
    ['is unknown before the first mark', [shard('a', true), shard('b', true)], { a: at(5) }, null],
    ['is never later than the list of shards', [shard('a', true)], { a: at(45) }, at(30)],
    [
      'waits for a closed parent',
      [shard('p', false), shard('a', true, 'p'), shard('b', true, 'p')],
      { p: at(2), a: at(5) },
      at(2),
    ],
    [
      'leaves a parent behind once its children have marks',
      [shard('p', false), shard('a', true, 'p'), shard('b', true, 'p')],
      { p: at(2), a: at(5), b: at(6) },
      at(5),
    ],
    [
      'waits for both parents of a merged shard',
      [shard('p', false), shard('q', false), shard('a', true, 'p', 'q')],
      { p: at(4), q: at(1) },
      at(1),
    ],
    [
      'waits for grandparents',
      [shard('g', false), shard('p', false, 'g'), shard('a', true, 'p')],
      { g: at(1) },
      at(1),
    ],
    ['is unknown for a shard whose parents have gone', [shard('a', true, 'gone')], {}, null],
    ['is unknown where there is no shard', [], {}, null],
  ];
  it.each(cases)('%s', async (_, shards, marks, expected) => {
    const usage = startUsage(world.table);
    Object.assign(usage.progress, { list: shards, passed: marks });
    expect((await usage.ask(whole)).json.asOf).toBe(expected);
  });

  it('is null while a repair is pending, and says how many', async () => {
    const usage = startUsage(world.table);
    usage.progress.pending = 2;
    expect((await usage.ask(whole)).json).toMatchObject({ asOf: null, pendingRepairs: 2 });
  });
});

describe('much usage', () => {
  const hours = (count: number) =>
    Array.from({ length: count }, (_, hour) => `2026-11-21T${String(hour).padStart(2, '0')}`);
  const headOf = (window: string, changes: Partial<Bucket>): Head => ({
    key: { tenant: 'acme', subject: 'alice', type: 'test.every', window },
    v: 1,
    bucket: { ...newBucket(1, 1), n: 1, ...changes },
    upTo: '',
    touched: '',
  });
  const day = { ...whole, from: '2026-11-21', to: '2026-11-22' };

  async function askAll(ask: ReturnType<typeof startUsage>['ask'], query: Record<string, string>) {
    const answers = [await ask(query)];
    for (let next = answers[0]!.json.next; next !== undefined; next = answers.at(-1)!.json.next)
      answers.push(await ask({ ...query, next }));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    return answers;
  }

  it('is paged before an answer is larger than Lambda returns', async () => {
    const { ask, usage } = startUsage(world.table);
    const groups = Array.from({ length: 800 }, (_, group) => `region=${group}${'"'.repeat(120)}`);
    const meters = new Map([['total', new Map(groups.map((group) => [group, { units: 1n }]))]]);
    const heads = hours(10).map((window) => headOf(window, { meters }));
    usage.heads = async ({ first }) => ({
      heads: heads.filter(({ key }) => key.window >= first),
      cut: false,
    });
    const answers = await askAll(ask, { ...day, by: 'hour' });
    for (const { text } of answers) expect(JSON.stringify(text).length).toBeLessThan(4_500_000);
    expect(answers.flatMap(({ json }) => json.rows)).toHaveLength(8_000);
  });

  it('is paged where the heads are too large to be read at once', async () => {
    const { ask, usage } = startUsage(world.table);
    const read = usage.heads.bind(usage);
    const hourly = { ...whole, by: 'hour', limit: '1000' };
    const [all] = await askAll(ask, hourly);
    usage.heads = (range) => read(range, 1);
    const paged = await askAll(ask, hourly);
    expect(paged).toHaveLength(3);
    expect(paged.flatMap(({ json }) => json.rows)).toEqual(all!.json.rows);
  });

  it('of one period that is too large to be read at once is refused, never cut', async () => {
    const { ask, usage } = startUsage(world.table);
    const read = usage.heads.bind(usage);
    usage.heads = (range) => read(range, 1);
    expect((await ask(whole)).json).toMatchObject({ code: 'too-much', pointer: 'to' });
  });

  it('reads the pages of a few buckets at a time', async () => {
    const { ask, usage } = startUsage(world.table);
    const meters = new Map([['users', new Map([['all', { units: 1n }]])]]);
    const heads = hours(24).map((window) => headOf(window, { meters, tail: 'page' }));
    usage.heads = async () => ({ heads, cut: false });
    let reading = 0;
    let most = 0;
    usage.pages = async (key) => {
      reading += 1;
      most = Math.max(most, reading);
      await new Promise((resolve) => setImmediate(resolve));
      reading -= 1;
      const hash = Buffer.alloc(16, Number(key.window.slice(-2)));
      return [{ key: 'page', ids: Buffer.alloc(0), values: new Map([['users', new Map([['all', hash]])]]) }];
    };
    expect(values((await ask({ ...day, meter: 'users' })).json.rows)).toEqual({ users: '24' });
    expect(most).toBe(8);
  });
});
