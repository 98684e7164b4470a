import { createServer } from 'node:net';
import { SetupError } from './errors.ts';
import { runCommand } from './run-command.ts';

/** Listens for a moment; the port that was got, or nothing when it is in use. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(undefined) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/** The process that listens on a port, as well as this machine can tell. */
async function holderOf(port: number): Promise<string> {
  const lsof = await runCommand('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const found = /p(\d+)\nc(.+)/.exec(lsof.output);
  if (lsof.status === 0 && found) return `by ${found[2]} (process ${found[1]})`;
  const ss = await runCommand('ss', ['-ltnpH', `sport = :${port}`]);
  const user = /users:\(\("([^"]+)",pid=(\d+)/.exec(ss.output);
  return user ? `by ${user[1]} (process ${user[2]})` : 'by another process';
}

/**
 * The given port if it is free, or any free one.
 *
 * @throws SetupError when the given one is in use
 */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted > 0 && wanted < 65536)) {
    throw new SetupError(
      `The port is to be a whole number from 1 to 65535, not '${wanted}'. Check WEIR_PORT.`,
    );
  }
  const port = await tryPort(wanted ?? 0);
  if (port !== undefined) return port;
  throw new SetupError(
    `Port ${wanted} is in use ${await holderOf(wanted ?? 0)}. End that, or choose another port with WEIR_PORT=<port>.`,
  );
}
