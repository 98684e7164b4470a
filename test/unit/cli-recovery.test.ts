import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PLAN, RecoveryDesk } from '../support/recovery-desk.ts';
import { emptyFolder, weir } from '../support/weir-cli.ts';

const WHY = ['--reason', 'see INC-7'];
const FINGERPRINT = '3f2a9c01bd443f2a9c01bd443f2a9c01';

describe('what recover is asked', () => {
  const asked = { operator: 'arn:aws:iam::1:user/ops', reason: 'see INC-7', dryRun: false };
  it.each<[string[], object]>([
    [
      [
        'replay',
        '--tenant',
        'acme',
        '--from',
        '2026-11-21',
        '--ids',
        'a,b',
        '--rate',
        '50',
        '--max-lag',
        '30',
      ],
      {
        verb: 'replay',
        tenant: 'acme',
        from: '2026-11-21T00:00:00Z',
        ids: ['a', 'b'],
        rate: 50,
        maxLagSeconds: 30,
      },
    ],
    [
      ['replay', '--shard', 's-1', '--first', '4', '--to', '2026-11-21T07:00:00Z'],
      { verb: 'replay', to: '2026-11-21T07:00:00Z', shard: { shardId: 's-1', first: '4' } },
    ],
    [
      ['reconcile', '--types', 'a, b'],
      { verb: 'reconcile', types: ['a', 'b'], repair: false, identities: false },
    ],
    [
      ['reconcile', '--tenant', 't', '--subject', 's', '--repair'],
      { verb: 'reconcile', tenant: 't', subject: 's', repair: true, identities: false },
    ],
    [['reconcile', '--identities'], { verb: 'reconcile', repair: false, identities: true }],
    [
      ['preview', '--revision', 'a=2', '--revision', 'b.c=3'],
      { verb: 'preview', revisions: { a: 2, 'b.c': 3 } },
    ],
    [['rebuild', '--yes', '--types', 'a'], { verb: 'rebuild', types: ['a'] }],
    [['rebuild', '--yes', '--undo', 'r-9'], { verb: 'rebuild', undo: 'r-9' }],
    [['redrive', '--queue', 'webhooks'], { verb: 'redrive', queue: 'webhooks' }],
    [
      ['redrive', '--tenant', 't', '--fingerprint', FINGERPRINT, '--restore', 'bulk'],
      { verb: 'redrive', tenant: 't', fingerprint: FINGERPRINT, restore: 'bulk' },
    ],
    [
      ['verify', '--from', '2026-11-01'],
      { verb: 'verify', from: '2026-11-01T00:00:00Z', certificate: false },
    ],
  ])('%j', async (args, expected) => {
    const desk = new RecoveryDesk();
    const { code, err } = await desk.weir([...args, ...WHY, '--no-wait']);
    expect(code, err).toBe(0);
    expect(desk.asked).toEqual([{ ...asked, requestId: expect.any(String), ...expected }]);
  });

  it('names runs readably, and never twice the same', async () => {
    const desk = new RecoveryDesk();
    for (let run = 0; run < 20; run++) await desk.weir(['reconcile', ...WHY, '--no-wait']);
    const ids = desk.asked.map(({ requestId }) => requestId);
    for (const id of ids) expect(id).toMatch(/^reconcile-20261121T124501-[0-9a-f]{4}$/);
    expect(new Set(ids).size).toBeGreaterThan(15);
  });

  it('takes name, operator and dry run from whoever says so', async () => {
    const desk = new RecoveryDesk();
    const args = ['--request-id', 'mine', '--operator', 'night shift', '--dry-run', '--no-wait'];
    await desk.weir(['reconcile', ...WHY, ...args]);
    expect(desk.request()).toMatchObject({ requestId: 'mine', operator: 'night shift', dryRun: true });
  });

  it.each([
    [['reconcile']],
    [['reconcile', '--reason', ' ']],
    [['runs', 'cancel', 'r1']],
    [['runs', 'resume', 'r1']],
    [['replay', '--first', '1', ...WHY]],
    [['preview', '--revision', 'a', ...WHY]],
    [['redrive', ...WHY]],
    [['redrive', '--queue', 'webhooks', '--fingerprint', FINGERPRINT, ...WHY]],
    [['redrive', '--queue', 'webhooks', '--patch', 'p.json', ...WHY]],
    [['redrive', '--fingerprint', 'xyz', ...WHY]],
    [['verify', '--objects', '.', ...WHY]],
    [['replay', '--rate', '0', ...WHY]],
  ])('is nothing for %j, which is wrong usage', async (args) => {
    const desk = new RecoveryDesk();
    desk.put({ request: { verb: 'replay' } });
    expect((await desk.weir(args)).code).toBe(2);
    expect(desk.asked).toEqual([]);
  });
});

