import type { Authenticate } from '../platform/authenticate.ts';
import { ProblemError } from '../platform/problem.ts';
import type { Route, Routes } from '../platform/serve.ts';
import { answerDocument, type PublishedDocument, publishJson } from './answer-document.ts';
import { openapi } from './openapi.ts';

/** A JSON text of the contracts' build. */
interface Document {
  readonly text: string;
  readonly etag: string;
}

/** By event type: contract.json, and its schemas by version. */
export type ContractDocuments = ReadonlyMap<
  string,
  { readonly contract: Document; readonly versions: ReadonlyMap<number, Document> }
>;

/** What any key may read: the contracts, their schemas, and this API's own description. */
export function createCatalogue(documents: ContractDocuments, authenticate: Authenticate): Routes {
  const list = publishJson({
    contracts: [...documents].map(([type, { contract, versions }]) => ({
      type,
      contract: JSON.parse(contract.text),
      schemas: [...versions].map(([version, { etag }]) => ({
        version,
        etag,
        href: `/v1/contracts/${encodeURIComponent(type)}/${version}`,
      })),
    })),
  });
  const publish =
    (find: (path: Readonly<Record<string, string>>) => PublishedDocument): Route =>
    async (request) => {
      await authenticate(request);
      return answerDocument(request, find(request.path));
    };
  return {
    '/v1/contracts': { GET: publish(() => list) },
    '/v1/contracts/{type}/{version}': {
      GET: publish(({ type, version }) => findSchema(documents, type, version)),
    },
    '/v1/openapi.json': { GET: publish(() => published) },
  };
}

const published = publishJson(openapi);

function findSchema(documents: ContractDocuments, type = '', version = ''): PublishedDocument {
  const schema = /^[1-9]\d{0,5}$/.test(version)
    ? documents.get(type)?.versions.get(Number(version))
    : undefined;
  if (schema) return { ...schema, mediaType: 'application/schema+json' };
  const detail = 'there is no schema of this type and version; GET /v1/contracts lists those that there are';
  throw new ProblemError({ status: 404, code: 'unknown-schema', detail });
}
