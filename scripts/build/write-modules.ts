import { createHash } from 'node:crypto';
import { join } from 'node:path';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import type { CheckedContract } from './read-contract.ts';
import { newAjv } from './schema-compiler.ts';
import { withoutId } from './walk-schema.ts';

/** A generated module and its TypeScript declarations. */
export interface GeneratedModule {
  readonly code: string;
  readonly types: string;
}

const NOTICE = '// Made from contracts/ by scripts/build.ts. Do not edit.\n';
const HASH_TYPE = `/** SHA-256, in hex, of all that contracts and schemas say. */
export declare const contractsHash: string;
`;
const root = join(import.meta.dirname, '../..');
const DOMAIN = '../../lambdas/domain/contract.ts';

/** Contracts with a validator for each schema version, compiled: nothing is left to do at start, and no `eval`. */
export async function validatingModule(
  checked: readonly CheckedContract[],
  hash: string,
): Promise<GeneratedModule> {
  const { code: validators, nameOf } = standaloneValidators(checked);
  const entries = checked.map(({ contract, versions }) => {
    const pairs = [...versions.keys()].map((version) => `[${version}, ${nameOf(contract.type, version)}]`);
    const versionsMap = `new Map([${pairs.join(', ')}])`;
    return `[${text(contract.type)}, { ...${text(contract)}, versions: ${versionsMap} }]`;
  });
  const source = `${validators}
export const contracts = new Map([
${entries.join(',\n')}
]);
export const contractsHash = ${text(hash)};
`;
  return {
    code: NOTICE + (await bundleRequires(source)),
    types: `${NOTICE}import type { Contracts, ValidatingContract } from '${DOMAIN}';
/** Contracts by event type, with a validator for each schema version. */
export declare const contracts: Contracts<ValidatingContract>;
${HASH_TYPE}`,
  };
}

/** Contracts without validators, for what counts events that were validated before. */
export function countingModule(checked: readonly CheckedContract[], hash: string): GeneratedModule {
  const entries = checked.map(({ contract }) => `[${text(contract.type)}, ${text(contract)}]`);
  return {
    code: `${NOTICE}export const contracts = new Map([
${entries.join(',\n')}
]);
export const contractsHash = ${text(hash)};
`,
    types: `${NOTICE}import type { Contracts } from '${DOMAIN}';
/** Contracts by event type. */
export declare const contracts: Contracts;
${HASH_TYPE}`,
  };
}

/** The texts of contracts and schemas, to be published as they are. */
export function documentsModule(checked: readonly CheckedContract[], hash: string): GeneratedModule {
  const entries = checked.map(({ contract, text: contractText, versions }) => {
    const pairs = [...versions].map(([version, schema]) => `[${version}, ${document(schema.text)}]`);
    return `[${text(contract.type)}, { contract: ${document(contractText)}, versions: new Map([${pairs.join(', ')}]) }]`;
  });
  return {
    code: `${NOTICE}export const documents = new Map([
${entries.join(',\n')}
]);
export const contractsHash = ${text(hash)};
`,
    types: `${NOTICE}/** A JSON text to publish. */
export interface ContractDocument {
  readonly text: string;
  /** Strong entity tag (RFC 9110), quotes included: the SHA-256 of the text. */
  readonly etag: string;
}
export interface ContractDocuments {
  /** contract.json */
  readonly contract: ContractDocument;
  /** The JSON Schemas by version. */
  readonly versions: ReadonlyMap<number, ContractDocument>;
}
/** By event type, in the order of their names. */
export declare const documents: ReadonlyMap<string, ContractDocuments>;
${HASH_TYPE}`,
  };
}

/** ajv's code for all schema versions, in one scope so that they share what they can. */
function standaloneValidators(checked: readonly CheckedContract[]): {
  readonly code: string;
  nameOf(type: string, version: number): string;
} {
  // The first error is enough to refuse an event, and finding no more bounds the work on hostile input.
  const ajv = newAjv({ allErrors: false, verbose: false, code: { source: true, esm: true, lines: true } });
  const names = new Map<string, string>();
  for (const { contract, versions } of checked) {
    for (const [version, { schema }] of versions) {
      const id = `${contract.type}/${version}`;
      ajv.addSchema(withoutId(schema), id);
      names.set(id, `schema_${names.size}`);
    }
  }
  const exported = Object.fromEntries([...names].map(([id, name]) => [name, id]));
  return {
    code: standalone.default(ajv, exported).replaceAll('export const schema_', 'const schema_'),
    nameOf: (type, version) => names.get(`${type}/${version}`)!,
  };
}

/** ajv's code asks for its helpers with `require`, which an ES module doesn't have. */
async function bundleRequires(source: string): Promise<string> {
  const { outputFiles } = await build({
    // Paths from the root: the output must not depend on where the build was started.
    absWorkingDir: root,
    stdin: { contents: source, resolveDir: root, sourcefile: 'validating.mjs' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

function document(content: string): string {
  const etag = `"${createHash('sha256').update(content).digest('hex')}"`;
  return `{ text: ${text(content)}, etag: ${text(etag)} }`;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
