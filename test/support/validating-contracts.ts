import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidatingContract, Validator } from '../../lambdas/domain/contract.ts';

const ajv = new Ajv2020({ strict: true });
const compile = (schema: object) => ajv.compile(schema) as unknown as Validator;

const reading = {
  type: 'object',
  required: ['value'],
  properties: {
    value: { type: 'number' },
    region: { type: 'string' },
    note: {},
    kind: { enum: ['a', 'b'] },
    readings: { type: 'array', items: { type: 'object', properties: { at: { type: 'integer' } } } },
  },
  additionalProperties: true,
};

const base: Omit<ValidatingContract, 'type' | 'versions'> = {
  owner: 'tests',
  current: 1,
  priority: 'standard',
  bucket: 'PT1H',
  lateMs: 35 * 86_400_000,
  earlyMs: 300_000,
  revisions: [
    {
      from: '2026-01-01T00:00:00Z',
      meters: [
        {
          name: 'total',
          aggregate: 'sum',
          value: '/value',
          scale: 9,
          unit: '1',
          groupBy: { region: '/region' },
          maxGroups: 50,
        },
      ],
    },
  ],
};

/**
 * `test.reading` with two schema versions, `test.strict` that knows every property, `test.other`, and one of each priority
 * that is not standard.
 */
export const validatingContracts = new Map<string, ValidatingContract>(
  [
    {
      ...base,
      type: 'test.reading',
      versions: new Map([
        [1, compile(reading)],
        [2, compile({ ...reading, required: ['value', 'region'] })],
      ]),
    },
    {
      ...base,
      type: 'test.strict',
      versions: new Map([[1, compile({ ...reading, additionalProperties: false })]]),
    },
    { ...base, type: 'test.other', versions: new Map([[1, compile(reading)]]) },
    {
      ...base,
      type: 'test.critical',
      priority: 'critical' as const,
      versions: new Map([[1, compile(reading)]]),
    },
    { ...base, type: 'test.bulk', priority: 'bulk' as const, versions: new Map([[1, compile(reading)]]) },
  ].map((contract) => [contract.type, contract]),
);
