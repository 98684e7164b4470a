import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectParts } from '../../cli/incident/collect.ts';
import { readLine } from '../../cli/incident/collect-logs.ts';
import { incident } from '../../cli/incident/command.ts';
import { drawCharts } from '../../cli/incident/draw-charts.ts';
import { jsonFile, MAX_FILE_BYTES } from '../../cli/incident/part.ts';
import type { IncidentPorts } from '../../cli/incident/ports.ts';
import { packTar } from '../../cli/incident/tar.ts';
import { CliError } from '../../cli/platform/errors.ts';
import { Output } from '../../cli/platform/output.ts';
import type { Cause } from '../../cli/quarantine/read-quarantine.ts';
import { type Control, NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import { AlarmList } from '../support/alarm-list.ts';
import { MetricTable } from '../support/metric-table.ts';
import { RecoveryDesk } from '../support/recovery-desk.ts';
import { emptyFolder } from '../support/weir-cli.ts';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const SECRET = 'wk_plantedplantedplanted';

/** Ports with something of everything. What must not be found in a bundle holds SECRET. */
function ports(): IncidentPorts & { alarms: AlarmList; desk: RecoveryDesk } {
  const alarms = new AlarmList().add('consumers-behind', { state: 'ALARM' }).add('quiet');
  alarms.changes.push(
    { id: 'consumers-behind', at: '2026-11-21T11:05:00.000Z', summary: 'Alarm updated from OK to ALARM' },
    { id: 'old', at: '2026-11-20T11:05:00.000Z', summary: 'long ago' },
  );
  const desk = new RecoveryDesk();
  desk.put({
    request: { requestId: 'replay-1', verb: 'replay', operator: 'ann|\nbob', reason: 'lost <b>' },
    status: 'done',
    ...{ startedAt: '2026-11-21T11:30:00.000Z', endedAt: '2026-11-21T11:40:00.000Z' },
  });
  desk.put({
    request: { requestId: 'old', verb: 'verify' },
    status: 'done',
    startedAt: '2026-11-19T00:00:00.000Z',
  });
  const control: Control = {
    ...NO_CONTROL,
    v: 2,
    level: 'bulk',
    at: '2026-11-21T11:06:00.000Z',
    by: 'guard',
    reason: 'lag',
  };
  const cause = { tenant: 'acme', fingerprint: 'f1', producer: 'p', type: 't', code: 'c', count: 7 };
  const lines = [
    JSON.stringify({ level: 'ERROR', message: 'part of the batch was not projected', error: { name: 'X' } }),
    JSON.stringify({ level: 'INFO', message: 'all well' }),
    JSON.stringify({
      level: 'ERROR',
      message: { errorType: 'TypeError', errorMessage: SECRET, stackTrace: ['at x'] },
    }),
    `plain text with ${SECRET}`,
  ];
  return {
    ...{ name: 'weir', now: NOW, alarms, desk, runs: desk.runs },
    metrics: new MetricTable().set('accepted Sum', 5, 9, 2).set('5XXError Sum', 1),
    deployment: async () => ({ retentionHours: 168, gatherSeconds: 0 }),
    slos: async () => [],
    logs: {
      send: async ({ input }: { input: { logGroupName: string } }) =>
        input.logGroupName.endsWith('project')
          ? { events: lines.map((message) => ({ timestamp: NOW - 1000, message })) }
          : {},
    } as never,
    functions: async () =>
      ['weir-project', 'weir-ingest'].map((name) => {
        return { name, codeSha256: 'abc', build: 'b1', modified: '', memoryMb: 256, timeoutSeconds: 30 };
      }),
    deploys: async () => [
      { at: '2026-11-21T11:00:00.000Z', build: 'b1' },
      { at: '2026-11-20T11:00:00.000Z', build: 'b0' },
    ],
    control: async () => control,
    controlHistory: async () => [control],
    causes: async function* () {
      yield { ...cause, sample: SECRET, days: [], first: '', last: '' } as unknown as Cause;
    },
    operator: async () => 'ann',
  };
}

function use(cwd: string, { json = false, interrupted = new AbortController().signal } = {}) {
  const said: string[] = [];
  const host = {
    ...{ env: {}, cwd, interrupted, stdin: undefined as never },
    stdout: { write: (text: string) => said.push(text) },
    stderr: { write: () => {} },
  };
  return { said, use: { host, output: new Output(host, { json }), target: () => ({}) as never } };
}

const TWO_HOURS = 2 * 3_600_000;

async function collect(changed: Partial<IncidentPorts> = {}, options: Parameters<typeof use>[1] = {}) {
  const cwd = emptyFolder();
  const world = use(cwd, options);
  const code = await incident({ since: TWO_HOURS, out: 'inc' }, { ...ports(), ...changed }, world.use);
  const read = (path: string) => readFileSync(join(cwd, 'inc', path), 'utf8');
  return { code, cwd, read, said: world.said.join('') };
}

const everything = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');

describe('weir incident', () => {
  it('tells what has happened in this time, in its order', async () => {
    const { code, read } = await collect();
    expect(code).toBe(0);
    const timeline = JSON.parse(read('timeline.json')) as { at: string; what: string }[];
    expect(timeline.map(({ at, what }) => `${at.slice(11, 16)} ${what}`)).toEqual([
      '11:00 deploy',
      '11:05 alarm',
      '11:06 control',
      '11:30 run',
      '11:40 run',
    ]);
    expect(read('timeline.md')).toContain('| replay-1 began, by ann bob: lost &lt;b> |');
  });

  it('begins a postmortem with times and names', async () => {
    const { read } = await collect();
    const page = read('postmortem.md');
    expect(page).toContain('| first alarm | 2026-11-21T11:05:00.000Z: consumers-behind');
    expect(page).toContain('| still open | consumers-behind |');
    expect(page).toContain('| deployed in this time | 2026-11-21T11:00:00.000Z |');
    expect(page).toContain('- consumers-behind: consumers-behind hurts');
  });

  it('holds figures, and a picture of them', async () => {
    const { read } = await collect();
    const [head, ...rows] = read('metrics/metrics.csv').trimEnd().split('\n');
    expect(head).toContain('"Events at the door: accepted"');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^2026-11-21T10:00:00\.000Z,/);
    expect(read('metrics/charts.svg')).toMatch(/^<svg .*<polyline .*<\/svg>\n$/s);
    expect(JSON.parse(read('versions.json'))).toHaveLength(2);
  });

  it('holds errors and what is held back, and no payload (F7)', async () => {
    const { cwd, read } = await collect();
    const lines = read('logs/weir-project.ndjson').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: 'part of the batch was not projected' },
      { error: { errorType: 'TypeError', stackTrace: ['at x'] } },
      { left: expect.stringContaining('no JSON') },
    ]);
    expect(JSON.parse(read('quarantine.json'))).toMatchObject([{ fingerprint: 'f1', count: 7 }]);
    expect(everything(join(cwd, 'inc'))).not.toContain(SECRET);
  });

  it('goes on without what can not be collected, and says so', async () => {
    const broken = async () => {
      throw new Error('the table does not answer');
    };
    const { code, read, said } = await collect({ functions: broken, control: broken });
    expect(code).toBe(1);
    expect(read('README.md')).toMatch(/\| control \| \*\*missing\*\*: Error: the table does not answer \|/);
    expect(read('README.md')).toMatch(/\| metrics \| \d+ of/);
    expect(said).toMatch(/✗ versions/);
  });

  it('keeps what it has when it is interrupted', async () => {
    const interrupt = new AbortController();
    const runs = {
      latest() {
        interrupt.abort();
        return new RecoveryDesk().runs.latest();
      },
    };
    const { code, read } = await collect({ runs }, { interrupted: interrupt.signal });
    expect(code).toBe(130);
    expect(read('alarms.json')).toContain('consumers-behind');
    expect(read('README.md')).toMatch(/\| logs \| \*\*missing\*\*: interrupted/);
  });

  it('says with --json where everything is', async () => {
    const { said } = await collect({}, { json: true });
    expect(JSON.parse(said)).toMatchObject({
      out: 'inc',
      from: '2026-11-21T10:00:00.000Z',
      parts: expect.arrayContaining([{ part: 'runs', summary: '1 runs' }]),
      files: expect.arrayContaining([{ path: 'postmortem.md', bytes: expect.any(Number) }]),
    });
  });

  it('can be read by its writer only, and is never written over', async () => {
    const { cwd } = await collect();
    expect(statSync(join(cwd, 'inc')).mode & 0o777).toBe(0o700);
    expect(statSync(join(cwd, 'inc', 'runs.json')).mode & 0o777).toBe(0o600);
    const again = incident({ since: TWO_HOURS, out: 'inc' }, ports(), use(cwd).use);
    await expect(again).rejects.toThrow(CliError);
    writeFileSync(join(cwd, 'x.tgz'), 'mine');
    await expect(incident({ since: TWO_HOURS, out: 'x.tgz' }, ports(), use(cwd).use)).rejects.toThrow(
      /there already/,
    );
    expect(readFileSync(join(cwd, 'x.tgz'), 'utf8')).toBe('mine');
  });

  it.each([
    ['inc', 1, /there already/],
    ['nowhere/inc', 3, /no folder nowhere/],
    ['what happened.tar.gz', 2, /without spaces/],
    [`${'x'.repeat(90)}.tgz`, 2, /at most 40/],
  ])('asks for nothing where %s could not be written', async (out, exitCode, message) => {
    const cwd = emptyFolder();
    mkdirSync(join(cwd, 'inc'));
    const asked: unknown[] = [];
    const counting = new Proxy(ports(), {
      get: (of, name) => {
        if (name !== 'now' && name !== 'name') asked.push(name);
        return Reflect.get(of, name);
      },
    });
    const refused = incident({ since: TWO_HOURS, out }, counting, use(cwd).use);
    await expect(refused).rejects.toMatchObject({ exitCode, message: expect.stringMatching(message) });
    expect(asked).toEqual([]);
  });

  it('packs, and others can unpack it', async () => {
    const cwd = emptyFolder();
    await incident({ since: TWO_HOURS, out: 'inc-7.tar.gz' }, ports(), use(cwd).use);
    mkdirSync(join(cwd, 'out'));
    execFileSync('tar', ['-xzf', 'inc-7.tar.gz', '-C', 'out'], { cwd });
    expect(readdirSync(join(cwd, 'out', 'inc-7'))).toEqual(
      expect.arrayContaining(['README.md', 'logs', 'metrics', 'postmortem.md', 'timeline.md']),
    );
    expect(readFileSync(join(cwd, 'out', 'inc-7', 'postmortem.md'), 'utf8')).toMatch(/^# Postmortem: weir/);
  });
});

