import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { checkContracts } from '../../scripts/build/compile-contracts.ts';
import { ContractMistakes } from '../../scripts/build/mistakes.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests break these files in every way there is
export type Json = any;

/** What a contracts folder holds: paths under the type's folder, or with a leading slash under the whole. */
export type Files = Record<string, Json>;

export const TYPE = 'shop.order';

/** A contract without a mistake; each call makes a fresh one to be broken. */
export function goodFiles(): Files {
  return {
    'contract.json': {
      type: TYPE,
      owner: 'shop@example.com',
      current: 1,
      compatibility: 'BACKWARD',
      bucket: 'PT1H',
      late: 'P35D',
      early: 'PT5M',
      revisions: [
        {
          from: '2026-01-01T00:00:00Z',
          meters: [
            { name: 'orders', aggregate: 'count' },
            {
              name: 'turnover',
              aggregate: 'sum',
              value: '/amount',
              scale: 2,
              unit: 'EUR',
              groupBy: { region: '/region' },
            },
            { name: 'pieces', aggregate: 'sum', value: '/pieces', unit: '1' },
          ],
        },
      ],
    },
    'v1.schema.json': {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['amount'],
      properties: {
        amount: { type: 'string', format: 'decimal' },
        pieces: { type: 'integer', minimum: 0 },
        region: { type: 'string', maxLength: 32 },
        paid: { type: 'boolean' },
        note: { type: 'string' },
        tags: { type: 'array', items: { type: 'string' } },
        vat: { $ref: '#/$defs/percent' },
        size: { allOf: [{ type: ['number', 'string'] }, { type: ['number', 'null'] }] },
      },
      $defs: { percent: { type: 'number', minimum: 0, maximum: 100 } },
    },
    'examples/valid/one.json': { amount: '12.50', pieces: 2, region: 'eu' },
    'examples/invalid/amount-as-number.json': { amount: 12.5 },
  };
}

/** A mistake, and the text of the line that it names. */
export interface FoundMistake {
  /** From the contracts' folder. */
  readonly file: string;
  readonly lineText: string;
  readonly message: string;
}

/** Writes a contracts folder. Text is written as it is, anything else as JSON over many lines. */
export async function writeContracts(files: Files): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-contracts-'));
  for (const [name, content] of Object.entries(files)) {
    const path = name.startsWith('/') ? join(dir, name) : join(dir, TYPE, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
  return dir;
}

/** All that the compiler finds wrong with the files. */
export async function mistakesIn(files: Files): Promise<readonly FoundMistake[]> {
  const dir = await writeContracts(files);
  try {
    await checkContracts(dir);
    return [];
  } catch (error) {
    if (!(error instanceof ContractMistakes)) throw error;
    return await Promise.all(
      error.mistakes.map(async ({ file, line, message }) => {
        const text = await readFile(file, 'utf8').catch(() => '');
        return {
          file: relative(dir, file).replaceAll('\\', '/'),
          lineText: text.split('\n')[line - 1]?.trim() ?? '',
          message,
        };
      }),
    );
  } finally {
    await rm(dir, { recursive: true });
  }
}
