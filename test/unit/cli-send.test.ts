import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type SendBatchProps, sendBatch } from '../../cli/send/send-batch.ts';
import { type Answerer, accept, ingestServer, outcomes } from '../support/ingest-server.ts';
import { weir } from '../support/weir-cli.ts';

const KEY = `wk_${'a'.repeat(43)}`;

function eventsOf(...ids: string[]) {
  return ids.map((id, index) => ({ line: index + 1, id, bytes: Buffer.from(`{"id":"${id}"}`) }));
}

async function prepare(answer: Answerer, policy: Partial<SendBatchProps['policy']> = {}) {
  const { apiUrl, requests } = await ingestServer(answer);
  const slept: number[] = [];
  const props: SendBatchProps = {
    destination: { apiUrl, apiKey: KEY },
    policy: { attempts: 4, maxWaitMs: 60_000, ...policy },
    random: { fraction: () => 0 },
    sleep: async (ms) => {
      slept.push(ms);
    },
    interrupted: new AbortController().signal,
    count: () => {},
  };
  return { props, requests, slept, apiUrl };
}

const rejected = (index: number, status: number, more = {}) => ({
  index,
  id: 'x',
  status,
  code: status === 503 ? 'log-unavailable' : 'contract-violation',
  detail: 'said so',
  ...more,
});

describe('P2 sending again is always the same events', () => {
  it('sends exactly the same bytes after a connection that broke', async () => {
    const { props, requests } = await prepare((received, number) =>
      number < 3 ? { status: 0, hangUp: true } : accept(received),
    );
    const outcome = await sendBatch(props, eventsOf('a', 'b'));
    expect(outcome).toEqual({ accepted: 2, notAccepted: [] });
    expect(requests.map(({ text }) => text)).toEqual(Array(3).fill('[{"id":"a"},{"id":"b"}]'));
  });

  it.each([429, 500, 502, 503, 504])('tries a request again that was answered %i', async (status) => {
    const { props, requests } = await prepare((received, number) =>
      number === 1 ? { status, body: { message: 'no' } } : accept(received),
    );
    expect(await sendBatch(props, eventsOf('a'))).toEqual({ accepted: 1, notAccepted: [] });
    expect(requests).toHaveLength(2);
  });

  it('sends only those items again that were refused for now', async () => {
    const { props, requests } = await prepare((received, number) =>
      number === 1 ? outcomes(4, [rejected(1, 503), rejected(2, 422), rejected(3, 503)]) : accept(received),
    );
    const outcome = await sendBatch(props, eventsOf('a', 'b', 'c', 'd'));
    expect(requests.map(({ ids }) => ids)).toEqual([
      ['a', 'b', 'c', 'd'],
      ['b', 'd'],
    ]);
    expect(outcome.accepted).toBe(3);
    expect(outcome.notAccepted).toEqual([
      { line: 3, id: 'c', status: 422, code: 'contract-violation', detail: 'said so' },
    ]);
  });

  it('follows items through several partial refusals by their own place', async () => {
    const { props, requests } = await prepare((received, number) =>
      number < 3 ? outcomes(received.ids.length, [rejected(received.ids.length - 1, 503)]) : accept(received),
    );
    const outcome = await sendBatch(props, eventsOf('a', 'b'));
    expect(requests.map(({ ids }) => ids)).toEqual([['a', 'b'], ['b'], ['b']]);
    expect(outcome).toEqual({ accepted: 2, notAccepted: [] });
  });
});