describe('the parts of a bundle', () => {
  it('wait for nobody for ever', async () => {
    const parts = [
      { name: 'stuck', collect: () => new Promise<never>(() => {}) },
      { name: 'next', collect: async () => ({ files: [], summary: 'there' }) },
    ];
    const [stuck, next] = await collectParts(parts, {
      ...{ span: { from: 0, to: 1 }, interrupted: new AbortController().signal, patienceMs: 5 },
      progress: { update: () => {}, stop: () => {} },
    });
    expect(stuck).toMatchObject({ missing: 'not there after 0.005 s' });
    expect(next).toMatchObject({ summary: 'there' });
  });

  it('are cut where they would be too large', () => {
    const { text } = jsonFile(
      'x',
      Array.from({ length: 1_000_000 }, (_, index) => index),
    );
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_FILE_BYTES + 100);
    expect(text).toMatch(/cut here/);
  });

  it.each([
    ['{"level":"INFO","message":"x"}', undefined],
    ['null', undefined],
    ['{"level":"WARN","message":"x"}', { level: 'WARN', message: 'x' }],
    [
      JSON.stringify({ level: 'ERROR', message: 'y'.repeat(600) }),
      { level: 'ERROR', message: `${'y'.repeat(500)}…` },
    ],
  ])('show of a log line only what is worth it: %#', (line, shown) => {
    expect(readLine(line)).toEqual(shown);
  });

  it('draw nothing that could be taken for markup', () => {
    const svg = drawCharts([{ title: '<script>"&', lines: [{ label: '</text>', points: [] }] }], {
      from: 0,
      to: 1,
    });
    expect(svg).toContain('&lt;script&gt;&quot;&amp;');
    expect(svg).toContain('&lt;/text&gt; (no data)');
  });

  it('fit into a tar, or fail', () => {
    expect(() => packTar([{ path: 'x'.repeat(100), text: '' }], NOW)).toThrow(/does not fit/);
  });
});
