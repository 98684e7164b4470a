import { describe, expect, it } from 'vitest';
import { type Files, goodFiles, type Json, mistakesIn, TYPE } from '../support/contract-folder.ts';

/** One way to break a contract: the change, then file, text of the line and words of each mistake expected. */
type Case = [what: string, change: (files: Files) => void, ...mistakes: [string, string, RegExp][]];

const CONTRACT = `${TYPE}/contract.json`;
const SCHEMA = `${TYPE}/v1.schema.json`;
const contract = (change: (contract: Json) => void) => (files: Files) => change(files['contract.json']);
const meter = (index: number, change: Json) => (files: Files) =>
  Object.assign(files['contract.json'].revisions[0].meters[index], change);
const property = (name: string, schema: Json) => (files: Files) => {
  files['v1.schema.json'].properties[name] = schema;
};
const revisions = (...starts: [from: string, replaces?: number][]) =>
  contract((written) => {
    const { meters } = written.revisions[0];
    written.revisions = starts.map(([from, replaces]) => ({ from, ...(replaces && { replaces }), meters }));
  });

async function expectMistakes([, change, ...expected]: Case): Promise<void> {
  const files = goodFiles();
  change(files);
  const found = await mistakesIn(files);
  expect(found.map(({ file, message }) => `${file}: ${message}`)).toHaveLength(expected.length);
  for (const [index, [file, lineText, message]] of expected.entries()) {
    expect(found[index]!.message).toMatch(message);
    expect(found[index]!.file).toBe(file);
    expect(found[index]!.lineText).toContain(lineText);
  }
}