describe('P3 nothing is taken as accepted that Weir has not said', () => {
  it('reports items that are refused to the end', async () => {
    const { props, requests } = await prepare((received) =>
      outcomes(received.ids.length, [rejected(0, 503)]),
    );
    const outcome = await sendBatch(props, eventsOf('a', 'b'));
    expect(requests).toHaveLength(4);
    expect(outcome).toMatchObject({ accepted: 1, notAccepted: [{ line: 1, id: 'a', status: 503 }] });
  });

  it('gives up after its tries, and calls nothing accepted', async () => {
    const { props, requests } = await prepare(() => ({ status: 503, body: { detail: 'resting' } }));
    const outcome = await sendBatch(props, eventsOf('a'));
    expect(requests).toHaveLength(4);
    expect(outcome).toEqual({ accepted: 0, notAccepted: [], gaveUp: '503: resting, after 4 tries' });
  });

  it.each([
    ['counts that do not add up', { accepted: 1, results: [] }],
    ['an index that was not sent', { accepted: 1, results: [rejected(7, 422)] }],
    ['an item twice', { accepted: 0, results: [rejected(0, 422), rejected(0, 422)] }],
    ['items without a status', { accepted: 1, results: [{ index: 0 }] }],
    ['a page of something else', '<html>welcome</html>'],
  ])('does not believe an answer with %s', async (_, body) => {
    const { props } = await prepare(() => ({ status: 202, body }));
    const outcome = await sendBatch(props, eventsOf('a', 'b'));
    expect(outcome.accepted).toBe(0);
    expect(outcome.gaveUp).toBeDefined();
  });

  it.each([400, 413])('finds the one event for which all were refused with %i', async (status) => {
    const { props } = await prepare((received) =>
      received.ids.includes('bad') ? { status, body: { code: 'odd', detail: 'that one' } } : accept(received),
    );
    const outcome = await sendBatch(props, eventsOf('a', 'b', 'bad', 'c', 'd'));
    expect(outcome).toEqual({
      accepted: 4,
      notAccepted: [{ line: 3, id: 'bad', status, code: 'odd', detail: `${status}: that one` }],
    });
  });

  it.each([301, 401, 403, 404, 415])('stops at once at %i, which no retry will change', async (status) => {
    const { props, requests } = await prepare(() => ({ status, headers: { location: '/elsewhere' } }));
    const outcome = await sendBatch(props, eventsOf('a', 'b'));
    expect(outcome).toMatchObject({ accepted: 0, gaveUp: String(status) });
    expect(requests).toHaveLength(1);
  });
});

describe('F5 what is shed', () => {
  const shed = (index: number, retryAfter: unknown, code = 'shed') => ({
    ...{ index, id: 'x', status: code === 'shed' ? 503 : 429, code },
    ...{ detail: 'later', retryAfter },
  });
  /** The sender's counts, by what was counted. */
  const counting = (props: SendBatchProps) => {
    const counts: Record<string, number> = {};
    const count: SendBatchProps['count'] = (what, times = 1) => {
      counts[what] = (counts[what] ?? 0) + times;
    };
    return { props: { ...props, count }, counts };
  };

  it('is sent again by itself after the longest wait that is asked, with jitter, and counted', async () => {
    const { props, requests, slept } = await prepare((received, number) =>
      number === 1
        ? {
            ...outcomes(4, [shed(0, 9), shed(2, 30), shed(3, 12, 'over-budget')]),
            headers: { 'retry-after': '17' },
          }
        : accept(received),
    );
    const counted = counting({ ...props, random: { fraction: () => 0.5 } });
    const outcome = await sendBatch(counted.props, eventsOf('a', 'b', 'c', 'd'));
    expect(outcome).toEqual({ accepted: 4, notAccepted: [] });
    expect(requests.map(({ ids }) => ids)).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'c', 'd'],
    ]);
    expect(slept).toEqual([33_000]);
    expect(counted.counts).toEqual({ requests: 2, retries: 1, shed: 3, shedSentAgain: 3 });
  });

  it('of a suspended producer is all of a request, and sent again as such', async () => {
    const { props, slept } = await prepare((received, number) =>
      number === 1
        ? { status: 429, headers: { 'retry-after': '50' }, body: { code: 'suspended', detail: 'ask' } }
        : accept(received),
    );
    const { props: counted, counts } = counting(props);
    expect(await sendBatch(counted, eventsOf('a', 'b'))).toEqual({ accepted: 2, notAccepted: [] });
    expect(slept).toEqual([50_000]);
    expect(counts).toEqual({ requests: 2, retries: 1, shed: 2, shedSentAgain: 2 });
  });

  it('P3: beyond its tries, or for longer than the bound, is reported as what it is', async () => {
    for (const [retryAfter, sent] of [
      [5, 4],
      [61, 1],
    ] as const) {
      const { props, requests } = await prepare(({ ids }) => outcomes(ids.length, [shed(0, retryAfter)]));
      const { props: counted, counts } = counting(props);
      const outcome = await sendBatch(counted, eventsOf('a', 'b'));
      expect(requests).toHaveLength(sent);
      expect(outcome).toMatchObject({ accepted: 1, notAccepted: [{ id: 'a', status: 503, code: 'shed' }] });
      expect([counts.shed, counts.shedSentAgain ?? 0]).toEqual([sent, sent - 1]);
    }
  });

  it('is waited for as ever where the answer says no sensible time', async () => {
    const { props, slept } = await prepare((received, number) =>
      number === 1 ? outcomes(1, [shed(0, 'soon')]) : accept(received),
    );
    expect(await sendBatch(props, eventsOf('a'))).toMatchObject({ accepted: 1 });
    expect(slept).toEqual([100]);
  });
});

