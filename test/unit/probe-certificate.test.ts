import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BelievedSecret } from '../../lambdas/adapters/believed-secret.ts';
import { probeBucket, probeEvent } from '../../lambdas/domain/probe.ts';
import { HttpApi } from '../../lambdas/probe/call-api.ts';
import { readCertificate, showing } from '../../lambdas/probe/show-certificate.ts';
import {
  authority,
  clientCertificate,
  clientKey,
  serverCertificate,
  serverKey,
} from '../support/certificates.ts';

const NOW = Date.parse('2026-11-21T07:30:12.345Z');
const KEY = `wp_${'p'.repeat(43)}`;
const good = JSON.stringify({ certificate: clientCertificate, privateKey: clientKey });
/** Of nobody whom the server trusts. */
const stranger = JSON.stringify({ certificate: serverCertificate.slice(0, 40), privateKey: 'none' });

const asked: string[] = [];
let status = 202;
let server: Server;
let url: string;
const trusted = getCACertificates();

beforeAll(async () => {
  setDefaultCACertificates([authority]);
  const tls = {
    key: serverKey,
    cert: serverCertificate,
    ca: authority,
    requestCert: true,
    rejectUnauthorized: true,
  };
  server = createServer(tls, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, headers } = request;
      asked.push(`${method} ${request.url} ${headers['x-api-key']} ${Buffer.concat(chunks).length > 0}`);
      const rows = [{ value: '1' }];
      response
        .writeHead(method === 'GET' ? 200 : status, { 'x-weir-receipt': 'r1' })
        .end(JSON.stringify({ rows, asOf: null, code: 'some-code' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  setDefaultCACertificates(trusted);
  server.closeAllConnections();
  server.close();
});

/** A probe whose secret holds these texts, one reading after the other and the last one again. */
function probe(...texts: readonly string[]) {
  let reads = 0;
  const send = async () => ({ SecretString: texts[Math.min(reads++, texts.length - 1)] });
  const clock = { now: () => NOW };
  const secret = new BelievedSecret({ send } as never, 'arn:secret', clock, readCertificate);
  return { api: new HttpApi(url, showing(secret)), reads: () => reads };
}

describe('the probe, where the API wants to see a certificate (F4)', () => {
  it('does not come in without one', async () => {
    expect(await new HttpApi(url).send(KEY, probeEvent(NOW))).toMatchObject({ status: 0 });
    expect(asked).toEqual([]);
  });

  it('shows its own, and is answered as everybody is', async () => {
    const { api, reads } = probe(good);
    expect(await api.send(KEY, probeEvent(NOW))).toEqual({ status: 202, code: 'some-code', receipt: 'r1' });
    expect(await api.usage(KEY, probeBucket(NOW))).toMatchObject({ status: 200, count: '1', asOf: null });
    expect(reads()).toBe(1);
    expect(asked).toEqual([
      `POST /v1/events ${KEY} true`,
      expect.stringMatching(/^GET \/v1\/usage\?subject=minute-30&.* false$/),
    ]);
  });

  it('reads it anew where it is not taken: it may have been renewed', async () => {
    const { api } = probe(stranger, good);
    expect(await api.send(KEY, probeEvent(NOW))).toMatchObject({ status: 0 });
    expect(await api.send(KEY, probeEvent(NOW))).toMatchObject({ status: 202 });
    const refused = probe(good);
    status = 403;
    expect(await refused.api.send(KEY, probeEvent(NOW))).toMatchObject({ status: 403 });
    status = 202;
    expect(await refused.api.send(KEY, probeEvent(NOW))).toMatchObject({ status: 202 });
    expect(refused.reads()).toBe(2);
  });

  it.each(['planted', '{"certificate":"planted"}', 'null'])(
    'says of a secret that is none only that: %s',
    async (text) => {
      const answer = await probe(text).api.send(KEY, probeEvent(NOW));
      expect(answer).toEqual({ status: 0, code: 'CertificateUnreadableError' });
      expect(() => readCertificate(text)).toThrow(
        /^the secret is no JSON with the texts certificate and privateKey$/,
      );
    },
  );
});
