import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import formats, { type FormatName } from 'ajv-formats';

/** Our own format `decimal`: a plain decimal number in a string, of any length, without exponent or plus sign. */
export const DECIMAL = /^-?\d+(?:\.\d+)?$/u;

/**
 * The formats that a contract may use. Each was tried on half a megabyte of what is worst for it and takes no more than
 * milliseconds; `url`, for one, takes a minute, and a sender could stall ingest with it.
 */
const STANDARD_FORMATS: readonly FormatName[] = [
  'date',
  'date-time',
  'time',
  'duration',
  'uri',
  'uri-reference',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
  'json-pointer',
];
export const FORMATS: readonly string[] = ['decimal', ...STANDARD_FORMATS];

/**
 * JSON Schema 2020-12 as contracts use it. Only own members count, so that `constructor` is a name like any other;
 * Infinity, which JSON.parse makes of 1e400, is no number; `pattern` has the `u` flag, and lengths are in code points.
 */
export function newAjv(options: Options): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    strictNumbers: true,
    strictRequired: true,
    ownProperties: true,
    unicodeRegExp: true,
    ...options,
  });
  formats.default(ajv, [...STANDARD_FORMATS]);
  ajv.addFormat('decimal', DECIMAL);
  return ajv;
}
