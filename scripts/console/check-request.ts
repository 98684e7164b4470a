import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is not answered: a status and a text for whoever sent it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Any page that the operator's browser shows can send requests to this machine, and a name that its owner points to
 * 127.0.0.1 makes that page and the console one origin. So: only by the console's own address, and what does something
 * only from its own page.
 *
 * @param port that the console listens on
 * @throws Refusal
 */
export function checkSender(headers: IncomingHttpHeaders, port: number, doesSomething: boolean): void {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (host === undefined || !hosts(port).includes(host)) {
    throw new Refusal(421, `This console answers at http://127.0.0.1:${port} only.`);
  }
  if (origin !== undefined ? origin !== `http://${host}` : doesSomething) {
    throw new Refusal(403, 'Only the page of this console may ask for that.');
  }
  if (doesSomething && site !== undefined && site !== 'same-origin') {
    throw new Refusal(403, 'Only the page of this console may ask for that.');
  }
}

const hosts = (port: number) => [`127.0.0.1:${port}`, `localhost:${port}`];
