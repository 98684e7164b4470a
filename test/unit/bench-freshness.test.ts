import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gather } from '../../bench/sections/freshness.ts';
import type { LogRecord } from '../../lambdas/domain/log-record.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');
const record = (arrivedMs: number, bytes = 600): LogRecord => ({
  ...{ shardId: 's', sequence: String(arrivedMs), arrivedMs, data: Buffer.alloc(bytes) },
});
const every = (ms: number, count: number) => Array.from({ length: count }, (_, index) => record(index * ms));

describe('batches of the event source mapping', () => {
  it.each([
    [0, 10, 10],
    [5, 10, 2],
    [60, 10, 1],
    [5, 11, 3],
  ])('with a window of %d s, %d records that come each second are %d', (window, records, batches) => {
    expect(gather(every(1000, records), window)).toHaveLength(batches);
  });

  it('begin with a record, not with a clock', () => {
    expect(
      gather([record(0), record(4_900), record(9_000), record(9_850)], 5).map(({ length }) => length),
    ).toEqual([2, 2]);
  });

  it('end when they are full, and lose nothing', () => {
    const many = every(0, 10_001);
    expect(gather(many, 60).flat()).toEqual(many);
    const large = Array.from({ length: 10 }, () => record(0, 1_000_000));
    expect(gather(large, 60).map(({ length }) => length)).toEqual([4, 4, 2]);
    expect(gather([], 60)).toEqual([]);
  });
});

it('docs/operating.md quotes what was measured of freshness', () => {
  const part = read('bench', 'results.md').split('## What freshness costs')[1]?.split('\n## ')[0] ?? '';
  const rowsOf = (text: string, line: string) =>
    text
      .split('\n')
      .map((row) =>
        row
          .split(line)
          .map((cell) => cell.trim())
          .filter(Boolean),
      )
      .filter(([first]) => /^\d+ a second, \d+ subjects$/.test(first ?? ''));
  const measured = rowsOf(part, '│');
  expect(measured).toHaveLength(4);
  expect(rowsOf(read('docs', 'operating.md'), '|')).toEqual(measured);
});
