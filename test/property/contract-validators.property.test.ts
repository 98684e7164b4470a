import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contracts, ValidatingContract, Validator } from '../../lambdas/domain/contract.ts';
import { compileContracts } from '../../scripts/build/compile-contracts.ts';
import { newAjv } from '../../scripts/build/schema-compiler.ts';
import { goodFiles, type Json, TYPE, writeContracts } from '../support/contract-folder.ts';

/** A schema with something of each keyword that ajv makes code of its own kind for. */
const RICH = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['amount', 'constructor'],
  additionalProperties: false,
  properties: {
    amount: { type: 'string', format: 'decimal' },
    constructor: { type: 'string', minLength: 1, maxLength: 3 },
    pieces: { type: 'number', exclusiveMinimum: 0, maximum: 1e6 },
    region: { enum: ['eu', 'us', null] },
    at: { type: 'string', format: 'date-time' },
    code: { type: 'string', maxLength: 8, pattern: '^\\p{Lu}{1,4}$' },
    tags: { type: 'array', maxItems: 4, uniqueItems: true, items: { $ref: '#/$defs/tag' } },
    either: { oneOf: [{ type: 'integer' }, { type: 'number', minimum: 10 }] },
    pair: {
      type: 'array',
      minItems: 2,
      prefixItems: [{ type: 'integer' }, { type: 'boolean' }],
      items: false,
    },
  },
  $defs: { tag: { type: 'string', minLength: 1 } },
};

const dirs: string[] = [];
let validate: Validator;
let out: string;

async function compile(files: Json): Promise<string> {
  const contracts = await writeContracts(files);
  const out = await mkdtemp(join(tmpdir(), 'weir-compiled-'));
  dirs.push(contracts, out);
  await compileContracts(contracts, out);
  return out;
}

function richFiles(): Json {
  const files = goodFiles();
  files['contract.json'].revisions[0].meters[1].groupBy = { region: '/region' };
  files['contract.json'].revisions[0].meters[2].scale = 9;
  files['v1.schema.json'] = RICH;
  files['examples/valid/one.json'] = { amount: '1', constructor: 'ACM' };
  return files;
}

beforeAll(async () => {
  out = await compile(richFiles());
  const { contracts } = (await import(pathToFileURL(join(out, 'validating.mjs')).href)) as {
    contracts: Contracts<ValidatingContract>;
  };
  validate = contracts.get(TYPE)!.versions.get(1)!;
});

afterAll(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true }))));

