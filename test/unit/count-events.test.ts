import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/domain/cloudevent.ts';
import {
  type Countable,
  contractOf,
  countableEvent,
  countableQuarantine,
  hashBilled,
  measureEvent,
  QUARANTINE_TYPE,
  revisionNumber,
  revisionOf,
  UnknownRevisionError,
} from '../../lambdas/domain/count-events.ts';
import type { Quarantined } from '../../lambdas/domain/envelope.ts';
import { newBucket } from '../../lambdas/domain/evolve.ts';
import { testContracts } from '../support/contracts.ts';

const event: CloudEvent = {
  ...{ specversion: '1.0', id: 'i-1', source: '/s', type: 'test.sum', subject: 'alice' },
  time: '2026-11-21T09:30:00.50+02:00',
  data: { value: 1.5 },
};
const quarantine: Quarantined = {
  ...{ code: 'conflict', fingerprint: 'f00', detail: 'd', origin: 'r-1:0', input: null },
};
const countable = (more: Partial<CloudEvent> = {}) =>
  countableEvent(testContracts, 'acme', { ...event, ...more }) as Countable;
const revision = revisionNumber(testContracts, 'test.sum', 1);
const measured = (more: Partial<CloudEvent> = {}) => {
  const result = measureEvent(countable(more), revision);
  if ('code' in result) throw new Error(result.detail);
  return result;
};

describe('where an event is counted', () => {
  it('goes by tenant, subject, type and the UTC window of its time', () => {
    expect(countable()).toEqual({
      key: { tenant: 'acme', subject: 'alice', type: 'test.sum', window: '2026-11-21T07' },
      ...{ source: '/s', id: 'i-1', instant: '2026-11-21T07:30:00.5Z', data: { value: 1.5 } },
    });
  });

  it.each<[Partial<Record<keyof CloudEvent, unknown>>, string, string]>([
    [{ type: 'test.nothing' }, 'unknown-type', '/type'],
    [{ type: 'constructor' }, 'unknown-type', '/type'],
    [{ time: undefined }, 'time-invalid', '/time'],
    [{ time: 'now' }, 'time-invalid', '/time'],
  ])('is nowhere with %j: %s', (more, code, pointer) => {
    expect(countable(more as Partial<CloudEvent>)).toMatchObject({ code, pointer });
  });

  it('a piece of quarantine is counted under its fingerprint, its UTC day and its origin', () => {
    expect(countableQuarantine('acme', '2026-11-21T23:59:59.999Z', quarantine)).toMatchObject({
      key: { tenant: 'acme', subject: 'f00', type: QUARANTINE_TYPE, window: '2026-11-21' },
      ...{ source: QUARANTINE_TYPE, id: 'r-1:0', instant: '2026-11-21T23:59:59.999Z' },
    });
    expect(() => countableQuarantine('acme', 'today', quarantine)).toThrow(RangeError);
  });

  it('no customer contract can stand in for quarantine’s own', () => {
    const forged = new Map([[QUARANTINE_TYPE, testContracts.get('test.every')!]]);
    expect(contractOf(forged, QUARANTINE_TYPE)?.owner).toBe('weir');
  });
});

describe('the revision that a bucket is counted by', () => {
  const { key } = countable();
  it('is its own, whatever is in force', () => {
    expect(revisionOf(testContracts, key, newBucket(7, 1))).toBe(7);
    expect(revisionOf(testContracts, key, undefined)).toBe(1);
    expect(revisionOf(testContracts, { ...key, window: '2019-12-31T23' }, undefined)).toBeUndefined();
  });

  it('must be one that this build has', () => {
    expect(() => revisionNumber(testContracts, 'test.sum', 2)).toThrow(UnknownRevisionError);
    expect(() => revisionNumber(testContracts, 'test.sum', 0)).toThrow(UnknownRevisionError);
    expect(() => revisionNumber(testContracts, 'test.nothing', 1)).toThrow(UnknownRevisionError);
  });
});

describe('P2 an event’s identity and digest', () => {
  it('do not depend on how time and value are written', () => {
    expect(
      measured({ time: '2026-11-21T07:30:00.5Z', data: { value: 1.5, more: 'that no meter counts' } }),
    ).toEqual(measured());
    expect(measured({ data: { value: '1.5000000000' } }).digest).toEqual(measured().digest);
  });

  it.each<[string, Partial<CloudEvent>, 'same' | 'other']>([
    ['time', { time: '2026-11-21T07:31:00Z' }, 'same'],
    ['value', { data: { value: 1.6 } }, 'same'],
    ['id', { id: 'i-2' }, 'other'],
    ['source', { source: '/t' }, 'other'],
  ])('another %s is another digest', (_name, more, identity) => {
    expect(measured(more).digest).not.toEqual(measured().digest);
    expect(measured(more).identity.equals(measured().identity)).toBe(identity === 'same');
  });

  it('P6: another tenant’s event is another', () => {
    const other = countableEvent(testContracts, 'other', event) as Countable;
    const result = measureEvent(other, revision);
    expect('identity' in result && result.identity).not.toEqual(measured().identity);
  });

  it('parts don’t run into each other', () => {
    const one = hashBilled({ ...countable(), source: 'ab', id: 'c' }, []);
    const other = hashBilled({ ...countable(), source: 'a', id: 'bc' }, []);
    expect(one).not.toEqual(other);
  });
});
