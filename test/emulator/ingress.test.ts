import { gzipSync } from 'node:zlib';
import { CloudEvent, HTTP } from 'cloudevents';
import { beforeAll, describe, expect, it } from 'vitest';
import { deployed } from '../support/deployed.ts';
import { archivedLines, drained, newSender, reading, type Sender } from '../support/pipeline.ts';

const { apiUrl } = deployed();
const STRUCTURED = 'application/cloudevents+json';
const BATCHED = 'application/cloudevents-batch+json';
let sender: Sender;

beforeAll(async () => {
  sender = await newSender('ingress');
});

/** Through the public API, as a sender does. */
async function call(path: string, headers: Record<string, string> = {}, body?: string | Buffer) {
  const method = body === undefined ? 'GET' : 'POST';
  const init = {
    method,
    headers: { 'x-api-key': sender.apiKey, ...headers },
    ...(body !== undefined && { body: new Uint8Array(Buffer.from(body)) }),
  };
  const response = await fetch(`${apiUrl}${path}`, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text === '' ? undefined : JSON.parse(text),
  };
}
const post = (contentType: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  call('/v1/events', { 'content-type': contentType, ...headers }, body);

/** Usage of a subject over the last and the current hour. */
async function usageOf(subject: string) {
  const hour = 3_600_000;
  const end = Math.ceil(Date.now() / hour) * hour;
  const time = (ms: number) => new Date(ms).toISOString();
  const query = new URLSearchParams({
    subject,
    type: 'network.transfer',
    from: time(end - 3 * hour),
    to: time(end),
  });
  return (await call(`/v1/usage?${query}`)).json;
}
const valuesOf = (usage: { rows: { meter: string; value: string }[] }) =>
  Object.fromEntries(usage.rows.map(({ meter, value }) => [meter, value]));

describe('the public API', () => {
  it('answers /health without a key, and nothing else', async () => {
    const health = await fetch(`${apiUrl}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok', build: expect.any(String) }]);
    expect(health.headers.get('x-weir-receipt')).toBeTruthy();
    const events = await fetch(`${apiUrl}/v1/events`, { method: 'POST', body: '[]' });
    expect(events.status).toBe(401);
    const unknown = await call('/v1/contracts', { 'x-api-key': `wk_${'x'.repeat(43)}` });
    expect(unknown.status).toBe(401);
  });

  it('P2: counts one event once, in whichever modes and encodings it comes', async () => {
    const event = reading('modes', 12.5, { id: 'über/100 %', source: '/tests/ü'.replace('ü', '%C3%BC') });
    const batch = JSON.stringify([event, event]);
    const { data, ...attributes } = event;
    const encoded = Object.entries(attributes).map(([name, value]) => [
      `ce-${name}`,
      encodeURIComponent(String(value)),
    ]);
    const answers = [
      await post(STRUCTURED, JSON.stringify(event)),
      await post(BATCHED, batch),
      await post(BATCHED, gzipSync(batch), { 'content-encoding': 'gzip' }),
      await post('application/json', JSON.stringify(data), Object.fromEntries(encoded)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    await drained();
    expect(valuesOf(await usageOf('modes'))).toEqual({ bytes: '12.5', peak: '12.5', readings: '1' });
  });

  it('takes what the CloudEvents SDK sends', async () => {
    const sdk = (id: string) => new CloudEvent({ ...reading('sdk', 1), id });
    for (const [id, message] of [
      ['binary', HTTP.binary(sdk('binary'))],
      ['structured', HTTP.structured(sdk('structured'))],
    ] as const) {
      const { 'content-type': contentType, ...headers } = message.headers as Record<string, string>;
      expect([id, (await post(contentType!, message.body as string, headers)).status]).toEqual([id, 202]);
    }
    await drained();
    expect(valuesOf(await usageOf('sdk'))).toMatchObject({ readings: '2' });
  });

  it('hands bytes on as they are: what is not UTF-8 is a 400', async () => {
    const latin1 = Buffer.from(JSON.stringify([reading('é', 1)]), 'latin1');
    const answer = await post(BATCHED, latin1);
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid-utf8']);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('P3: keeps what breaks its contract in the archive as it was sent, and takes the corrected event', async () => {
    const broken = JSON.stringify(reading('corrected', 1, { id: 'c1' })).replace(
      '"bytes":1',
      '"bytes":1e400',
    );
    const first = await post(STRUCTURED, broken);
    expect([first.status, first.json.results[0].code]).toEqual([422, 'number-out-of-range']);
    expect((await post(STRUCTURED, JSON.stringify(reading('corrected', 2, { id: 'c1' })))).status).toBe(202);
    await drained();
    expect(valuesOf(await usageOf('corrected'))).toMatchObject({ bytes: '2', readings: '1' });
    const kept = (await archivedLines()).map(
      ({ envelope }) => envelope.quarantine as { origin: string; code: string },
    );
    expect(kept.find((quarantine) => quarantine?.origin === `${first.json.receipt}/0`)?.code).toBe(
      'number-out-of-range',
    );
  });

  it('continues the trace into the log', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await post(STRUCTURED, JSON.stringify(reading('traced', 1)), { traceparent });
    const trace = answer.headers.get('traceparent');
    expect(trace).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
    await drained();
    const receipt = answer.headers.get('x-weir-receipt');
    const written = (await archivedLines()).find(({ envelope }) => envelope.receipt === receipt);
    expect(written?.envelope.trace).toBe(trace);
  });

  it('says in asOf no less than what it has counted', async () => {
    const sent = await post(STRUCTURED, JSON.stringify(reading('asof', 3)));
    expect(sent.status).toBe(202);
    const acknowledged = new Date().toISOString();
    await drained();
    const usage = await usageOf('asof');
    expect(usage.asOf >= acknowledged).toBe(true);
    expect(valuesOf(usage)).toMatchObject({ bytes: '3' });
  });

  it('publishes contracts with their tags, and its own description', async () => {
    const list = await call('/v1/contracts');
    const schema = list.json.contracts.find(({ type }: { type: string }) => type === 'network.transfer')
      .schemas[0];
    const first = await call(schema.href);
    expect([first.status, first.headers.get('etag')]).toEqual([200, schema.etag]);
    expect((await call(schema.href, { 'if-none-match': schema.etag })).status).toBe(304);
    expect((await call('/v1/openapi.json')).json.openapi).toBe('3.1.1');
  });
});