describe('waiting as asked', () => {
  it('waits at least as long as Retry-After says', async () => {
    const { props, slept } = await prepare((received, number) =>
      number === 1 ? { status: 429, headers: { 'retry-after': '7' } } : accept(received),
    );
    await sendBatch(props, eventsOf('a'));
    expect(slept).toEqual([7000]);
  });

  it('understands Retry-After as a date', async () => {
    const at = new Date(Date.now() + 30_000).toUTCString();
    const { props, slept } = await prepare((received, number) =>
      number === 1 ? { status: 503, headers: { 'retry-after': at } } : accept(received),
    );
    await sendBatch(props, eventsOf('a'));
    expect(slept[0]).toBeGreaterThan(20_000);
    expect(slept[0]).toBeLessThanOrEqual(30_000);
  });

  it('waits for the longest that any item asks', async () => {
    const { props, slept } = await prepare((received, number) =>
      number === 1
        ? outcomes(2, [rejected(0, 503, { retryAfter: 2 }), rejected(1, 503, { retryAfter: 5 })])
        : accept(received),
    );
    await sendBatch(props, eventsOf('a', 'b'));
    expect(slept).toEqual([5000]);
  });

  it('waits longer each time where nothing is asked, and never in step with others', async () => {
    const { props, slept } = await prepare(() => ({ status: 500 }));
    await sendBatch(props, eventsOf('a'));
    expect(slept).toEqual([100, 200, 400]);
    const jittered = await prepare(() => ({ status: 500 }));
    await sendBatch({ ...jittered.props, random: { fraction: () => 0.5 } }, eventsOf('a'));
    expect(jittered.slept).toEqual([150, 300, 600]);
  });

  it('gives up rather than wait for longer than its bound', async () => {
    const { props, slept } = await prepare(() => ({ status: 503, headers: { 'retry-after': '3600' } }), {
      maxWaitMs: 300_000,
    });
    expect((await sendBatch(props, eventsOf('a'))).gaveUp).toBeDefined();
    expect(slept).toEqual([]);
  });
});