describe('weir preview --contracts', () => {
  it('sends the revisions of contracts that are not deployed, of the types that are asked for', async () => {
    const desk = new RecoveryDesk();
    const cwd = join(import.meta.dirname, '../..');
    const args = ['preview', '--contracts', 'contracts', '--types', 'disk.write', ...WHY, '--no-wait'];
    const { code, err } = await desk.weir(args, { cwd });
    expect(code, err).toBe(0);
    expect(desk.request()).toMatchObject({
      contracts: { 'disk.write': [{ from: expect.any(String), meters: expect.any(Array) }] },
    });
    expect(Object.keys((desk.request() as { contracts: object }).contracts)).toEqual(['disk.write']);
  });

  it('refuses contracts with a mistake, and says where it is', async () => {
    const desk = new RecoveryDesk();
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'stray.txt'), '');
    const { code, err } = await desk.weir(['preview', '--contracts', '.', ...WHY], { cwd });
    expect(code).toBe(2);
    expect(err).toContain('stray.txt');
    expect(desk.asked).toEqual([]);
  });
});

describe('weir rebuild', () => {
  const rebuild = ['rebuild', '--types', 'disk.write', ...WHY, '--no-wait'];

  it('writes nothing where nobody can be asked', async () => {
    const desk = new RecoveryDesk();
    const { code, err } = await desk.weir(rebuild);
    expect(code).toBe(2);
    expect(err).toContain('--dry-run');
    expect(desk.asked).toEqual([]);
  });

  it.each(['', 'n\n', 'yes please\n', '\n'])('writes nothing where the answer is %j', async (stdin) => {
    const desk = new RecoveryDesk();
    const { code, err } = await desk.weir(rebuild, { terminal: true, stdin });
    expect(code).toBe(1);
    expect(err).toContain('all tenants, disk.write, windows from the beginning to now');
    expect(desk.asked).toEqual([]);
  });

  it.each(['y\n', 'YES\n'])('goes on where the answer is %j', async (stdin) => {
    const desk = new RecoveryDesk();
    expect((await desk.weir(rebuild, { terminal: true, stdin })).code).toBe(0);
    expect(desk.asked).toHaveLength(1);
  });

  it('needs no answer for a dry run', async () => {
    const desk = new RecoveryDesk();
    expect((await desk.weir([...rebuild, '--dry-run'])).code).toBe(0);
    expect(desk.request().dryRun).toBe(true);
  });

  it('says the way back', async () => {
    const result = { counts: { bucketsRewritten: 2, bucketsUnchanged: 5 }, findings: [] };
    const desk = new RecoveryDesk().endsWith('done', { result });
    const { out } = await desk.weir(['rebuild', '--yes', ...WHY, '--request-id', 'rb-1']);
    expect(out).toMatch(/buckets rewritten\s+│\s+2/);
    expect(out).toContain('weir rebuild --undo rb-1');
  });
});

