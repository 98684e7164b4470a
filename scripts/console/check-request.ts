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

/** What is asked for: a file of the page, which links may lead to; numbers, which cost; or a call, which does something. */
export type Wish = 'page' | 'numbers' | 'call';

/**
 * Any page that the operator's browser shows can send requests to this machine, and a name that its owner points to
 * 127.0.0.1 makes that page and the console one origin. So: only by the console's own address; what costs not for
 * another page, though it could not read the answer; and what does something only from its own page.
 *
 * @param port that the console listens on
 * @throws Refusal
 */
export function checkSender(headers: IncomingHttpHeaders, port: number, wish: Wish): void {
  const { host, origin } = headers;
  const site = headers['sec-fetch-site'] as string | undefined;
  if (host === undefined || !hosts(port).includes(host)) {
    throw new Refusal(421, `This console answers at http://127.0.0.1:${port} only.`);
  }
  const isOwn = origin === undefined ? wish !== 'call' : origin === `http://${host}`;
  if (!isOwn || (wish !== 'page' && !FROM_HERE[wish].includes(site))) {
    throw new Refusal(403, 'Only the page of this console may ask for that.');
  }
}

/** What browsers say of where a request comes from; `none` is the address bar, and programs say nothing. */
const FROM_HERE: Readonly<Record<'numbers' | 'call', readonly (string | undefined)[]>> = {
  numbers: ['same-origin', 'none', undefined],
  call: ['same-origin', undefined],
};

const hosts = (port: number) => [`127.0.0.1:${port}`, `localhost:${port}`];
