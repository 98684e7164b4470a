import { describe, expect, it } from 'vitest';
import { RequestError, readRequest } from '../../lambdas/domain/recovery/read-request.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const asked = { requestId: 'r', operator: 'ada', reason: 'why' };
const replay = { ...asked, verb: 'replay', from: '2026-11-20T07:00:00Z' };
const redrive = { ...asked, verb: 'redrive', tenant: 't', fingerprint: 'a'.repeat(32) };
const preview = { ...asked, verb: 'preview' };
const withPatch = (...patch: unknown[]) => ({ ...redrive, patch });
const withMeters = (...meters: unknown[]) => ({
  ...preview,
  contracts: { 'a.b': [{ from: '2026-01-01T00:00:00Z', meters }] },
});

/** The mistakes in a request; none where it is taken. */
function mistakesIn(json: unknown): readonly string[] {
  try {
    readRequest(json, NOW);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError);
    return (error as RequestError).mistakes.map(({ place, problem }) => `${place} ${problem}`);
  }
}

function messageOf(json: unknown): string {
  try {
    readRequest(json, NOW);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

describe('a request', () => {
  it('gets every default that its verb has, and nothing else', () => {
    const common = { ...asked, dryRun: false };
    const pace = { rate: 500, maxLagSeconds: 30 };
    const read = (json: object) => readRequest({ ...asked, ...json }, NOW);
    expect(read({ verb: 'replay', ids: ['a'] })).toEqual({ ...common, ...pace, verb: 'replay', ids: ['a'] });
    expect(read({ verb: 'reconcile' })).toEqual({
      ...{ ...common, ...pace, verb: 'reconcile' },
      ...{ repair: false, identities: false },
    });
    expect(read({ verb: 'preview' })).toEqual({ ...common, verb: 'preview' });
    expect(read({ verb: 'rebuild' })).toEqual({ ...common, ...pace, verb: 'rebuild' });
    expect(read({ verb: 'verify' })).toEqual({ ...common, verb: 'verify', certificate: false });
    expect(read({ verb: 'redrive', queue: 'webhooks' })).toEqual({
      ...{ ...common, ...pace, verb: 'redrive' },
      queue: 'webhooks',
    });
  });

  it('keeps all that it says', () => {
    const all = {
      ...{
        ...replay,
        dryRun: true,
        restore: 'bulk',
        to: '2026-11-20T08:00:00Z',
        tenant: 't',
        subject: 's#|%',
      },
      ...{ types: ['a', 'b'], ids: ['1'], rate: 50_000, maxLagSeconds: 3_600 },
      shard: { shardId: 'shardId-000000000001', first: '9', last: '10' },
    };
    const times = { from: '2026-11-20T07:00:00.000Z', to: '2026-11-20T08:00:00.000Z' };
    expect(readRequest(all, NOW)).toEqual({ ...all, ...times });
  });

  it('has its times in UTC with milliseconds, as the manifest has them', () => {
    const range = { from: '2026-11-20T08:00:00+01:00', to: '2026-11-20T07:00:00.5Z' };
    expect(readRequest({ ...replay, ...range }, NOW)).toMatchObject({
      from: '2026-11-20T07:00:00.000Z',
      to: '2026-11-20T07:00:00.500Z',
    });
  });

  it('has meters with the defaults of contract.json', () => {
    const meters = [
      { name: 'events', aggregate: 'count', description: 'x' },
      { name: 'bytes', aggregate: 'sum', value: '/b', groupBy: { region: '/r' } },
      { name: 'users', aggregate: 'unique', value: '', unit: 'u', scale: 3, maxGroups: 9 },
    ];
    const request = readRequest(withMeters(...meters), NOW);
    expect(request).toMatchObject({
      contracts: {
        'a.b': [
          {
            from: '2026-01-01T00:00:00.000Z',
            meters: [
              { name: 'events', aggregate: 'count', scale: 0, unit: '1', maxGroups: 1 },
              {
                name: 'bytes',
                aggregate: 'sum',
                value: '/b',
                scale: 0,
                unit: '1',
                groupBy: { region: '/r' },
                maxGroups: 50,
              },
              { name: 'users', aggregate: 'unique', value: '', scale: 0, unit: 'u', maxGroups: 1 },
            ],
          },
        ],
      },
    });
    expect(JSON.stringify(request)).not.toContain('description');
  });

  it.each([
    ['no verb', { ...asked }, /^\/verb is missing: it must be one of replay, .*"command": resume or cancel/],
    ['an unknown verb', { ...asked, verb: 'Replay' }, /^\/verb must be one of replay, .*, not "Replay"/],
    ['a verb of Object', { ...asked, verb: 'constructor' }, /^\/verb must be one of/],
    ['no request id', { ...replay, requestId: undefined }, /^\/requestId is missing/],
    ['a request id with a dot', { ...replay, requestId: 'a.b' }, /^\/requestId must be a name/],
    ['a long request id', { ...replay, requestId: 'a'.repeat(65) }, /^\/requestId must be a name/],
    ['no operator', { ...replay, operator: undefined }, /^\/operator is missing/],
    ['an empty operator', { ...replay, operator: '' }, /^\/operator must be a text of 1 to 128/],
    ['an empty reason', { ...replay, reason: ' \n' }, /^\/reason must be a text .* that says why/],
    ['a control character', { ...replay, tenant: 'a\u0000' }, /^\/tenant must be a text .*control character/],
    ['a flag as text', { ...replay, dryRun: 'true' }, /^\/dryRun must be true or false/],
    [
      'an unknown tier',
      { ...replay, restore: 'fast' },
      /^\/restore must be "standard" or "bulk", not "fast"/,
    ],
    ['no rate', { ...replay, rate: 0 }, /^\/rate must be a whole number from 1 to 50000, not 0/],
    ['too high a rate', { ...replay, rate: 50_001 }, /^\/rate must be .* not 50001/],
    ['half an event a second', { ...replay, rate: 0.5 }, /^\/rate/],
    [
      'a short lag',
      { ...replay, maxLagSeconds: 4 },
      /^\/maxLagSeconds must be a whole number from 5 to 3600/,
    ],
    ['a day', { ...replay, from: '2026-11-20' }, /^\/from must be a time such as/],
    [
      'microseconds',
      { ...replay, from: '2026-11-20T07:00:00.0001Z' },
      /^\/from must be a time .* milliseconds/,
    ],
    ['the future', { ...replay, from: '2026-11-21T12:00:00.001Z' }, /^\/from lies in the future/],
    ['an empty range', { ...replay, to: '2026-11-20T07:00:00.000Z' }, /^\/to must be later than "from"/],
    ['a subject alone', { ...replay, subject: 's' }, /^\/tenant is missing: a subject is one of a tenant/],
    ['no types', { ...replay, types: [] }, /^\/types must be a list of 1 to 50 event types/],
    ['a type', { ...replay, types: 'a' }, /^\/types must be a list/],
    ['a type that is none', { ...replay, types: ['a', 1] }, /^\/types\/1 must be a text/],
    ['nothing to replay', { ...replay, from: undefined }, /^ must say what to replay/],
    ['too many ids', { ...replay, ids: Array(1_001).fill('a') }, /^\/ids must be a list of 1 to 1000/],
    [
      'a sequence as number',
      { ...replay, shard: { shardId: 's', first: 1 } },
      /^\/shard\/first must be a sequence/,
    ],
    ['a shard without name', { ...replay, shard: {} }, /^\/shard\/shardId is missing/],
    [
      'a shard backwards',
      { ...replay, shard: { shardId: 's', first: '10', last: '9' } },
      /^\/shard\/last must not/,
    ],
    [
      'repair of identities',
      { ...asked, verb: 'reconcile', repair: true, identities: true },
      /^\/repair must be false/,
    ],
    ['a verb’s member at another', { ...asked, verb: 'verify', tenant: 't' }, /^\/tenant is not known here/],
    [
      'a name in another case',
      { ...asked, verb: 'reconcile', DryRun: true },
      /^\/DryRun .*Did you mean "dryRun"\?/,
    ],
    ['a name misspelt', { ...asked, verb: 'reconcile', repiar: true }, /^\/repiar .*Did you mean "repair"\?/],
    [
      'a name that nothing is like',
      { ...asked, verb: 'verify', xyzzy: 1 },
      /^\/xyzzy is not known here\. Allowed are/,
    ],
    ['redrive of nothing', { ...asked, verb: 'redrive' }, /^\/tenant is missing: .*"queue": "webhooks"/],
    ['another queue', { ...asked, verb: 'redrive', queue: 'all' }, /^\/queue must be "webhooks", not "all"/],
    [
      'a queue and a tenant',
      { ...asked, verb: 'redrive', queue: 'webhooks', tenant: 't' },
      /^\/tenant must not/,
    ],
    ['half a fingerprint', { ...redrive, fingerprint: 'abc' }, /^\/fingerprint must be a fingerprint/],
    ['an unknown operation', withPatch({ op: 'mv', path: '/a' }), /^\/patch\/0\/op must be "add" or/],
    ['a patch without value', withPatch({ op: 'add', path: '/a' }), /^\/patch\/0\/value is missing/],
    ['a move from nowhere', withPatch({ op: 'move', path: '/a' }), /^\/patch\/0\/from is missing/],
    [
      'a from of no use',
      withPatch({ op: 'remove', path: '/a', from: '/b' }),
      /^\/patch\/0\/from is not known/,
    ],
    [
      'a path that is none',
      withPatch({ op: 'remove', path: 'a' }),
      /^\/patch\/0\/path must be a JSON Pointer/,
    ],
    [
      'undo with a tenant',
      { ...asked, verb: 'rebuild', undo: 'x', tenant: 't' },
      /^\/tenant must not be given with "undo"/,
    ],
    ['undo of itself', { ...asked, verb: 'rebuild', undo: 'r' }, /^\/undo must be the id of the rebuild/],
    ['revision 0', { ...preview, revisions: { a: 0 } }, /^\/revisions\/a must be a whole number from 1/],
    ['a list of revisions', { ...preview, revisions: [1] }, /^\/revisions must be an object/],
    ['a meter without value', withMeters({ name: 'a', aggregate: 'sum' }), /meters\/0\/value is missing/],
    [
      'a count of values',
      withMeters({ name: 'a', aggregate: 'count', value: '/a' }),
      /meters\/0\/value is not for "count"/,
    ],
    [
      'two meters of a name',
      withMeters({ name: 'a', aggregate: 'count' }, { name: 'a', aggregate: 'count' }),
      /meters\/1\/name/,
    ],
    ['an unknown command', { ...asked, command: 'stop' }, /^\/command must be "resume" or "cancel"/],
    ['a command with a verb', { ...asked, command: 'resume', verb: 'replay' }, /^\/verb is not known here/],
  ])('is refused for %s', (_name, json, mistake) => {
    expect(mistakesIn(JSON.parse(JSON.stringify(json))).join('\n')).toMatch(new RegExp(mistake.source, 'm'));
  });

  it('is told all its mistakes at once', () => {
    const places = mistakesIn({ verb: 'replay', rate: 0, subject: 's', tennant: 't' }).map(
      (line) => line.split(' ')[0],
    );
    expect(places.sort()).toEqual(
      ['', '/operator', '/rate', '/reason', '/requestId', '/tenant', '/tennant'].sort(),
    );
  });

  it.each([[null], [undefined], [5], ['x'], [[]], [true]])('that is %j is no request', (json) => {
    expect(mistakesIn(json)).toEqual([expect.stringContaining('must be a JSON object')]);
  });

  it('is bounded in length and depth', () => {
    expect(mistakesIn({ ...replay, reason: 'x', ids: Array(900).fill('y'.repeat(128)) })[0]).toContain(
      'too long',
    );
    const deep = JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`);
    expect(mistakesIn(withPatch({ op: 'add', path: '', value: deep }))[0]).toContain('too-deep');
  });

  it('that is refused is answered in bounds', () => {
    const unknown = Array.from({ length: 900 }, (_, index) => [`unknown${index}`, 'x'.repeat(50)]);
    expect(messageOf({ ...redrive, ...Object.fromEntries(unknown) })).toMatch(/and 880 more/);
    expect(messageOf({ ...redrive, ['y'.repeat(50_000)]: 1 }).length).toBeLessThan(1_000);
    expect(messageOf({ ...redrive, operator: 'z'.repeat(50_000) }).length).toBeLessThan(1_000);
  });

  it.each([
    `wk_${'A'.repeat(43)}`,
    `whsec_${'A'.repeat(40)}`,
    `sk_live_${'A'.repeat(20)}`,
    `AKIA${'A'.repeat(16)}`,
  ])('that holds a secret in the wrong place (%s) is refused without repeating it', (secret) => {
    const places = [
      'requestId',
      'fingerprint',
      'from',
      'to',
      'rate',
      'dryRun',
      'restore',
      'queue',
      'operator',
    ];
    for (const place of places) {
      const given = place === 'operator' ? secret.repeat(10) : secret;
      const message = messageOf({ ...redrive, [place]: place === 'requestId' ? `${given}.` : given });
      expect(message).toContain(`/${place} `);
      expect(message).not.toContain('AAAA');
    }
    for (const verb of [secret, [secret]]) expect(messageOf({ ...asked, verb })).not.toContain('AAAA');
    expect(messageOf({ ...asked, command: secret })).not.toContain('AAAA');
  });

  it('never repeats a value of a patch, which may be somebody’s data', () => {
    const operations = ['add', 'remove', 'move', 'mv'].map((op) => ({
      op,
      path: 'a',
      from: 1,
      value: 'personal',
    }));
    expect(messageOf(withPatch(...operations))).not.toContain('personal');
    expect(messageOf(withPatch('personal'))).not.toContain('personal');
  });
});

describe('a command', () => {
  it('is read', () => {
    for (const command of ['resume', 'cancel'])
      expect(readRequest({ ...asked, command }, NOW)).toEqual({ ...asked, command });
  });

  it('may be about a run of the schedule', () => {
    const json = { ...asked, command: 'resume', requestId: 'hourly-20261121T07' };
    expect(readRequest(json, NOW)).toEqual(json);
  });
});
