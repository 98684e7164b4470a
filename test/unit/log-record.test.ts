import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSequences, decodeEnvelope } from '../../lambdas/domain/log-record.ts';

const base = { v: 1, iid: 'a1', n: 1, acked: [], build: 'b', at: '2026-11-21T09:00:00.000Z' };
const sent = { ...base, tenant: 't', producer: 'p', receipt: 'r' };
const event = {
  specversion: '1.0',
  id: 'i',
  source: '/s',
  type: 'a.b',
  subject: 'x',
  time: '2026-11-21T08:00:00Z',
};
const quarantine = { code: 'conflict', fingerprint: 'f', detail: 'd', origin: 'o', input: null };
const decode = (value: unknown) => decodeEnvelope(Buffer.from(JSON.stringify(value)));

describe('sequence numbers', () => {
  it('are ordered as the integers that they are', () => {
    const sequence = fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 57n }), fc.bigInt({ min: 0n, max: 1000n }));
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        const order = a < b ? -1 : a > b ? 1 : 0;
        expect(Math.sign(compareSequences(String(a), String(b)))).toBe(order);
      }),
    );
    expect(compareSequences('9', '10')).toBeLessThan(0);
  });
});

describe('an envelope', () => {
  it.each([
    { ...base, mark: '2026-11-21T09:00:00.000Z' },
    { ...sent, events: [] },
    { ...sent, events: [{ schema: 1, event }] },
    { ...sent, trace: 'tp', replay: 'run-1', events: [{ schema: 2, event, origin: 'shard:1:0' }] },
    { ...sent, quarantine },
    { ...sent, quarantine: { ...quarantine, pointer: '/data', type: 'a.b', schema: 1 } },
    { ...sent, fromTheFuture: true, events: [{ schema: 1, event: { ...event, extension: { any: 1 } } }] },
  ])('%j is read', (envelope) => {
    expect(decode(envelope)).toEqual(envelope);
  });

  const { subject: _, ...withoutSubject } = event;
  it.each<[string, unknown]>([
    ['null', null],
    ['a list', [sent]],
    ['a text', 'envelope'],
    ['another version', { ...sent, v: 2, events: [] }],
    ['no instance', { ...sent, iid: undefined, events: [] }],
    ['no time', { ...sent, at: undefined, events: [] }],
    ['a time that is none', { ...sent, at: 'yesterday', events: [] }],
    ['no tenant', { ...sent, tenant: undefined, events: [] }],
    ['a tenant that is no text', { ...sent, tenant: { toString: 'x' }, events: [] }],
    ['no receipt', { ...sent, receipt: undefined, events: [] }],
    ['neither events nor quarantine nor mark', sent],
    ['events that are no list', { ...sent, events: { length: 1 } }],
    ['an event of null', { ...sent, events: [{ schema: 1, event }, null] }],
    ['an accepted event without its event', { ...sent, events: [{ schema: 1 }] }],
    ['an accepted event without its schema', { ...sent, events: [{ event }] }],
    ['an origin that is no text', { ...sent, events: [{ schema: 1, event, origin: 5 }] }],
    ['an event without subject', { ...sent, events: [{ schema: 1, event: withoutSubject }] }],
    ['a numeric id', { ...sent, events: [{ schema: 1, event: { ...event, id: 5 } }] }],
    ['a type of many', { ...sent, events: [{ schema: 1, event: { ...event, type: ['a.b'] } }] }],
    [
      'a time of many',
      { ...sent, events: [{ schema: 1, event: { ...event, time: ['2026-11-21T08:00:00Z'] } }] },
    ],
    ['an empty quarantine', { ...sent, quarantine: {} }],
    ['a quarantine of null', { ...sent, quarantine: null }],
    ['a quarantine without code', { ...sent, quarantine: { ...quarantine, code: undefined } }],
    ['a quarantine whose pointer is no text', { ...sent, quarantine: { ...quarantine, pointer: 1 } }],
    ['a mark that is no time', { ...base, mark: 'zzz' }],
    ['a mark of another form', { ...base, mark: '2026-11-21T09:00:00Z' }],
    ['a mark that is no text', { ...base, mark: 5 }],
  ])('is not %s', (_name, value) => {
    expect(decode(value)).toBeUndefined();
  });

  it('is never read from bytes that are none, and none throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(decodeEnvelope(Buffer.from(bytes))).toBeUndefined();
        },
      ),
    );
  });
});
