import { expect, it } from 'vitest';
import { DEVICES, deliveriesIn, EVENT_BYTES, generate, METERING, truthOf } from '../../bench/workloads.ts';

const DELIVERIES = 2_000;

it('the same seed gives the same deliveries, another one others', () => {
  expect(generate(METERING, DELIVERIES, 3)).toEqual(generate(METERING, DELIVERIES, 3));
  expect(generate(METERING, DELIVERIES, 3)).not.toEqual(generate(METERING, DELIVERIES, 4));
});

it('a tenth of the deliveries repeat an earlier one, byte for byte, and the truth counts them once', () => {
  const batches = generate(DEVICES, DELIVERIES);
  const events = batches.flatMap((batch) => batch.events);
  expect(deliveriesIn(batches)).toBe(DELIVERIES);
  expect(new Set(events.map((event) => JSON.stringify(event))).size).toBe(DELIVERIES * 0.9);
  expect([...truthOf(batches).values()].reduce((sum, n) => sum + n, 0)).toBe(DELIVERIES * 0.9);
});

it('events are of the size that is priced, and spread over the windows', () => {
  const events = generate(DEVICES, DELIVERIES).flatMap((batch) => batch.events);
  expect(new Set(events.map((event) => Buffer.byteLength(JSON.stringify(event))))).toEqual(
    new Set([EVENT_BYTES]),
  );
  expect(new Set(events.map(({ time }) => time?.slice(0, 13))).size).toBe(DEVICES.windows);
});
