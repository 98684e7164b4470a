import { describe, expect, it } from 'vitest';
import {
  type Call,
  comparePolicies,
  covers,
  impliedPermissions,
  implies,
} from '../support/compare-policies.ts';
import { type Permission, policiesOf } from '../support/policies.ts';
import { configOf, synthesize } from '../support/synth.ts';

const table = 'arn:aws:dynamodb:eu-central-1:111122223333:table/weir-control';

const granted = (changes: Partial<Permission> = {}): Permission => ({
  function: 'weir-ingest',
  effect: 'Allow',
  action: 'dynamodb:GetItem',
  resource: table,
  condition: {},
  ...changes,
});
const call = (changes: Partial<Call> = {}): Call => ({
  function: 'weir-ingest',
  service: 'dynamodb',
  operation: 'GetItem',
  action: 'dynamodb:GetItem',
  resource: table,
  ...changes,
});
const leading = (...patterns: string[]) => ({
  condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns } },
});

describe('covers', () => {
  it.each([
    ['the same action and resource', granted(), call(), true],
    ['another function', granted({ function: 'weir-usage' }), call(), false],
    ['another action', granted({ action: 'dynamodb:Query' }), call(), false],
    ['an action in other case', granted({ action: 'dynamodb:getitem' }), call(), true],
    ['an action with a wildcard', granted({ action: 'dynamodb:Get*' }), call(), true],
    ['another table', granted({ resource: `${table}s` }), call(), false],
    ['the table of an index', granted(), call({ resource: `${table}/index/touched` }), false],
    ['a resource with a wildcard', granted({ resource: 'arn:aws:dynamodb:*:*:table/weir-*' }), call(), true],
    [
      'a dot that is no wildcard',
      granted({ resource: table.replace('-control', '.control') }),
      call(),
      false,
    ],
    [
      'a name that only deployment gives',
      granted({ resource: table.replace('weir-control', '{Control}') }),
      call(),
      true,
    ],
    ['such a name and more', granted({ resource: '{Control}' }), call(), false],
    ['a partition key that is allowed', granted(leading('KEY#*')), call({ leadingKeys: ['KEY#ab'] }), true],
    ['one that is not', granted(leading('KEY#*')), call({ leadingKeys: ['TENANT#acme'] }), false],
    [
      'two, of which one is not',
      granted(leading('KEY#*')),
      call({ leadingKeys: ['KEY#ab', 'TENANT#a'] }),
      false,
    ],
    ['either of two patterns', granted(leading('A#*', 'KEY#*')), call({ leadingKeys: ['KEY#ab'] }), true],
    ['keys that were not recorded', granted(leading('KEY#*')), call(), false],
  ])('%s', (_, permission, made, expected) => {
    expect(covers(permission, made)).toBe(expected);
  });

  it('takes as given what a recorded call does not show', () => {
    const condition = {
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk'] },
      StringEqualsIfExists: { 'dynamodb:Select': ['SPECIFIC_ATTRIBUTES'] },
    };
    expect(covers(granted({ action: 'dynamodb:Scan', condition }), call({ action: 'dynamodb:Scan' }))).toBe(
      true,
    );
  });

  it('refuses to judge a condition that it does not know', () => {
    const condition = { Bool: { 'aws:SecureTransport': ['true'] } };
    expect(() => covers(granted({ condition }), call())).toThrow(/Bool aws:SecureTransport/);
  });
});

describe('comparePolicies', () => {
  it('is content when all that is granted is used, and nothing else', () => {
    expect(comparePolicies([granted()], [call()])).toEqual({ missing: [], unused: [] });
  });

  it('finds a permission that is missing', () => {
    const put = call({ action: 'dynamodb:PutItem' });
    expect(comparePolicies([granted()], [call(), put])).toEqual({ missing: [put], unused: [] });
  });

  it('finds one that is denied though another statement allows it', () => {
    const deny = granted({ effect: 'Deny', resource: '*' });
    expect(comparePolicies([granted(), deny], [call()]).missing).toEqual([call()]);
  });

  it('finds one that nothing uses', () => {
    const put = granted({ action: 'dynamodb:PutItem' });
    expect(comparePolicies([granted(), put], [call()])).toEqual({ missing: [], unused: [put] });
  });

  it('finds a pattern of partition keys that nothing uses, and that alone', () => {
    const both = granted(leading('KEY#*', 'TENANT#*'));
    expect(comparePolicies([both], [call({ leadingKeys: ['KEY#ab'] })])).toEqual({
      missing: [],
      unused: [granted(leading('TENANT#*'))],
    });
    expect(comparePolicies([both], [call({ leadingKeys: ['KEY#ab', 'TENANT#a'] })]).unused).toEqual([]);
  });

  it('finds a call that could not be described', () => {
    const unknown = call({ action: 'unknown', resource: '*' });
    expect(comparePolicies([granted()], [call(), unknown]).missing).toEqual([unknown]);
  });

  it('lets pass what is implied, for that room only', () => {
    const poll = (name: string) => granted({ function: name, action: 'kinesis:GetRecords' });
    expect(comparePolicies([poll('weir-project'), poll('weir-usage')], []).unused).toEqual([
      poll('weir-usage'),
    ]);
  });
});

describe('policiesOf', () => {
  const permissions = policiesOf(synthesize(configOf()).assembly);
  const of = (room: string, service: string) =>
    permissions.filter((each) => each.function === `weir-${room}` && each.action.startsWith(`${service}:`));

  it('resolves names across stacks', () => {
    expect(of('ingest', 'kinesis')).toEqual([
      {
        function: 'weir-ingest',
        effect: 'Allow',
        action: 'kinesis:PutRecords',
        resource: 'arn:aws:kinesis:eu-central-1:111122223333:stream/weir-log',
        condition: {},
      },
    ]);
  });

  it('keeps a symbol for a name that only deployment gives', () => {
    expect(of('mark', 'kms').map(({ resource }) => resource)).toEqual([
      expect.stringMatching(/^arn:aws:kms:eu-central-1:111122223333:key\/\{KeysData[0-9A-F]{8}\}$/),
    ]);
  });

  it('keeps conditions', () => {
    expect(of('archive', 'dynamodb').map(({ condition }) => condition)).toContainEqual({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['MANIFEST#*'] },
    });
  });

  it('sees every function', () => {
    expect(new Set(permissions.map((each) => each.function)).size).toBe(21);
  });

  it.each(impliedPermissions)('grants what is implied: $actions', (implied) => {
    expect(permissions.some((each) => implies(implied, each))).toBe(true);
  });
});
