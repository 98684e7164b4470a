import { once } from 'node:events';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { couldNotRun } from '../../cli/platform/errors.ts';
import { serveConsole } from '../../scripts/console/serve-console.ts';
import { FakeWeir, OWN, serve } from '../support/browser/fake-weir.ts';

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends what no browser would let a page send: fetch sets Host and Origin by itself. */
function send(url: string, { method = 'GET', path = '/', headers = {}, body }: Sent = {}) {
  const { port, host } = new URL(url);
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port, method, path, headers: { host, ...headers }, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode!, headers: response.headers, body: text }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    },
  );
}

const call = (url: string, given: Sent = {}) =>
  send(url, {
    method: 'POST',
    path: '/api/widget',
    body: '{"params":{"widget":"runs"}}',
    ...given,
    headers: { 'content-type': 'application/json', origin: url, ...given.headers },
  });

describe('the console answers to its own page alone', () => {
  it('not to a name that somebody else has pointed to this machine', async () => {
    const { url } = await serve(new FakeWeir());
    const { port } = new URL(url);
    const others = ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1'];
    for (const host of others)
      for (const path of ['/', '/assets/main.mjs', '/api/charts', '/api/about'])
        expect(await send(url, { path, headers: { host } }), `${host} ${path}`).toMatchObject({
          status: 421,
        });
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`])
      expect(await send(url, { headers: { host } })).toMatchObject({ status: 200 });
  });

  it('calls nothing for the page of another origin, nor for a program that says none', async () => {
    const weir = new FakeWeir();
    const { url } = await serve(weir);
    const { port } = new URL(url);
    for (const origin of [
      'http://evil.example',
      'null',
      `http://127.0.0.1:1${port}`,
      `https://127.0.0.1:${port}`,
      `http://localhost:${port}`,
    ])
      expect(await call(url, { headers: { origin } }), origin).toMatchObject({ status: 403 });
    expect(await call(url, { headers: { 'sec-fetch-site': 'cross-site' } })).toMatchObject({ status: 403 });
    const none = await send(url, {
      method: 'POST',
      path: '/api/widget',
      headers: { 'content-type': 'application/json' },
      body: '{"params":{}}',
    });
    expect(none.status).toBe(403);
    expect(weir.calls).toEqual([]);
    expect(await call(url)).toMatchObject({ status: 200, body: '{"html":"<p>This is runs</p>"}' });
  });

  it('reads no numbers for the page of another origin, which would be paid for', async () => {
    const weir = new FakeWeir();
    const { url } = await serve(weir);
    const { port } = new URL(url);
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: `http://127.0.0.1:1${port}` },
      // As a picture or a script of another page: no Origin, but where it comes from.
      { 'sec-fetch-site': 'cross-site' },
      // Another port of this machine is the same site.
      { 'sec-fetch-site': 'same-site' },
    ])
      for (const path of ['/api/charts', '/api/about'])
        expect(await send(url, { path, headers }), JSON.stringify(headers)).toMatchObject({ status: 403 });
    expect(weir.chartsRead).toBe(0);
    for (const site of ['same-origin', 'none'])
      expect((await send(url, { path: '/api/charts', headers: { 'sec-fetch-site': site } })).status).toBe(
        200,
      );
  });

  it('is a page that links lead to', async () => {
    const { url } = await serve(new FakeWeir());
    expect((await send(url, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(200);
  });

  it('is not reached by any other address of this machine', async () => {
    const { url } = await serve(new FakeWeir());
    // All of 127.0.0.0/8 is this machine: who listens everywhere is reached by this one too.
    const other = createConnection({ host: '127.0.0.2', port: Number(new URL(url).port) });
    await expect(once(other, 'connect')).rejects.toThrow();
  });
});

describe('the console takes nothing but what its page sends', () => {
  it.each([
    ['a form of another page', { headers: { 'content-type': 'text/plain' } }, 415],
    ['no JSON', { body: '{' }, 400],
    ['no object', { body: '[]' }, 400],
    ['no parameters', { body: '{"params":"x"}' }, 400],
    ['too much', { body: JSON.stringify({ params: { x: 'x'.repeat(70_000) } }) }, 413],
    [
      'another function',
      { body: '{"params":{},"endpoint":"arn:aws:lambda:us-east-1:1:function:other"}' },
      403,
    ],
    ['an endpoint that is no text', { body: '{"params":{},"endpoint":[]}' }, 403],
  ])('%s', async (_, given, status) => {
    const weir = new FakeWeir();
    const { url } = await serve(weir);
    expect(await call(url, given)).toMatchObject({ status, body: expect.stringContaining('"message"') });
    expect(weir.calls).toEqual([]);
  });

  it('a call of its own function by its name', async () => {
    const { url } = await serve(new FakeWeir());
    const body = JSON.stringify({ params: { widget: 'runs' }, endpoint: OWN });
    expect(await call(url, { body })).toMatchObject({ status: 200 });
  });

  it.each([
    ['POST', '/', 405],
    ['DELETE', '/api/charts', 405],
    ['GET', '/api/widget', 405],
    ['GET', '/assets/../serve-console.ts', 404],
    ['GET', '/assets/%2e%2e/ports.ts', 404],
    ['GET', '/assets/tsconfig.json', 404],
    ['GET', '/constructor', 404],
    ['GET', '/api/__proto__', 404],
  ])('%s %s is refused', async (method, path, status) => {
    const { url } = await serve(new FakeWeir());
    expect((await send(url, { method, path, headers: { origin: url } })).status).toBe(status);
  });
});

describe('what the console sends', () => {
  it('runs no script but its own, is kept by nobody and framed by nobody', async () => {
    const { url } = await serve(new FakeWeir());
    for (const path of ['/', '/assets/main.mjs', '/assets/console.css', '/api/charts', '/nowhere']) {
      const { headers } = await send(url, { path });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'",
      );
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('says what to do when the function or CloudWatch fails, and no more', async () => {
    const weir = new FakeWeir();
    weir.answer = () => Promise.reject(couldNotRun('weir-widgets failed: no table', 'Its logs are there.'));
    weir.readCharts = () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    const { url } = await serve(weir);
    expect(JSON.parse((await call(url)).body)).toEqual({
      message: 'weir-widgets failed: no table',
      hint: 'Its logs are there.',
    });
    const charts = await send(url, { path: '/api/charts' });
    expect(charts).toMatchObject({ status: 502, body: expect.stringContaining('does not answer') });
    expect(charts.body).not.toContain('    at ');
  });
});

describe('where and how long', () => {
  it('takes any port where the usual one is taken, and says so where one was named', async () => {
    const [one, other] = await Promise.all([serveConsole(new FakeWeir()), serveConsole(new FakeWeir())]);
    onTestFinished(() => Promise.all([one.close(), other.close()]).then(() => {}));
    expect(one.url).not.toBe(other.url);
    await expect(serveConsole(new FakeWeir(), Number(new URL(one.url).port))).rejects.toThrow(/can't be had/);
  });

  it('ends while a widget is being asked and a browser holds connections', async () => {
    const weir = new FakeWeir();
    const asked = Promise.withResolvers<void>();
    weir.answer = () => {
      asked.resolve();
      return new Promise(() => {});
    };
    const running = await serveConsole(weir, 0);
    const answer = call(running.url).catch((error: Error) => error.message);
    await asked.promise;
    await running.close();
    expect(await answer).toMatch(/hang up|reset/);
    await expect(send(running.url)).rejects.toThrow(/ECONNREFUSED/);
  });
});
