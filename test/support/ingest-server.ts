import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

/** A request as it came over the wire. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Inflated. */
  readonly text: string;
  /** The events' ids, in order. */
  readonly ids: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Break the connection instead of answering. */
  readonly hangUp?: boolean;
}

export type Answerer = (received: Received, number: number) => Answer | Promise<Answer>;

/** A real HTTP server that takes events as ingest does; `answer` decides what each request comes to. */
export async function ingestServer(answer: Answerer = accept) {
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    const received = await receive(request);
    requests.push(received);
    write(response, await answer(received, requests.length));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { apiUrl, requests };
}

/** All accepted, as ingest says it. */
export function accept({ ids }: Received): Answer {
  return outcomes(ids.length, []);
}

/** Ingest's answer where the listed items were not accepted. */
export function outcomes(sent: number, results: readonly Record<string, unknown>[]): Answer {
  const accepted = sent - results.length;
  const refused = results.filter(({ status }) => status === 503).length;
  return {
    status: results.length === 0 ? 202 : 207,
    body: { accepted, quarantined: results.length - refused, refused, receipt: 'r-1', results },
  };
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
  const events = text === '' ? [] : (JSON.parse(text) as { id: string }[]);
  return {
    path: request.url ?? '',
    headers: request.headers,
    text,
    ids: Array.isArray(events) ? events.map(({ id }) => id) : [],
  };
}

function write(response: ServerResponse, { status, headers = {}, body = '', hangUp }: Answer): void {
  if (hangUp) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
