import type { IncomingMessage, ServerResponse } from 'node:http';
import { type PretendBucket, type Refusal, STATUS } from './pretend-bucket.ts';

/** Answers one request as S3 does, path style, from a bucket in memory: GET with a range, HEAD, PUT, ListObjectsV2. */
export function serveBucket(
  bucket: PretendBucket,
  { method, url = '/', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: Buffer,
  response: ServerResponse,
): void {
  const { pathname, searchParams } = new URL(url, 'http://bucket');
  const key = decodeURIComponent(pathname.slice(1));
  if (method === 'PUT') {
    const put = bucket.put(key, body, headers['if-none-match'] === '*');
    if ('refused' in put) refuse(put, response);
    else response.writeHead(200, { etag: '"0"', 'x-amz-version-id': put.versionId }).end();
  } else if (searchParams.has('list-type')) {
    list(bucket, key.replace(/\/$/, ''), searchParams, response);
  } else {
    get(bucket, key, headers.range, method === 'HEAD', response);
  }
}

function get(
  bucket: PretendBucket,
  key: string,
  range: string | undefined,
  headOnly: boolean,
  response: ServerResponse,
): void {
  const got = bucket.get(key, range);
  if ('refused' in got) {
    refuse(got, response);
    return;
  }
  const { bytes, start } = got;
  response.writeHead(range === undefined ? 200 : 206, {
    'content-length': bytes.length,
    etag: '"0"',
    ...(range !== undefined && { 'content-range': `bytes ${start}-${start + bytes.length - 1}/*` }),
  });
  response.end(headOnly ? undefined : bytes);
}

function list(bucket: PretendBucket, name: string, asked: URLSearchParams, response: ServerResponse): void {
  const prefix = asked.get('prefix') ?? '';
  const { keys, next } = bucket.list(`${name}/${prefix}`, asked.get('continuation-token') ?? undefined);
  const contents = keys.map((key) => `<Contents><Key>${key.slice(name.length + 1)}</Key></Contents>`);
  const more = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`;
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(
    `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>${contents.join('')}${more}</ListBucketResult>`,
  );
}

function refuse({ refused }: Refusal, response: ServerResponse): void {
  response.writeHead(STATUS[refused], { 'content-type': 'application/xml' });
  response.end(`<Error><Code>${refused}</Code><Message>${refused}</Message></Error>`);
}