describe('weir redrive', () => {
  const redrive = (prefix: string) => ['redrive', '--fingerprint', prefix, ...WHY, '--no-wait'];

  it('finds the cause by the beginning of its fingerprint', async () => {
    const desk = new RecoveryDesk();
    desk.fingerprints = [{ tenant: 'acme', fingerprint: FINGERPRINT }];
    expect((await desk.weir(redrive('3f2a'))).code).toBe(0);
    expect(desk.request()).toMatchObject({ tenant: 'acme', fingerprint: FINGERPRINT });
  });

  it('sends nothing again where two causes begin so, or none does', async () => {
    const desk = new RecoveryDesk();
    desk.fingerprints = [
      { tenant: 'acme', fingerprint: FINGERPRINT },
      { tenant: 'other', fingerprint: FINGERPRINT },
    ];
    expect((await desk.weir(redrive('3f2a'))).code).toBe(1);
    expect((await desk.weir(redrive('0000'))).code).toBe(1);
    expect(desk.asked).toEqual([]);
  });

  it('reads the patch from a file or from standard input', async () => {
    const desk = new RecoveryDesk();
    const patch = [{ op: 'add', path: '/data/unit', value: 'By' }];
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'fix.json'), JSON.stringify(patch));
    const args = [...redrive(FINGERPRINT), '--tenant', 't', '--patch'];
    expect((await desk.weir([...args, 'fix.json'], { cwd })).code).toBe(0);
    expect((await desk.weir([...args, '-'], { stdin: JSON.stringify(patch) })).code).toBe(0);
    expect(desk.asked).toMatchObject([{ patch }, { patch }]);
    expect((await desk.weir([...args, '-'], { stdin: '{}' })).code).toBe(2);
    expect((await desk.weir([...args, '-'], { stdin: 'no' })).code).toBe(2);
    expect((await desk.weir([...args, 'none.json'], { cwd })).code).toBe(3);
    expect(desk.asked).toHaveLength(2);
  });
});

