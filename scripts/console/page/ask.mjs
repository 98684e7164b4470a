/** The console's server did not answer, or said why it can't. */
export class Failure extends Error {
  /** @type {string | undefined} */
  hint;

  /**
   * @param {string} message
   * @param {string} [hint]
   */
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

const READ_MS = 15_000;
const CALL_MS = 45_000;

/**
 * Reads from the console's server.
 *
 * @param {string} path
 * @throws {Failure}
 */
export function read(path) {
  return ask(path, { signal: AbortSignal.timeout(READ_MS) });
}

/**
 * Calls the widgets' function.
 *
 * @param {{ params: object, endpoint?: string | undefined }} body
 * @returns {Promise<{ html: string }>}
 * @throws {Failure}
 */
export function callWidget(body) {
  return ask('/api/widget', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_MS),
  });
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function ask(path, init) {
  const response = await fetch(path, init).catch(() => {
    throw new Failure(
      "The console's server does not answer.",
      'npm start, or npm run console, starts it again.',
    );
  });
  const answer = await response.json().catch(() => ({ message: `The server answered ${response.status}.` }));
  if (!response.ok) throw new Failure(answer.message, answer.hint);
  return answer;
}
