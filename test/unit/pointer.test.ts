import { describe, expect, it } from 'vitest';
import { compilePointer } from '../../lambdas/domain/pointer.ts';

describe('a JSON Pointer', () => {
  // RFC 6901, section 5.
  const document = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
  };

  it.each<[string, unknown]>([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('%j reads as RFC 6901 says', (pointer, value) => {
    expect(compilePointer(pointer)(document)).toEqual(value);
  });

  it('undoes ~1 before ~0, so that ~01 is ~1', () => {
    expect(compilePointer('/~01')({ '~1': 'right', '/': 'wrong' })).toBe('right');
  });

  it.each([
    '/nothing',
    '/foo/2',
    '/foo/-',
    '/foo/00',
    '/foo/01',
    '/foo/1e0',
    '/foo/-1',
    '/foo/length',
    '/foo/0/length',
    '/foo/0/0',
    '/constructor',
    '/__proto__',
    '/__proto__/constructor',
    '/toString',
    '/foo/constructor/name',
  ])('%j is not there', (pointer) => {
    expect(compilePointer(pointer)(document)).toBeUndefined();
  });

  it('reads own properties that bear the names of inherited ones', () => {
    const hostile = JSON.parse('{"__proto__":{"value":1},"constructor":2,"hasOwnProperty":3}');
    expect(compilePointer('/__proto__/value')(hostile)).toBe(1);
    expect(compilePointer('/constructor')(hostile)).toBe(2);
    expect(compilePointer('/hasOwnProperty')(hostile)).toBe(3);
  });

  it.each([undefined, null, 'text', 5, true])('finds nothing in %j', (value) => {
    expect(compilePointer('/length')(value)).toBeUndefined();
    expect(compilePointer('')(value)).toBe(value);
  });

  it.each(['foo', 'foo/bar', '#/foo', '~', '/~', '/a~2b', '/~~'])('%j is none', (pointer) => {
    expect(() => compilePointer(pointer)).toThrow(RangeError);
  });
});