describe('watching a run', () => {
  const reconcile = ['reconcile', ...WHY, '--request-id', 'r1'];

  it('shows what it does, as its files come', async () => {
    const desk = new RecoveryDesk();
    const steps: (() => Promise<unknown>)[] = [
      async () => {},
      () => desk.change({ plan: PLAN }),
      ...[0, 1, 2].map((batch) => () => desk.files.put('r1', `scanned/${batch}.json`, Buffer.from('{}'))),
      ...[0, 1].map((part) => async () => {
        // As the fold does: what is to be sent again first.
        if (part === 1) await desk.files.put('r1', 'missing/0.json', Buffer.from('{}'));
        await desk.files.put('r1', `folded/${part}.json`, Buffer.from('{}'));
      }),
      () => desk.files.put('r1', 'resent/0.json', Buffer.from('{}')),
      () => desk.change({ status: 'done' }),
    ];
    desk.meanwhile = async (wait) => {
      await steps[wait - 1]?.();
    };
    const listed: string[] = [];
    const list = desk.files.list.bind(desk.files);
    desk.files.list = (requestId, prefix) => {
      listed.push(prefix);
      return list(requestId, prefix);
    };
    const { code, err } = await desk.weir(reconcile);
    expect(code).toBe(0);
    // What is whole is not listed again, and what comes later not yet.
    const folders = listed.filter((folder, at) => folder !== listed[at - 1]);
    expect(folders).toEqual(['scanned/', 'folded/', 'missing/', 'resent/']);
    expect(err.match(/^▸ .*$/gm)).toEqual([
      '▸ waiting for projector and archive',
      '▸ reading the archive',
      '▸ folding',
      '▸ sending again',
      '▸ concluding',
    ]);
  });

  it.each([
    ['done', 0],
    ['differs', 1],
    ['failed', 3],
    ['cancelled', 3],
  ] as const)('exits, where it ends as %s, with %i', async (status, expected) => {
    const desk = new RecoveryDesk().endsWith(status, status === 'failed' ? { error: 'no table' } : {});
    const { code, err } = await desk.weir(reconcile);
    expect(code).toBe(expected);
    if (expected === 3) expect(err).toContain('weir runs resume r1');
    if (status === 'failed') expect(err).toContain('no table');
  });

  it('leaves the run alone at Ctrl-C, and says how to see and end it', async () => {
    const desk = new RecoveryDesk();
    const controller = new AbortController();
    desk.meanwhile = () => controller.abort();
    const { code, err } = await desk.weir(reconcile, { interrupted: controller.signal });
    expect(code).toBe(130);
    expect(err).toContain('weir runs watch r1');
    expect(err).toContain('weir runs cancel r1');
    expect(desk.asked).toHaveLength(1);
    expect((await desk.runs.find('r1'))?.status).toBe('running');
  });

  it('goes on where a look fails, and gives up after five in a row', async () => {
    const desk = new RecoveryDesk();
    let failing = 4;
    desk.before = (operation) => {
      if (operation === 'find' && failing-- > 0) throw new Error('throttled');
    };
    desk.meanwhile = (wait) => (wait === 6 ? desk.change({ status: 'done' }) : undefined);
    expect((await desk.weir(reconcile)).code).toBe(0);
    failing = Number.POSITIVE_INFINITY;
    const { code, err } = await desk.weir(['runs', 'watch', 'r1']);
    expect(code).toBe(3);
    expect(err).toContain('The run goes on');
  });

  it('notices an execution that died and could not say so', async () => {
    const desk = new RecoveryDesk();
    desk.whenAsked = (times) =>
      times === 1 || desk.put({ request: desk.request(), status: 'failed', error: 'it died' });
    const { code, err } = await desk.weir(reconcile);
    expect(code).toBe(3);
    expect(err).toContain('it died');
    expect(desk.asked[1]).toMatchObject({ requestId: 'r1', verb: 'reconcile' });
  });

  it('is not done with --no-wait', async () => {
    const desk = new RecoveryDesk();
    const { code, out } = await desk.weir([...reconcile, '--no-wait']);
    expect(code).toBe(0);
    expect(desk.waits).toBe(0);
    expect(out).toContain('weir runs watch r1');
  });

  it('shows counts, and findings without what would steer a terminal', async () => {
    const finding = {
      kind: 'missing-bucket',
      where: 'acme#\u001b[2Jevil disk.write 2026-11-21T07',
      detail: '3 events are not counted',
      action: 'replayed',
    };
    const result = { counts: { bucketsAgreed: 1200, bucketsMissing: 1 }, findings: [finding] };
    const desk = new RecoveryDesk().endsWith('differs', { result });
    const { out, code } = await desk.weir(reconcile);
    expect(code).toBe(1);
    expect(out).toMatch(/buckets agreed\s+│\s+1,200/);
    expect(out).toContain('acme#\ufffd[2Jevil');
    expect(out).not.toContain('\u001b');
    expect(out).toContain('→ replayed');
    expect(out).toContain('in 12.3 s');
  });

  it('tells programs what people see', async () => {
    const result = { counts: { bucketsAgreed: 1 }, findings: [] };
    const desk = new RecoveryDesk().endsWith('done', { result });
    const { json } = await desk.weir([...reconcile, '--json']);
    expect(json()).toMatchObject([{ run: { status: 'done', result, request: { requestId: 'r1' } } }]);
  });

  it('shows the plan of a dry run, with what cold tiers take and cost', async () => {
    const cold = {
      objects: 4,
      bytes: 1_200,
      hours: { standard: 12, bulk: 48 },
      usd: { standard: '0.12', bulk: '0.03' },
    };
    const desk = new RecoveryDesk().endsWith('done', { plan: { ...PLAN, cold } });
    const { out, code } = await desk.weir([...reconcile, '--dry-run']);
    expect(code).toBe(0);
    for (const text of ['3.4 MB', '17,524', 'about 2 min', '4 objects (1.2 kB)', 'up to 48 h', '$0.12'])
      expect(out).toContain(text);
  });
});

