import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, isTransient, patiently } from '../../lambdas/platform/patience.ts';

const named = (name: string, more: object = {}) => Object.assign(new Error(name), { name, ...more });

function setUp(deadline: number, fraction = 0.5) {
  let now = 0;
  const pauses: number[] = [];
  const waiting = {
    clock: { now: () => now },
    random: { fraction: () => fraction, hex: () => '' },
    sleep: async (ms: number) => {
      pauses.push(ms);
      now += ms;
    },
    deadline,
  };
  return { waiting, pauses, now: () => now };
}

describe('patience', () => {
  it('tries again what may succeed later, waiting longer each time', async () => {
    const { waiting, pauses } = setUp(60_000);
    let tries = 0;
    const result = await patiently(async () => {
      if (++tries < 5) throw named('ThrottlingException');
      return 'done';
    }, waiting);
    expect([result, tries]).toEqual(['done', 5]);
    expect(pauses).toEqual([25, 50, 100, 200]);
  });

  it('does not try again what fails for good', async () => {
    const { waiting } = setUp(60_000);
    let tries = 0;
    const failing = patiently(async () => {
      tries++;
      throw named('ValidationException', { $metadata: { httpStatusCode: 400 } });
    }, waiting);
    await expect(failing).rejects.toThrow('ValidationException');
    expect(tries).toBe(1);
  });

  it('begins no try after the deadline', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(30_000),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        async (deadline, fraction) => {
          const { waiting, now } = setUp(deadline, fraction);
          const begun: number[] = [];
          const failing = patiently(async () => {
            begun.push(now());
            throw named('ServiceUnavailable');
          }, waiting);
          await expect(failing).rejects.toThrow('ServiceUnavailable');
          for (const at of begun.slice(1)) expect(at).toBeLessThan(deadline);
        },
      ),
    );
  });

  it('waits at most five seconds at a time, and a jittered part of that', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, fraction) => {
        const ms = backoffMs(attempt, { fraction: () => fraction, hex: () => '' });
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(Math.min(5_000, 50 * 2 ** attempt));
      }),
    );
  });

  it.each([
    [named('ProvisionedThroughputExceededException'), true],
    [named('ThrottlingException'), true],
    [named('RequestLimitExceeded'), true],
    [named('InternalServerError', { $fault: 'server' }), true],
    [named('Whatever', { $metadata: { httpStatusCode: 503 } }), true],
    [named('TimeoutError'), true],
    [named('Error', { code: 'ECONNRESET' }), true],
    [named('Error', { code: 'EPIPE' }), true],
    [named('TransactionInProgressException'), true],
    [named('AccessDeniedException', { $metadata: { httpStatusCode: 400 } }), true],
    [named('ResourceNotFoundException', { $metadata: { httpStatusCode: 400 } }), true],
    [named('ConditionalCheckFailedException', { $metadata: { httpStatusCode: 400 } }), false],
    [named('ValidationException', { $metadata: { httpStatusCode: 400 } }), false],
    [named('PageMissingError'), false],
    [new TypeError('x is not a function'), false],
    [undefined, false],
    ['ThrottlingException', false],
  ])('%s: worth another try is %s', (error, expected) => {
    expect(isTransient(error)).toBe(expected);
  });
});