/** Right nine times of ten, so that whole objects often are. */
const mostly = (right: readonly unknown[], wrong: readonly unknown[], any = fc.jsonValue()) =>
  fc.oneof(
    { weight: 18, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
    { weight: 1, arbitrary: any as fc.Arbitrary<unknown> },
  );

const nearlyRight = fc
  .record(
    {
      amount: mostly(['1', '-0.5', '007'], ['1.', '1e3', '+1', '１', '']),
      constructor: mostly(['ACM', '💧💧💧'], ['long', '']),
      pieces: mostly([1, 0.5, 1e6], [0, 1e6 + 1, Number.NaN, Number.POSITIVE_INFINITY, '1', null]),
      region: mostly(['eu', 'us', null], ['EU', 1]),
      at: mostly(
        ['2026-01-01T00:00:00Z', '2026-12-31T23:59:60+00:00'],
        ['2026-02-30T00:00:00Z', '2026-01-01'],
      ),
      code: mostly(['A', 'ÄÖ'], ['a', 'ABCDE', 'ABCDEFGHI']),
      tags: mostly([[], ['a'], ['a', 'b']], [['a', 'a'], [''], ['a', 'b', 'c', 'd', 'e']]),
      either: mostly([1, 10.5], [10, 0.5, '1']),
      pair: mostly([[1, true]], [[1], [1, true, 2], [true, 1]]),
    },
    { requiredKeys: ['amount', 'constructor'] },
  )
  .chain((data) => fc.oneof({ weight: 9, arbitrary: fc.constant(data) }, fc.constant({ ...data, extra: 1 })));

describe('P3: what the schema refuses is never counted', () => {
  it('judges as ajv does that compiles at run time, and says the same of it', () => {
    const { $id: _, ...schema } = { $id: '', ...RICH };
    const reference = newAjv({}).compile(schema);
    let valid = 0;
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearlyRight), (data) => {
        const expected = reference(data);
        valid += Number(expected);
        expect(validate(data)).toBe(expected);
        expect(validate.errors).toEqual(reference.errors);
      }),
      { numRuns: 5000 },
    );
    expect(valid).toBeGreaterThan(500);
    expect(valid).toBeLessThan(4500);
  });

  it('takes exactly plain decimals as "decimal"', () => {
    const accepts = (amount: unknown) => validate({ amount, constructor: 'x' });
    fc.assert(
      fc.property(fc.bigInt(), fc.option(fc.nat()), (whole, fraction) => {
        expect(accepts(fraction === null ? `${whole}` : `${whole}.${fraction}`)).toBe(true);
      }),
    );
    for (const not of [
      '',
      '-',
      '.5',
      '5.',
      '+5',
      '1e3',
      ' 1',
      '1 ',
      '1\n',
      '1,5',
      '--1',
      '0x1',
      '٣',
      'NaN',
      'Infinity',
      1,
    ]) {
      expect(accepts(not), JSON.stringify(not)).toBe(false);
    }
  });

  it('takes neither 1e400 nor NaN nor an infinity for a number', () => {
    const withPieces = (pieces: number) => validate({ amount: '1', constructor: 'x', pieces });
    expect(validate(JSON.parse('{"amount":"1","constructor":"x","pieces":1e400}'))).toBe(false);
    for (const not of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(withPieces(not)).toBe(false);
    }
    expect(withPieces(1)).toBe(true);
  });

  it('lets no member be inherited: "__proto__" is a key like any other, and "constructor" must be sent', () => {
    expect(validate(JSON.parse('{"__proto__":{"amount":"1","constructor":"x"}}'))).toBe(false);
    expect(validate(JSON.parse('{"amount":"1"}'))).toBe(false);
    expect(validate(JSON.parse('{"amount":"1","constructor":"x","__proto__":{}}'))).toBe(false);
    expect(validate(JSON.parse('{"amount":"1","constructor":"x"}'))).toBe(true);
    expect(({} as Json).amount).toBeUndefined();
  });

  it('compiles nothing at start and asks for no package', async () => {
    const script = `const { contracts } = await import(${JSON.stringify(join(out, 'validating.mjs'))});
      console.log(contracts.get('${TYPE}').versions.get(1)({ amount: '1', constructor: 'x' }));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', script],
      { cwd: out },
    );
    expect(stdout.trim()).toBe('true');
  });
});

describe('P4: the same contracts are compiled to the same bytes', () => {
  it('wherever the folder stands and in whatever order its files were made', async () => {
    const files = richFiles();
    const reversed = Object.fromEntries(Object.entries(files).reverse());
    const outs = await Promise.all([compile(files), compile(reversed)]);
    for (const name of ['validating', 'counting', 'documents']) {
      for (const suffix of ['mjs', 'd.mts']) {
        const [one, other] = await Promise.all(
          outs.map((out) => readFile(join(out, `${name}.${suffix}`), 'utf8')),
        );
        expect(one).toBe(other);
        expect(one).not.toContain(process.cwd());
      }
    }
  });

  it('has another hash when a schema says something else', async () => {
    const files = richFiles();
    const before = await hashIn(await compile(files));
    files['v1.schema.json'] = { ...RICH, title: 'Order' };
    expect(await hashIn(await compile(files))).not.toBe(before);
  });
});

async function hashIn(out: string): Promise<string> {
  const { contractsHash } = (await import(pathToFileURL(join(out, 'counting.mjs')).href)) as {
    contractsHash: string;
  };
  return contractsHash;
}