describe('weir verify', () => {
  it('saves the certificate and its proofs as they are', async () => {
    const desk = new RecoveryDesk().endsWith('done');
    const cwd = emptyFolder();
    const shards = [{ proofs: [{ file: 'a-0.ndjson.gz' }, { file: '../b-0.ndjson.gz' }] }, { proofs: [] }];
    const bytes = Buffer.from(`${JSON.stringify({ sha256: 'abc', shards })}\n`);
    for (const { file } of shards.flatMap(({ proofs }) => proofs))
      await desk.files.put('v1', `proofs/${file}`, Buffer.from(file));
    await desk.files.put('v1', 'certificate.json', bytes);
    const args = ['verify', ...WHY, '--request-id', 'v1', '--out', 'november.json'];
    const { code, out } = await desk.weir(args, { cwd });
    expect(code).toBe(0);
    expect(desk.request()).toMatchObject({ certificate: true });
    expect(readFileSync(join(cwd, 'november.json')).equals(bytes)).toBe(true);
    expect(out).toContain('weir verify --check november.json');
    for (const name of ['a-0.ndjson.gz', 'b-0.ndjson.gz'])
      expect(readFileSync(join(cwd, 'november.json.proofs', name)).toString()).toContain(name);
    // What is there is saved once more.
    expect((await desk.weir(['runs', 'show', 'v1', '--out', 'november.json'], { cwd })).code).toBe(0);
    desk.files.files.delete('v1/proofs/a-0.ndjson.gz');
    expect(await desk.weir(['runs', 'show', 'v1', '--out', 'november.json'], { cwd })).toMatchObject({
      code: 1,
      err: expect.stringContaining('a-0.ndjson.gz'),
    });
  });

  it('says so where there is none, or the file can not be written', async () => {
    const desk = new RecoveryDesk().endsWith('done');
    const verify = (out: string) => desk.weir(['verify', ...WHY, '--request-id', 'v1', '--out', out]);
    expect(await verify('c.json')).toMatchObject({ code: 1, err: expect.stringContaining('no certificate') });
    await desk.files.put('v1', 'certificate.json', Buffer.from('{"shards":[]}'));
    expect(await verify('none/c.json')).toMatchObject({ code: 3, err: expect.stringContaining('ENOENT') });
  });
});