describe('weir send', () => {
  const line = (id: string, value = '1') => `{"specversion":"1.0","id":"${id}","data":{"bytes":${value}}}`;

  async function send(input: string | Readable, answer: Answerer = accept, args: readonly string[] = []) {
    const { apiUrl, requests } = await ingestServer(answer);
    const ran = await weir(['send', '-', ...args], {
      env: { WEIR_API_URL: apiUrl, WEIR_API_KEY: KEY },
      stdin: input,
    });
    return { ...ran, requests };
  }

  it('sends every number with the text that the file has', async () => {
    const values = ['94.0', '1e2', '0.10', '12345678901234567890', '-0', '1E+400', '5.000000000000000000001'];
    const lines = values.map((value, index) => line(`e${index}`, value));
    const { requests, code } = await send(`${lines.join('\n')}\n`);
    expect(code).toBe(0);
    expect(requests[0]!.text).toBe(`[${lines.join(',')}]`);
    expect(requests[0]!.headers).toMatchObject({
      'x-api-key': KEY,
      'content-encoding': 'gzip',
      'content-type': expect.stringContaining('application/cloudevents-batch+json'),
    });
  });

  it('reports lines that are no events by their number, and sends the others', async () => {
    const input = [line('a'), '{"id":', '', '[1]', '"text"', `  ${line('b')}\r`, line('c')].join('\n');
    const { code, requests, json } = await send(input, accept, ['--json']);
    expect(code).toBe(1);
    expect(requests.flatMap(({ ids }) => ids)).toEqual(['a', 'b', 'c']);
    expect(json().slice(0, -1)).toEqual([
      { notAccepted: { line: 2, status: 0, code: 'invalid-json', detail: expect.any(String) } },
      { notAccepted: { line: 4, status: 0, code: 'not-an-event', detail: expect.any(String) } },
      { notAccepted: { line: 5, status: 0, code: 'not-an-event', detail: expect.any(String) } },
    ]);
    expect(json().at(-1)).toMatchObject({ summary: { accepted: 3, notAccepted: 3 } });
  });

  it('does not send bytes that are no UTF-8, nor an event that is too long', async () => {
    const wrong = Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    const long = Buffer.from(`{"id":"${'x'.repeat(512 * 1024)}"}\n`);
    const { code, requests, json } = await send(
      Readable.from([wrong, long, Buffer.from(line('good'))]),
      accept,
      ['--json'],
    );
    expect(code).toBe(1);
    expect(requests.flatMap(({ ids }) => ids)).toEqual(['good']);
    expect(json().slice(0, 2)).toMatchObject([
      { notAccepted: { line: 1, code: 'invalid-json' } },
      { notAccepted: { line: 2, code: 'line-too-long' } },
    ]);
  });

  it('says how many events were shed and sent again, and exits with 0 when all are accepted', async () => {
    const shedding: Answerer = (received, number) =>
      number === 1 ? outcomes(2, [{ ...rejected(0, 503), code: 'shed', retryAfter: 0 }]) : accept(received);
    const input = [line('a'), line('b')].join('\n');
    const people = await send(input, shedding);
    expect(people.code).toBe(0);
    expect(people.out).toContain(
      '1 times an event was shed, to come again later; all of these were sent again',
    );
    const programs = await send(input, shedding, ['--json']);
    expect(programs.json()).toMatchObject([{ summary: { accepted: 2, shed: 1, shedSentAgain: 1 } }]);
    expect((await send(input)).out).not.toContain('shed');
  });

  it('says why events were not accepted, and exits with 1', async () => {
    const quarantining: Answerer = ({ ids }) =>
      outcomes(ids.length, [rejected(1, 422, { pointer: '/data/bytes', detail: 'must be \u001b[31m≥ 0' })]);
    const { code, out } = await send([line('a'), line('b')].join('\n'), quarantining);
    expect(code).toBe(1);
    expect(out).toContain('1 events accepted');
    expect(out).toContain('line 2  b  422  contract-violation  /data/bytes');
    expect(out).not.toContain('\u001b[31m');
  });

  it('shows people a bounded list, and programs all of it', async () => {
    const none: Answerer = ({ ids }) =>
      outcomes(
        ids.length,
        ids.map((_, index) => rejected(index, 422)),
      );
    const input = Array.from({ length: 60 }, (_, index) => line(`e${index}`)).join('\n');
    const people = await send(input, none);
    expect(people.out.match(/^ {2}line /gm)).toHaveLength(20);
    expect(people.out).toContain('and 40 more');
    const programs = await send(input, none, ['--json']);
    expect(programs.json().filter((value) => 'notAccepted' in value)).toHaveLength(60);
  });

  it('cuts batches by count and by bytes', async () => {
    const big = Array.from({ length: 6 }, (_, index) => line(`e${index}`, `"${'x'.repeat(400 * 1024)}"`));
    const byBytes = await send(big.join('\n'));
    expect(byBytes.requests.map(({ ids }) => ids.length).toSorted()).toEqual([2, 2, 2]);
    const small = Array.from({ length: 1100 }, (_, index) => line(`e${index}`));
    const byCount = await send(small.join('\n'));
    expect(byCount.requests.map(({ ids }) => ids.length).toSorted((a, b) => a - b)).toEqual([100, 500, 500]);
  });

  it('does not hold back what comes slowly', async () => {
    const first = Promise.withResolvers<void>();
    const source = async function* () {
      yield Buffer.from(`${line('early')}\n`);
      await first.promise;
      yield Buffer.from(line('late'));
    };
    const { requests } = await send(Readable.from(source()), (received) => {
      if (received.ids.includes('early')) first.resolve();
      return accept(received);
    });
    expect(requests.map(({ ids }) => ids)).toEqual([['early'], ['late']]);
  });

  it('reads no further ahead than the requests under way and one more', async () => {
    const size = 64 * 1024;
    let produced = 0;
    let answered = 0;
    let furthest = 0;
    const source = async function* () {
      for (let index = 0; index < 400; index++) {
        produced += size;
        furthest = Math.max(furthest, produced - answered);
        const start = `{"id":"e${index}","pad":"`;
        yield Buffer.from(`${start}${'x'.repeat(size - start.length - 3)}"}\n`);
      }
    };
    const slow: Answerer = async (received) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      answered += received.text.length;
      return accept(received);
    };
    const { code, requests } = await send(Readable.from(source(), { highWaterMark: 1 }), slow);
    expect(code).toBe(0);
    expect(requests.flatMap(({ ids }) => ids)).toHaveLength(400);
    // Three requests of a megabyte under way, one waiting, one being filled; 25 MB went through.
    expect(furthest).toBeLessThanOrEqual(5.2 * 1024 * 1024);
  });

  it('finishes what is under way at Ctrl-C, and says where to go on; going on loses nothing', async () => {
    const input = Array.from({ length: 2000 }, (_, index) => line(`e${index}`)).join('\n');
    const controller = new AbortController();
    const { apiUrl, requests } = await ingestServer((received, number) => {
      if (number === 3) controller.abort();
      return accept(received);
    });
    const env = { WEIR_API_URL: apiUrl, WEIR_API_KEY: KEY };
    const args = ['send', '-', '--batch', '100', '--connections', '2'];
    const first = await weir(args, { env, stdin: input, interrupted: controller.signal });
    expect(first.code).toBe(130);
    expect(requests.length).toBeLessThan(20);
    const resume = /--from-line (\d+)/.exec(first.err)?.[1];
    const second = await weir([...args, '--from-line', resume!], { env, stdin: input });
    expect(second.code).toBe(0);
    const sent = new Set(requests.flatMap(({ ids }) => ids));
    expect(sent.size).toBe(2000);
  });

  it('ends at Ctrl-C also while it waits for input that never comes', async () => {
    const controller = new AbortController();
    const { apiUrl } = await ingestServer((received) => {
      setTimeout(() => controller.abort(), 20);
      return accept(received);
    });
    const stdin = new Readable({ read() {} });
    stdin.push(`${line('a')}\n`);
    const env = { WEIR_API_URL: apiUrl, WEIR_API_KEY: KEY };
    const { code, err } = await weir(['send', '-'], { env, stdin, interrupted: controller.signal });
    expect(code).toBe(130);
    expect(err).toContain('--from-line 2');
  });

  it('stops when the key is refused, with the line to go on from', async () => {
    const input = Array.from({ length: 30 }, (_, index) => line(`e${index}`)).join('\n');
    const { code, err } = await send(
      input,
      (received, number) => (number < 3 ? accept(received) : { status: 403, body: { message: 'Forbidden' } }),
      ['--batch', '10', '--connections', '1'],
    );
    expect(code).toBe(3);
    expect(err).toContain('403: Forbidden');
    expect(err).toContain('--from-line 21');
  });

  it('never follows a redirect, which would take the key elsewhere', async () => {
    const elsewhere = await ingestServer();
    const { code } = await send(line('a'), () => ({ status: 307, headers: { location: elsewhere.apiUrl } }));
    expect(code).toBe(3);
    expect(elsewhere.requests).toEqual([]);
  });

  it('says without a stack trace that nobody answers', async () => {
    const env = { WEIR_API_URL: 'http://127.0.0.1:9', WEIR_API_KEY: KEY };
    const { code, err } = await weir(['send', '-', '--attempts', '1'], { env, stdin: line('a') });
    expect(code).toBe(3);
    expect(err).toMatch(/ECONNREFUSED|bad port/);
    expect(err).not.toContain('    at ');
  });

  it.each([
    [['send']],
    [['send', 'no-such-file.ndjson']],
    [['send', '.']],
    [['send', '-', '--batch', '0']],
    [['send', '-', '--batch', 'many']],
  ])('refuses %j', async (args) => {
    const { code, err } = await weir(args, {
      env: { WEIR_API_URL: 'http://127.0.0.1:9', WEIR_API_KEY: KEY },
    });
    expect(code).toBe(args[1] === 'no-such-file.ndjson' ? 3 : 2);
    expect(err).not.toContain('    at ');
    expect(err).not.toContain(KEY);
  });
});
