import { gzipSync } from 'node:zlib';
import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SumUp } from '../../cli/preview/sum-up.ts';
import type { Difference, Would } from '../../lambdas/domain/recovery/difference.ts';
import { RecoveryDesk } from '../support/recovery-desk.ts';

function would(more: Partial<Would> & { readonly subject?: string; readonly window?: string } = {}): Would {
  const { subject = 's1', window = '2026-11-21T07', ...rest } = more;
  return {
    ...{ kind: 'preview', meter: 'bytes', group: 'all', aggregate: 'sum', scale: 1 },
    ...{ old: '1.5', new: '2.5', difference: '1' },
    ...rest,
    bucket: { tenant: 'acme', subject, type: 'disk.write', window },
  };
}

function summed(...changes: readonly Would[]): SumUp {
  const sums = new SumUp();
  for (const change of changes) sums.add(change);
  return sums;
}

/** Differences as the fold writes them, in several files. */
async function deskWith(...files: readonly (readonly Difference[])[]): Promise<RecoveryDesk> {
  const desk = new RecoveryDesk().endsWith('differs');
  for (const [index, lines] of files.entries()) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await desk.files.put('p1', `differences/${index}.ndjson.gz`, gzipSync(text));
  }
  return desk;
}

const PREVIEW = ['preview', '--reason', 'INC-7', '--request-id', 'p1'];

describe('what would change, summed up', () => {
  it('adds decimals of any length exactly, as big.js does', () => {
    const units = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    const decimal = fc
      .tuple(units, fc.integer({ min: 0, max: 9 }))
      .map(([value, scale]) => Big(value.toString()).div(Big(10).pow(scale)).toFixed());
    Big.DP = 40;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.option(decimal), fc.option(decimal)), { minLength: 1 }), (pairs) => {
        const sums = summed(...pairs.map(([old, next]) => would({ old, new: next, scale: 9 })));
        const add = (side: 0 | 1) => pairs.reduce((sum, pair) => sum.plus(pair[side] ?? '0'), Big(0));
        const expected = { old: add(0), new: add(1), difference: add(1).minus(add(0)) };
        const texts = Object.fromEntries(
          Object.entries(expected).map(([name, sum]) => [name, sum.toFixed()]),
        );
        expect(sums.lines()).toMatchObject([{ ...texts, windows: pairs.length }]);
        expect(sums.totals()).toMatchObject([texts]);
      }),
    );
  });

  it('keeps subjects, types, meters and groups apart, and counts their windows', () => {
    const sums = summed(
      would(),
      would({ window: '2026-11-21T08' }),
      would({ subject: 's2' }),
      would({ group: 'region=eu' }),
      would({ meter: 'writes', aggregate: 'count' }),
    );
    const line = { tenant: 'acme', type: 'disk.write', meter: 'bytes', group: 'all', windows: 1 };
    const values = { old: '1.5', new: '2.5', difference: '1' };
    expect(sums.lines()).toEqual([
      { ...line, subject: 's1', windows: 2, old: '3', new: '5', difference: '2' },
      { ...line, ...values, subject: 's1', group: 'region=eu' },
      { ...line, ...values, subject: 's1', meter: 'writes' },
      { ...line, ...values, subject: 's2' },
    ]);
    expect(sums.totals()).toMatchObject([
      { meter: 'bytes', subjects: 2, windows: 4, old: '6', new: '10', difference: '4' },
      { meter: 'writes', subjects: 1, windows: 1 },
    ]);
  });

  it.each(['min', 'max', 'latest', 'unique'])('never adds up what does not add up: %s', (aggregate) => {
    const sums = summed(would({ aggregate }), would({ aggregate, window: '2026-11-21T08' }));
    expect(sums.lines().map(({ window, old }) => [window, old])).toEqual([
      ['2026-11-21T07', '1.5'],
      ['2026-11-21T08', '1.5'],
    ]);
    expect(sums.totals()).toEqual([]);
  });

  it('refuses what is no decimal rather than count it as something', () => {
    for (const old of ['1e3', 'NaN', '', '1.', '0.0123456789'])
      expect(() => summed(would({ old }))).toThrow('no decimal');
  });
});

describe('weir preview', () => {
  it('shows old, new and difference with their totals, from all files', async () => {
    const desk = await deskWith(
      [would({ old: '1000000.5', new: '2000000.5', difference: '1000000' })],
      [
        would({ subject: 's2\u001b', old: null, new: '7', difference: '7' }),
        would({ aggregate: 'max', meter: 'peak', old: '9', new: null, difference: '-9' }),
      ],
    );
    const { out, code } = await desk.weir(PREVIEW);
    expect(code).toBe(1);
    expect(out).toMatch(/1,000,000\.5 │ 2,000,000\.5 │ +\+1,000,000 /);
    expect(out).toMatch(/peak +│ all +│ 2026-11-21T07 │ +9 │ +– │ +-9 /);
    expect(out).toMatch(/In total:/);
    expect(out).toMatch(/\+1,000,007 /);
    expect(out).not.toContain('\u001b');
  });

  it('shows two hundred lines to people, and all of them to programs', async () => {
    const many = Array.from({ length: 250 }, (_, index) => would({ subject: `s${index}` }));
    const { out } = await (await deskWith(many)).weir(PREVIEW);
    expect(out).toContain('50 more lines');
    const { json } = await (await deskWith(many)).weir([...PREVIEW, '--json']);
    expect(json().filter(({ change }) => change)).toHaveLength(250);
    expect(json().at(-1)).toMatchObject({ total: { subjects: 250, difference: '250' } });
  });

  it('shows once what would change, and what is wrong besides', async () => {
    const desk = await deskWith([would()]);
    const finding = { where: 'acme#s1 B#disk.write#2026-11-21T07', detail: 'd', action: 'a' };
    const findings = [
      { ...finding, kind: 'preview', detail: 'bytes all: twice' },
      { ...finding, kind: 'uncountable', detail: '3 events' },
    ];
    const { out } = await desk.endsWith('differs', { result: { counts: {}, findings } }).weir(PREVIEW);
    expect(out).not.toContain('twice');
    expect(out).toContain('uncountable');
  });

  it('says so where nothing would change', async () => {
    const { out } = await (await deskWith([])).weir(PREVIEW);
    expect(out).toContain('No number would change');
  });

  it('passes over what is no change of a number, and shows it with --differences', async () => {
    const bucket = would().bucket;
    const desk = await deskWith([{ kind: 'uncountable', bucket, events: 3, codes: ['too-many-groups'] }]);
    expect((await desk.weir(PREVIEW)).out).toContain('No number would change');
    const { json } = await desk.weir(['runs', 'show', 'p1', '--differences', '--json']);
    expect(json()).toContainEqual({
      difference: expect.objectContaining({ kind: 'uncountable', events: 3 }),
    });
  });
});