describe('weir runs', () => {
  it('lists the latest first, and those of a status', async () => {
    const desk = new RecoveryDesk();
    desk.put({
      request: { verb: 'replay', requestId: 'old' },
      status: 'done',
      startedAt: '2026-11-20T00:00:00.000Z',
    });
    desk.put({ request: { verb: 'verify', requestId: 'new', reason: 'a\u202Eb' }, status: 'failed' });
    const { json } = await desk.weir(['runs', 'list', '--json']);
    expect(json().map(({ request }) => (request as { requestId: string }).requestId)).toEqual(['new', 'old']);
    const { out } = await desk.weir(['runs', 'list', '--status', 'failed']);
    expect(out).toContain('new');
    expect(out).not.toContain('old');
    expect(out).not.toContain('\u202E');
    expect((await desk.weir(['runs', 'list', '--limit', '1', '--json'])).json()).toHaveLength(1);
  });

  it('lists no more than were asked for, and looks at no more than it says, however many there are', async () => {
    const desk = new RecoveryDesk();
    const startedAt = (minute: number) => new Date(Date.UTC(2026, 10, 1) + minute * 60_000).toISOString();
    for (let minute = 0; minute < 1_100; minute++)
      desk.put({
        request: { verb: 'replay', requestId: `r${minute}` },
        status: minute === 0 ? 'failed' : 'done',
        startedAt: startedAt(minute),
      });
    const listed = (await desk.weir(['runs', 'list', '--json'])).json();
    expect(listed.map(({ request }) => (request as { requestId: string }).requestId)).toEqual(
      Array.from({ length: 50 }, (_, at) => `r${1_099 - at}`),
    );
    const { out } = await desk.weir(['runs', 'list', '--status', 'failed']);
    expect(out).toContain('of the latest 1000 runs');
    expect(out).not.toMatch(/\br0\b/);
  });

  it('shows request, attempts, audit and findings of one', async () => {
    const desk = new RecoveryDesk();
    const findings = [{ kind: 'object-lost', where: 'shard 1', detail: 'd', action: 'restore it' }];
    desk.put({
      request: { verb: 'verify' },
      status: 'differs',
      attempt: 2,
      result: { counts: {}, findings },
    });
    const entry = { requestId: 'r1', at: '2026-11-21T12:00:00.000Z', operator: 'ops\u001b', detail: {} };
    await desk.audit.append({ ...entry, attempt: 1, what: 'started', reason: 'first try' });
    await desk.audit.append({ ...entry, attempt: 2, what: 'resumed', reason: 'second try' });
    const { out, code } = await desk.weir(['runs', 'show', 'r1']);
    expect(code).toBe(0);
    for (const text of [
      '"verb": "verify"',
      'attempt 2',
      'first try',
      'second try',
      'object-lost',
      'ops\ufffd',
    ])
      expect(out).toContain(text);
    const { json } = await desk.weir(['runs', 'show', 'r1', '--json']);
    expect(json()).toMatchObject([
      { run: { attempt: 2 }, audit: [{ what: 'started' }, { what: 'resumed' }] },
    ]);
  });

  it('shows the SHA-256 that the audit has of its certificate', async () => {
    const desk = new RecoveryDesk();
    desk.put({ request: { verb: 'verify' }, status: 'done' });
    const entry = { requestId: 'r1', attempt: 1, operator: 'ops', reason: 'why' };
    const asked = { what: 'started', at: '2026-11-21T12:00:00.000Z', detail: { certificate: true } } as const;
    const issued = {
      what: 'finished',
      at: '2026-11-21T12:01:00.000Z',
      detail: { certificate: 'ab12' },
    } as const;
    for (const each of [asked, issued]) await desk.audit.append({ ...entry, ...each });
    const { out } = await desk.weir(['runs', 'show', 'r1']);
    expect(out.match(/SHA-256 of its certificate.*/g)).toEqual([expect.stringContaining('ab12')]);
  });

  it('cancels and resumes with a reason', async () => {
    const desk = new RecoveryDesk();
    desk.put({ request: { verb: 'replay' }, status: 'done' });
    expect((await desk.weir(['runs', 'cancel', 'r1', ...WHY])).code).toBe(0);
    expect((await desk.weir(['runs', 'resume', 'r1', ...WHY])).code).toBe(0);
    const command = { requestId: 'r1', operator: 'arn:aws:iam::1:user/ops', reason: 'see INC-7' };
    expect(desk.asked).toEqual([
      { ...command, command: 'cancel' },
      { ...command, command: 'resume' },
    ]);
  });

  it.each(['show', 'watch'])('%s says so where there is none', async (command) => {
    const { code, err } = await new RecoveryDesk().weir(['runs', command, 'r1']);
    expect(code).toBe(1);
    expect(err).toContain('weir runs list');
  });
});

describe('command line', () => {
  it.each([
    ...['replay', 'reconcile', 'preview', 'rebuild', 'redrive', 'verify'].map((verb) => [verb]),
    ...['list', 'show', 'watch', 'cancel', 'resume'].map((command) => ['runs', command]),
  ])('explains %s %s', async (...args) => {
    const { code, out } = await weir([...args.filter((arg) => arg !== undefined), '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Example:\n\s+\$ weir/);
    expect(out).toContain('--json');
  });
});
