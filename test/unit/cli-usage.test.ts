import { describe, expect, it } from 'vitest';
import { type Answer, ingestServer } from '../support/ingest-server.ts';
import { weir } from '../support/weir-cli.ts';

const KEY = `wk_${'a'.repeat(43)}`;
const row = (from: string, value: string) => ({
  from: `${from}T00:00:00Z`,
  to: `${from}T23:00:00Z`,
  meter: 'bytes',
  aggregate: 'sum',
  unit: 'By',
  group: 'all',
  dimensions: {},
  value,
});

async function usage(answers: readonly Answer[], args: readonly string[] = []) {
  const { apiUrl, requests } = await ingestServer((_, number) => answers[number - 1] ?? answers.at(-1)!);
  const env = { WEIR_API_URL: apiUrl, WEIR_API_KEY: KEY };
  const ran = await weir(['usage', '--subject', 's/1 &?', '--type', 'network.transfer', ...args], { env });
  return { ...ran, requests };
}

const page = (rows: readonly unknown[], more = {}): Answer => ({
  status: 200,
  body: { asOf: '2026-11-21T10:00:00.000Z', pendingRepairs: 0, rows, ...more },
});

describe('weir usage', () => {
  it('asks for what it was asked, encoded', async () => {
    const { requests, code } = await usage(
      [page([])],
      ['--by', 'day', '--from', '2026-11-01', '--group', 'region=eu'],
    );
    expect(code).toBe(0);
    const url = new URL(requests[0]!.path, 'http://x');
    expect(url.pathname).toBe('/v1/usage');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      subject: 's/1 &?',
      type: 'network.transfer',
      from: '2026-11-01',
      by: 'day',
      group: 'region=eu',
    });
    expect(requests[0]!.headers['x-api-key']).toBe(KEY);
  });

  it('reads all pages, and shows every decimal', async () => {
    const { out, requests } = await usage([
      page([row('2026-11-01', '31130782430.200000001')], { next: 'abc' }),
      page([row('2026-11-02', '-7')], { asOf: '2026-11-21T11:00:00.000Z' }),
    ]);
    expect(requests).toHaveLength(2);
    expect(requests[1]!.path).toContain('next=abc');
    expect(out).toContain('31,130,782,430.200000001');
    expect(out).toContain('-7');
    expect(out).toContain('before 2026-11-21T10:00:00.000Z');
  });

  it('gives programs the rows as they came', async () => {
    const { json } = await usage([page([row('2026-11-01', '1.50')])], ['--json']);
    expect(json()).toMatchObject([{ subject: 's/1 &?', rows: [{ value: '1.50' }], pendingRepairs: 0 }]);
  });

  it('says so where something is missing yet', async () => {
    const { out } = await usage([page([row('2026-11-01', '1')], { asOf: null, pendingRepairs: 2 })]);
    expect(out).toContain('2 ranges of the log wait to be repaired');
  });

  it('asks again when it is told to come back', async () => {
    const { code, requests } = await usage([
      { status: 503, headers: { 'retry-after': '0' }, body: { detail: 'busy' } },
      page([]),
    ]);
    expect(code).toBe(0);
    expect(requests).toHaveLength(2);
  });

  it.each([
    [422, 2],
    [404, 2],
    [401, 3],
    [403, 3],
  ])('passes on what the API says with %i, and exits with %i', async (status, expected) => {
    const { code, err } = await usage([{ status, body: { code: 'x', detail: 'from must be a date' } }]);
    expect(code).toBe(expected);
    expect(err).toContain('from must be a date');
    expect(err).not.toContain(KEY);
  });

  it('draws no bar for what is not above zero, and no NaN', async () => {
    const { out, code } = await usage([
      page([row('2026-11-01', '0'), row('2026-11-02', '-3'), row('2026-11-03', '2')]),
    ]);
    expect(code).toBe(0);
    expect(out.match(/█+/g)).toEqual(['████████████']);
  });
});
