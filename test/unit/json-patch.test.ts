import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPatch } from '../../lambdas/domain/recovery/json-patch.ts';
import type { PatchOperation } from '../../lambdas/domain/recovery/request.ts';

const patched = (value: unknown, ...patch: PatchOperation[]) => {
  const result = applyPatch(JSON.stringify(value), patch);
  return 'text' in result ? JSON.parse(result.text) : result;
};
const problem = expect.objectContaining({ problem: expect.any(String) });

describe('JSON Patch (RFC 6902, appendix A)', () => {
  it.each<[string, unknown, PatchOperation[], unknown]>([
    ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
    [
      'A.2',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    ['A.4', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    ['A.5', { baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
    [
      'A.6',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
    ],
    [
      'A.7',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [
      'A.8',
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 },
      ],
      { baz: 'qux', foo: ['a', 2, 'c'] },
    ],
    ['A.9', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], problem],
    [
      'A.10',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    ['A.12', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }], problem],
    ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    ['A.15', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: '10' }], problem],
    [
      'A.16',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
      { foo: ['bar', ['abc', 'def']] },
    ],
    ['the whole', { foo: 1 }, [{ op: 'replace', path: '', value: { bar: 2 } }], { bar: 2 }],
    ['a copy', { a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
    ['nothing left', { foo: 1 }, [{ op: 'remove', path: '' }], problem],
    ['into itself', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/c' }], problem],
    ['no index', { a: [1] }, [{ op: 'add', path: '/a/x', value: 1 }], problem],
    ['an index with zeros', { a: [1, 2] }, [{ op: 'remove', path: '/a/01' }], problem],
    ['an index beyond', { a: [1] }, [{ op: 'add', path: '/a/2', value: 1 }], problem],
    ['no pointer', { a: 1 }, [{ op: 'remove', path: 'a' }], problem],
    ['no escape', { 'a~b': 1 }, [{ op: 'remove', path: '/a~b' }], problem],
    ['no value', { a: 1 }, [{ op: 'add', path: '/b' }], problem],
    ['an unknown operation', { a: 1 }, [{ op: 'increment' as 'add', path: '/a', value: 1 }], problem],
  ])('%s', (_, value, patch, expected) => {
    expect(patched(value, ...patch)).toEqual(expected);
  });

  it('is applied whole or not at all, and says which step did not fit without quoting the value', () => {
    const steps: PatchOperation[] = [
      { op: 'remove', path: '/secret' },
      { op: 'test', path: '/other', value: 'x' },
    ];
    const result = applyPatch('{"secret":"s3cret","other":"pssst"}', steps);
    expect(result).toEqual({ problem: 'operation 1 (test "/other"): the value there is another' });
  });

  it("keeps every number's text, wherever it goes", () => {
    const text = '{"a":12345678901234567890.10,"b":{"c":1e2,"d":1.10},"e":[0.1000000000000000055]}';
    const result = applyPatch(text, [
      { op: 'move', from: '/b/c', path: '/x' },
      { op: 'copy', from: '/a', path: '/e/0' },
      { op: 'test', path: '/x', value: 100 },
      { op: 'add', path: '/y', value: 7 },
    ]);
    expect(result).toEqual({
      text:
        '{"a":12345678901234567890.10,"b":{"d":1.10},' +
        '"e":[12345678901234567890.10,0.1000000000000000055],"x":1e2,"y":7}',
    });
  });
});

describe('a patch reaches nothing that objects share', () => {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'push',
    'length',
    'polluted',
  ];
  const token = fc.constantFrom(...names, 'a', 'b', '0', '1', '-');
  const path = fc.array(token, { maxLength: 4 }).map((tokens) => tokens.map((each) => `/${each}`).join(''));
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
    path,
    from: path,
    value: fc.constantFrom<unknown>(1, { polluted: true }, JSON.parse('{"__proto__":{"polluted":true}}'), []),
  });
  const shared = [
    Object.prototype,
    Array.prototype,
    Function.prototype,
    Object,
    Array,
    Object.prototype.toString,
  ];
  const looks = () => shared.map((each) => Reflect.ownKeys(each).map(String).sort());

  it('whatever its pointers say', () => {
    const before = looks();
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (patch) => {
        const result = applyPatch('{"a":{"b":[1,{"a":2}]},"b":["x"]}', patch as PatchOperation[]);
        expect(looks()).toEqual(before);
        if ('text' in result) expect(JSON.parse(result.text).polluted?.polluted).not.toBe(Object);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    [{ op: 'add', path: '/__proto__/polluted', value: 1 }],
    [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }],
    [{ op: 'add', path: '/toString/polluted', value: 1 }],
    [{ op: 'replace', path: '/list/push/polluted', value: 1 }],
    [{ op: 'copy', from: '/toString', path: '/x' }],
    [{ op: 'replace', path: '/list/length', value: 0 }],
    [{ op: 'add', path: '/x', value: JSON.parse('{"__proto__":{"polluted":1}}') }],
  ] as const)('not by %j', (operation) => {
    const value = { list: [1], name: 'n' };
    expect(patched(value, operation as PatchOperation)).toEqual(problem);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('and what has a member of that name is left as it is', () => {
    expect(applyPatch('{"a":{"__proto__":1},"b":2}', [{ op: 'remove', path: '/b' }])).toEqual(problem);
  });
});
