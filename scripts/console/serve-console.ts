import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { couldNotRun } from '../../cli/platform/errors.ts';
import { type Answer, answerRequest } from './answer-request.ts';
import type { ConsoleSource } from './ports.ts';

/** A console that is being served. */
export interface RunningConsole {
  /** Such as `http://127.0.0.1:4580`. */
  readonly url: string;
  /** Ends it, and what is being answered with it. */
  close(): Promise<void>;
}

/** Where it is looked for; any other does where this one is taken. */
const USUAL_PORT = 4580;
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 100;

/** Only the page's own script runs. Widgets may style themselves, by attributes alone. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Serves the console to this machine alone.
 *
 * @param port 0 for any free one. @default 4580, or any free one
 * @throws CliError where the port is taken
 */
export async function serveConsole(source: ConsoleSource, port?: number): Promise<RunningConsole> {
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    const listening = (server.address() as AddressInfo | null)?.port ?? 0;
    answerRequest(request, source, listening).then(({ status, type, body, headers }: Answer) => {
      const length = { 'content-length': Buffer.byteLength(body) };
      response.writeHead(status, { ...HEADERS, ...headers, ...length, 'content-type': type });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listenSomewhere(server, port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listenSomewhere(server: Server, port: number | undefined): Promise<void> {
  try {
    await listen(server, port ?? USUAL_PORT);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (port !== undefined) {
      throw couldNotRun(`Port ${port} can't be had (${code}).`, 'Leave out --port for any free one.', error);
    }
    await listen(server, 0);
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
