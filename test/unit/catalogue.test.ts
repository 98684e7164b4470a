import '../support/quiet.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { documents } from '../../build/contracts/documents.mjs';
import { createCatalogue } from '../../lambdas/catalogue/answer-contracts.ts';
import { openapi } from '../../lambdas/catalogue/openapi.ts';
import { createAuthenticate } from '../../lambdas/platform/authenticate.ts';
import { serve } from '../../lambdas/platform/serve.ts';
import { apiEvent } from '../support/api-event.ts';
import { eventOf, startIngest } from '../support/ingest.ts';
import { keyOf, MemoryCredentials } from '../support/memory-credentials.ts';
import { World } from '../support/projector.ts';
import { signedByGitHub, startReceive } from '../support/receive.ts';
import { eventsRecord } from '../support/records.ts';
import { startUsage } from '../support/usage.ts';

const clock = { now: () => Date.parse('2026-11-21T07:30:00Z') };
const random = { fraction: () => 0.5, hex: (bytes: number) => 'ab'.repeat(bytes) };
const credentials = new MemoryCredentials();
credentials.put(keyOf('k'), { scopes: [] });
const routes = createCatalogue(documents, createAuthenticate({ credentials, clock, random }));
const handler = serve(routes, random);

async function get(route: string, path: Record<string, string> = {}, headers: Record<string, string> = {}) {
  const call = apiEvent({ route, path, headers: { 'x-api-key': keyOf('k'), ...headers } });
  const answer = await handler(call, { getRemainingTimeInMillis: () => 5_000 });
  return { status: answer.statusCode, headers: answer.headers as Record<string, string>, text: answer.body };
}

const schemaPath = { type: 'network.transfer', version: '1' };
const SCHEMA = '/v1/contracts/{type}/{version}';

describe('the catalogue', () => {
  it('lists contracts with their schemas, to any key', async () => {
    const { status, text } = await get('/v1/contracts');
    const { contracts } = JSON.parse(text);
    expect(status).toBe(200);
    expect(contracts.map(({ type }: { type: string }) => type)).toEqual([...documents.keys()]);
    const [schema] = contracts.find(({ type }: { type: string }) => type === schemaPath.type).schemas;
    expect(schema).toMatchObject({ version: 1, href: '/v1/contracts/network.transfer/1' });
    expect((await get('/v1/contracts', {}, { 'x-api-key': keyOf('u') })).status).toBe(401);
  });

  it('gives a schema as it is in the repository, and 304 to who has it', async () => {
    const { status, headers, text } = await get(SCHEMA, schemaPath);
    expect([status, headers['content-type']]).toEqual([200, 'application/schema+json']);
    expect(JSON.parse(text)).toMatchObject({ required: ['bytes'] });
    for (const tag of [headers.etag!, `W/${headers.etag}`, `"other", ${headers.etag}`, '*']) {
      const again = await get(SCHEMA, schemaPath, { 'If-None-Match': tag });
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', headers.etag]);
    }
    expect((await get(SCHEMA, schemaPath, { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it.each([
    ['network.transfer', '2'],
    ['network.transfer', '01'],
    ['network.transfer', '1e0'],
    ['network.transfer', '..'],
    ['__proto__', '1'],
    ['', '1'],
  ])('has no schema of %s in version %s', async (type, version) => {
    const { status, text } = await get(SCHEMA, { type, version });
    expect([status, JSON.parse(text).code]).toEqual([404, 'unknown-schema']);
  });
});

describe('the OpenAPI document', () => {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addSchema({ $id: 'https://weir.test/openapi', ...openapi });
  const expectFits = (name: keyof typeof openapi.components.schemas, text: string) => {
    const validate = ajv.getSchema(`https://weir.test/openapi#/components/schemas/${name}`)!;
    expect([validate(JSON.parse(text)), validate.errors]).toEqual([true, null]);
  };

  it('is published as it is', async () => {
    const { status, text } = await get('/v1/openapi.json');
    expect([status, JSON.parse(text)]).toEqual([200, JSON.parse(JSON.stringify(openapi))]);
  });

  it('names every route of the catalogue, and only schemas that it has', () => {
    for (const route of Object.keys(routes)) expect(openapi.paths).toHaveProperty([route]);
    const names = [...JSON.stringify(openapi).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
      (match) => match[1]!,
    );
    for (const name of names) expect(Object.keys(openapi.components.schemas)).toContain(name);
  });

  it('describes what ingest answers', async () => {
    const ingest = startIngest();
    ingest.log.refuse = (draft) => 'events' in draft && draft.events[0]!.event.subject === 'lost';
    const large = eventOf({ data: { value: 1, note: 'x'.repeat(600_000) } });
    const batch = [
      eventOf(),
      eventOf({ subject: 'lost' }),
      eventOf({ id: '' }),
      eventOf({ type: 'weir.x' }),
      large,
    ];
    const answer = await ingest.batch(batch);
    expect(answer.json.results.map(({ status }) => status)).toEqual([503, 422, 403, 413]);
    expectFits('Outcome', answer.text);
    expectFits('Problem', (await ingest.send('text/plain', '')).text);
    expectFits('Batch', JSON.stringify([eventOf()]));
  });

  it('describes what receive answers', async () => {
    const body = Buffer.from('{}');
    const room = startReceive();
    const answers = [
      await room.call(body, signedByGitHub(body)),
      await room.call(body),
      await room.call(body, {}, `we_${'n'.repeat(32)}`),
      await room.call(Buffer.alloc(5_000_000)),
    ];
    const { responses } = openapi.paths['/v1/webhooks/{endpoint}'].post;
    expect(answers.map(({ status }) => status)).toEqual([202, 401, 404, 413]);
    for (const { status } of answers) expect(Object.keys(responses)).toContain(String(status));
    for (const { text } of answers.slice(1)) expectFits('Problem', text);
  });

  it('describes what usage answers', async () => {
    const world = new World();
    const event = eventOf({ type: 'test.every', data: { value: 1.5, region: 'eu', user: 'u' } });
    await world.deliver([eventsRecord([event as never])]);
    const usage = startUsage(world.table);
    const query = { subject: 's1', type: 'test.every', from: '2026-11-21', to: '2026-12-21' };
    const answer = await usage.ask({ ...query, by: 'hour', limit: '10' });
    expect(answer.json.rows).toHaveLength(6);
    expectFits('Usage', answer.text);
    usage.progress.pending = 1;
    expectFits('Usage', (await usage.ask(query)).text);
    expectFits('Problem', (await usage.ask({ ...query, by: 'week' })).text);
  });

  it('describes the list of contracts', async () => {
    expectFits('ContractList', (await get('/v1/contracts')).text);
  });
});
