import { describe, expect, it } from 'vitest';
import type { VerifyRequest } from '../../lambdas/domain/recovery/request.ts';
import { certifiedPeriod, wantedOf } from '../../lambdas/domain/recovery/wanted-lines.ts';

const knownAt = '2026-11-21T09:00:00.000Z';
const request = (more: Partial<VerifyRequest> = {}): VerifyRequest => ({
  ...{ verb: 'verify', requestId: 'v', operator: 'o', reason: 'r', dryRun: false, certificate: true },
  ...more,
});
const wants = (asked: VerifyRequest, arrived: string) =>
  wantedOf({ request: asked, knownAt }).arrival(Date.parse(arrived));

describe('a certificate', () => {
  it('speaks of nothing that may be archived and not yet projected: it would call that missing', () => {
    expect(certifiedPeriod({}, knownAt)).toEqual({ to: knownAt });
    expect(certifiedPeriod({ from: 'f', to: '2026-11-22T00:00:00Z' }, knownAt)).toEqual({
      from: 'f',
      to: knownAt,
    });
    expect(wants(request(), '2026-11-21T08:59:59.999Z')).toBe(true);
    expect(wants(request(), knownAt)).toBe(false);
    expect(wants(request({ to: '2026-11-22T00:00:00Z' }), knownAt)).toBe(false);
  });

  it('speaks of the period that it was asked for where all of it is known', () => {
    const to = '2026-11-21T08:00:00.000Z';
    expect(certifiedPeriod({ to }, knownAt)).toEqual({ to });
    expect(wants(request({ to }), to)).toBe(false);
  });

  it('is another thing than the check of the archive, which reads all that there is', () => {
    expect(wants(request({ certificate: false }), '2026-11-21T09:30:00Z')).toBe(true);
  });
});