describe('P3: a contract with a mistake fails the build, with file and line', () => {
  it('finds nothing wrong with a contract that is right', async () => {
    expect(await mistakesIn(goodFiles())).toEqual([]);
  });

  it('reports all mistakes of all contracts at once', async () => {
    const files = goodFiles();
    files['contract.json'].bucket = 'PT2H';
    files['contract.json'].owner = '';
    files['/other.type/contract.json'] = '{';
    const found = await mistakesIn(files);
    expect(found.map(({ file }) => file)).toEqual(['other.type/contract.json', CONTRACT, CONTRACT]);
  });

  describe('the file', () => {
    it.each<Case>([
      [
        'is no JSON',
        (files) => {
          files['contract.json'] = '{\n  "type": "shop.order",\n  "owner": oops\n}';
        },
        [CONTRACT, 'oops', /no JSON/],
      ],
      [
        'has a comment',
        (files) => {
          files['contract.json'] = `{\n  // ours\n  "type": 1\n}`;
        },
        [CONTRACT, '// ours', /no JSON: .*Comment/],
      ],
      [
        'has a key twice, of which a parser would keep the last',
        (files) => {
          files['v1.schema.json'] = '{\n  "type": "object",\n  "type": "array"\n}';
        },
        [SCHEMA, '"type": "array"', /"type" stands twice/],
      ],
      [
        'is missing',
        (files) => {
          delete files['contract.json'];
        },
        [CONTRACT, '', /can't be read: ENOENT/],
      ],
      [
        'has a name with a slip',
        (files) => {
          files['v2.shema.json'] = {};
        },
        [`${TYPE}/v2.shema.json`, '', /neither contract\.json, v<n>\.schema\.json/],
      ],
      [
        'lies beside the types',
        (files) => {
          files['/stray.json'] = {};
        },
        ['stray.json', '', /each type has a folder/],
      ],
    ])('%s', (...broken) => expectMistakes(broken));
  });

  describe('contract.json', () => {
    it.each<Case>([
      [
        'has an unknown key',
        contract((written) => {
          written.buket = 'PT1H';
        }),
        [CONTRACT, '"buket"', /unknown key "buket" \(did you mean "bucket"\?\)/],
      ],
      [
        'lacks an owner',
        contract((written) => {
          delete written.owner;
        }),
        [CONTRACT, '{', /"owner" is missing/],
      ],
      [
        'has another type than its folder',
        contract((written) => {
          written.type = 'shop.orders';
        }),
        [CONTRACT, '"type"', /"shop\.orders", but the folder is "shop\.order"/],
      ],
      [
        'has a type of odd characters',
        contract((written) => {
          written.type = 'shop order';
        }),
        [CONTRACT, '"type"', /letters, digits/],
      ],
      [
        'has a bucket of another length',
        contract((written) => {
          written.bucket = 'PT2H';
        }),
        [CONTRACT, '"bucket"', /one of "PT15M", "PT30M", "PT1H", "P1D"; it is "PT2H"/],
      ],
      [
        'has an unknown compatibility',
        contract((written) => {
          written.compatibility = 'backward';
        }),
        [CONTRACT, '"compatibility"', /one of "NONE", "BACKWARD"/],
      ],
      [
        'has an unknown priority',
        contract((written) => {
          written.priority = 'high';
        }),
        [CONTRACT, '"priority"', /one of "critical", "standard", "bulk"/],
      ],
      [
        'has a duration in months, which have no fixed length',
        contract((written) => {
          written.late = 'P1M';
        }),
        [CONTRACT, '"late"', /ISO 8601 in weeks, or days/],
      ],
      [
        'has a duration without a number',
        contract((written) => {
          written.early = 'PT';
        }),
        [CONTRACT, '"early"', /ISO 8601/],
      ],
      [
        'has a current version that is not there',
        contract((written) => {
          written.current = 2;
        }),
        [CONTRACT, '"current"', /"current" is 2, and there is no v2\.schema\.json/],
      ],
      [
        'has no revision',
        contract((written) => {
          written.revisions = [];
        }),
        [CONTRACT, '"revisions"', /fewer than 1/],
      ],
    ])('%s', (...broken) => expectMistakes(broken));

    it('is refused a type that is reserved', async () => {
      const { 'contract.json': written, ...rest } = goodFiles();
      const moved = Object.fromEntries(
        Object.entries(rest).map(([name, file]) => [`/weir.order/${name}`, file]),
      );
      const found = await mistakesIn({
        ...moved,
        '/weir.order/contract.json': { ...written, type: 'weir.order' },
      });
      expect(found.map(({ message }) => message)).toEqual(['types that begin with "weir." are Weir\'s own']);
    });

    it('is refused a type of more than 128 characters', async () => {
      const files = goodFiles();
      files['contract.json'].type = 'x'.repeat(129);
      expect((await mistakesIn(files))[0]!.message).toMatch(/NOT have more than 128 characters/);
    });
  });

  describe('a revision', () => {
    it.each<Case>([
      [
        'begins at no time',
        revisions(['yesterday']),
        [CONTRACT, '"from"', /UTC time like 2026-01-01T00:00:00Z/],
      ],
      ['begins in local time', revisions(['2026-01-01T00:00:00+01:00']), [CONTRACT, '"from"', /UTC time/]],
      [
        'begins within a window',
        revisions(['2026-01-01T00:30:00Z']),
        [CONTRACT, '"from"', /start of a PT1H window; .* next begins at 2026-01-01T01:00:00Z/],
      ],
      [
        'begins a nanosecond late',
        revisions(['2026-01-01T00:00:00.000000001Z']),
        [CONTRACT, '"from"', /start of a PT1H window/],
      ],
      [
        'begins before the one before it',
        revisions(['2026-03-01T00:00:00Z'], ['2026-02-01T00:00:00Z']),
        [CONTRACT, '"from": "2026-02-01', /revision 2 must begin later than revision 1/],
      ],
      [
        'begins with the one before it',
        revisions(['2026-03-01T00:00:00Z'], ['2026-03-01T00:00:00Z']),
        [CONTRACT, '"from": "2026-03-01', /must begin later/],
      ],
      [
        'replaces itself',
        revisions(['2026-03-01T00:00:00Z', 1]),
        [CONTRACT, '"replaces"', /can only replace an earlier one, not 1/],
      ],
      [
        'replaces what was replaced already',
        revisions(['2026-03-01T00:00:00Z'], ['2026-03-01T00:00:00Z', 1], ['2026-03-01T00:00:00Z', 1]),
        [CONTRACT, '"from"', /must begin later/],
        [CONTRACT, '"replaces"', /replaced by revision 2 already/],
      ],
      [
        'leaves windows without a revision',
        revisions(['2026-03-01T00:00:00Z'], ['2026-04-01T00:00:00Z', 1]),
        [CONTRACT, '"replaces"', /windows between would have no revision/],
      ],
      [
        'replaces one that another has followed, which it would overtake',
        revisions(['2026-03-01T00:00:00Z'], ['2026-04-01T00:00:00Z'], ['2026-03-01T00:00:00Z', 1]),
        [CONTRACT, '"from": "2026-03-01', /revision 3 must begin later than revision 2/],
      ],
    ])('%s', (...broken) => expectMistakes(broken));

    it('may replace each of two, in their order', async () => {
      const files = goodFiles();
      revisions(
        ['2026-03-01T00:00:00Z'],
        ['2026-04-01T00:00:00Z'],
        ['2026-03-01T00:00:00Z', 1],
        ['2026-04-01T00:00:00Z', 2],
      )(files);
      expect(await mistakesIn(files)).toEqual([]);
    });
  });

  describe('a meter', () => {
    const sum = (value: string) => meter(2, { value });
    it.each<Case>([
      [
        'has a name of odd characters',
        meter(0, { name: 'Orders!' }),
        [CONTRACT, '"Orders!"', /lower-case letter/],
      ],
      [
        'has the name of another',
        meter(2, { name: 'orders' }),
        [CONTRACT, '"orders"', /two meters of one revision/],
      ],
      [
        'has an unknown aggregate',
        meter(0, { aggregate: 'avg' }),
        [CONTRACT, '"avg"', /one of "count", "sum"/],
      ],
      ['has an unknown key', meter(0, { scales: 1 }), [CONTRACT, '"scales"', /did you mean "scale"/]],
      ['counts a value', meter(0, { value: '/pieces' }), [CONTRACT, '"value"', /"count" counts events/]],
      ['counts with decimals', meter(0, { scale: 2 }), [CONTRACT, '"scale": 2', /takes no "scale"/]],
      ['sums nothing', meter(2, { value: undefined }), [CONTRACT, '{', /"sum" needs a "value"/]],
      ['has a value that is no pointer', sum('pieces'), [CONTRACT, '"value": "pieces"', /JSON Pointer/]],
      [
        'sums a place that the schema lacks',
        sum('/peices'),
        [CONTRACT, '"value": "/peices"', /v1\.schema\.json has no \/peices; every version/],
      ],
      [
        'sums a place within a number',
        sum('/pieces/0'),
        [CONTRACT, '"value": "/pieces/0"', /v1\.schema\.json has no \/pieces\/0/],
      ],
      [
        'sums text',
        sum('/note'),
        [CONTRACT, '"value": "/note"', /v1\.schema\.json lets \/note be any string; .*"format": "decimal"/],
      ],
      ['sums truth', sum('/paid'), [CONTRACT, '"value": "/paid"', /lets \/paid be a boolean/]],
      ['sums a list', sum('/tags'), [CONTRACT, '"value": "/tags"', /lets \/tags be an array/]],
      [
        'sums what the schema says nothing of',
        (files) => {
          property('free', {})(files);
          sum('/free')(files);
        },
        [CONTRACT, '"value": "/free"', /be a boolean, any string, an array, an object;/],
      ],
      [
        'sums what can only be null',
        (files) => {
          property('none', { type: 'null' })(files);
          sum('/none')(files);
        },
        [CONTRACT, '"value": "/none"', /lets \/none be null only/],
      ],
      [
        'sums decimals without a scale',
        meter(1, { scale: undefined }),
        [CONTRACT, '{', /needs a "scale" \(0 to 9\)/],
      ],
      ['keeps more decimals than there are', meter(1, { scale: 10 }), [CONTRACT, '"scale": 10', /<= 9/]],
      ['has no unit', meter(2, { unit: undefined }), [CONTRACT, '{', /needs a "unit"/]],
      [
        'groups by a place that the schema lacks',
        meter(1, { groupBy: { region: '/regoin' } }),
        [CONTRACT, '"region": "/regoin"', /dimension "region": v1\.schema\.json has no \/regoin/],
      ],
      [
        'groups by a list',
        meter(1, { groupBy: { tags: '/tags' } }),
        [CONTRACT, '"tags": "/tags"', /must be a string, number or boolean/],
      ],
      ['has more groups than there may be', meter(1, { maxGroups: 1001 }), [CONTRACT, '1001', /<= 1000/]],
      ['has no group at all', meter(1, { maxGroups: 0 }), [CONTRACT, '"maxGroups": 0', />= 1/]],
      [
        'bounds groups that it has not',
        meter(2, { maxGroups: 5 }),
        [CONTRACT, '"maxGroups"', /no meaning without "groupBy"/],
      ],
      [
        'could outgrow its item',
        meter(1, { groupBy: { note: '/note' }, maxGroups: 1000 }),
        [CONTRACT, '"meters"', /could grow to \d+ KB, .* lower "maxGroups", or give .* "maxLength"/],
      ],
    ])('%s', (...broken) => expectMistakes(broken));

    it.each([
      ['a referred schema', '/vat', 2],
      ['what all of two schemas allow', '/size', 0],
      ['an item', '/lines/0', 2],
      ['a member of any name', '/counts/apples', 2],
      ['one of several schemas', '/either', 2],
    ])('may sum %s', async (_, value, scale) => {
      const files = goodFiles();
      property('lines', { type: 'array', items: { type: 'number' } })(files);
      property('counts', { type: 'object', additionalProperties: { type: 'number' } })(files);
      property('either', { oneOf: [{ type: 'integer' }, { type: 'string', format: 'decimal' }] })(files);
      meter(2, { value, scale })(files);
      expect(await mistakesIn(files)).toEqual([]);
    });

    it('must find its value in every schema version, and is told which one lacks it', async () => {
      const files = goodFiles();
      const { pieces: _, ...properties } = files['v1.schema.json'].properties;
      files['v2.schema.json'] = { ...files['v1.schema.json'], properties };
      const found = await mistakesIn(files);
      expect(found.map(({ message }) => message)).toEqual([
        'meter "pieces": v2.schema.json has no /pieces; every version must declare it',
      ]);
    });
  });

  describe('a schema', () => {
    const schema = (change: (schema: Json) => void) => (files: Files) => change(files['v1.schema.json']);
    it.each<Case>([
      [
        'is of another dialect',
        schema((written) => {
          written.$schema = 'http://json-schema.org/draft-07/schema#';
        }),
        [SCHEMA, '"$schema"', /must be "https:\/\/json-schema\.org\/draft\/2020-12\/schema"/],
      ],
      ['has a type that is none', property('pieces', { type: 'int' }), [SCHEMA, '"type": "int"', /./]],
      [
        'has a keyword with a slip',
        property('pieces', { type: 'integer', minimun: 0 }),
        [SCHEMA, '"minimun"', /unknown keyword "minimun" \(did you mean "minimum"\?\)/],
      ],
      [
        'has a keyword of another dialect',
        property('pieces', { type: 'integer', nullable: true }),
        [SCHEMA, '"nullable"', /unknown keyword/],
      ],
      [
        'has an unknown format',
        property('note', { type: 'string', format: 'url' }),
        [SCHEMA, '"format": "url"', /unknown format "url"; there are decimal, date/],
      ],
      [
        'has a pattern that is none',
        property('note', { type: 'string', maxLength: 9, pattern: '\\-' }),
        [SCHEMA, '"pattern"', /no regular expression with the "u" flag/],
      ],
      [
        'has a pattern without a bound on length',
        property('note', { type: 'string', pattern: '^a+$' }),
        [SCHEMA, '"pattern"', /needs "maxLength" of at most 4096/],
      ],
      [
        'has a pattern that backtracks without end',
        property('note', { type: 'string', maxLength: 99, pattern: '^(a|b(c+))*$' }),
        [SCHEMA, '"pattern"', /repetition without bound inside another/],
      ],
      [
        'has a pattern for names that backtracks without end',
        schema((written) => {
          written.patternProperties = { '^([a-z]+)+$': true };
        }),
        [SCHEMA, '"patternProperties"', /repetition without bound inside another/],
      ],
      [
        'compares items each with each, without bound',
        property('tags', { type: 'array', uniqueItems: true, items: { type: 'string' } }),
        [SCHEMA, '"uniqueItems"', /needs "maxItems" of at most 1000/],
      ],
      [
        'has multiples of a fraction, which binary numbers are not',
        property('size', { type: 'number', multipleOf: 0.1 }),
        [SCHEMA, '"multipleOf"', /must be an integer/],
      ],
      [
        'refers to nothing',
        property('vat', { $ref: '#/$defs/percnt' }),
        [SCHEMA, '"$ref"', /leads nowhere in this file/],
      ],
      [
        'refers with a broken escape',
        property('vat', { $ref: '#/$defs/%ff' }),
        [SCHEMA, '"$ref"', /leads nowhere in this file/],
      ],
      [
        'refers to another place in the world',
        property('vat', { $ref: 'https://example.com/vat.json' }),
        [SCHEMA, '"$ref"', /leads nowhere in this file/],
      ],
      [
        'contains itself',
        property('vat', { type: 'array', items: { $ref: '#' } }),
        [SCHEMA, '"$ref"', /contains itself/],
      ],
      [
        "requires what it doesn't declare",
        schema((written) => {
          written.required = ['amuont'];
        }),
        [SCHEMA, '{', /required property "amuont" is not defined/],
      ],
      [
        "bounds a type that isn't there",
        property('pieces', { type: 'integer', maxLength: 3 }),
        [SCHEMA, '"pieces"', /missing type "string" for keyword "maxLength"/],
      ],
      [
        'names the prototype',
        (files) => {
          files['v1.schema.json'] = JSON.stringify(files['v1.schema.json'], null, 2).replace(
            '"vat"',
            '"__proto__"',
          );
        },
        [SCHEMA, '"properties"', /"__proto__" can't be the name/],
      ],
    ])('%s', (...broken) => expectMistakes(broken));

    it.each([['^[a-z]{2,16}(-[a-z]{2,16})*$'], ['^[^+*(]+$'], ['^\\((?:a|b)\\)+$'], ['^([0-9a-f]{32},)*$']])(
      'may have the pattern %s',
      async (pattern) => {
        const files = goodFiles();
        property('note', { type: 'string', maxLength: 99, pattern })(files);
        expect(await mistakesIn(files)).toEqual([]);
      },
    );
  });

  describe('an example', () => {
    const example = (name: string, data: Json) => (files: Files) => {
      files[`examples/${name}`] = data;
    };
    it.each<Case>([
      [
        'said to be valid is not',
        example('valid/two.json', { amount: '1.50', pieces: -1 }),
        [
          `${TYPE}/examples/valid/two.json`,
          '"pieces"',
          /should be valid, but: "pieces" must be >= 0; it is -1/,
        ],
      ],
      [
        "said to be valid can't be counted",
        example('valid/two.json', { amount: '1000000000000000000' }),
        [`${TYPE}/examples/valid/two.json`, '"amount"', /should be valid, but: number-out-of-range/],
      ],
      [
        'said to be invalid is not',
        example('invalid/two.json', { amount: '1.5' }),
        [
          `${TYPE}/examples/invalid/two.json`,
          '{',
          /should be invalid, but passes v1\.schema\.json and can be counted/,
        ],
      ],
      [
        'is of a version that is not there',
        example('valid/v7-two.json', { amount: '1.5' }),
        [`${TYPE}/examples/valid/v7-two.json`, '{', /no v7\.schema\.json/],
      ],
      [
        'is no JSON file',
        example('valid/two.yaml', 'amount: 1'),
        [`${TYPE}/examples/valid/two.yaml`, '', /\.json file/],
      ],
      [
        'of what is valid is missing',
        (files) => {
          delete files['examples/valid/one.json'];
        },
        [`${TYPE}/examples/valid`, '', /needs at least one example/],
      ],
      [
        'of what is invalid is missing',
        (files) => {
          delete files['examples/invalid/amount-as-number.json'];
        },
        [`${TYPE}/examples/invalid`, '', /needs at least one example/],
      ],
    ])('%s', (...broken) => expectMistakes(broken));

    it('is checked against the version that its name begins with, else the current one', async () => {
      const files = goodFiles();
      files['v2.schema.json'] = { ...files['v1.schema.json'], required: ['amount', 'region'] };
      files['examples/valid/v1-without-region.json'] = { amount: '1' };
      files['examples/invalid/v2-without-region.json'] = { amount: '1' };
      expect(await mistakesIn(files)).toEqual([]);
    });
  });
});
