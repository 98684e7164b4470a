/** Examples for `recover`, by name: a real account's Lambda console offers them as test events. See docs/recovery.md. */
export const recoveryExamples: Readonly<Record<string, object>> = {
  'verify-dry-run': {
    verb: 'verify',
    requestId: 'verify-2026-11-21',
    operator: 'ada@example.com',
    reason: 'Monthly proof',
    from: '2026-11-01T00:00:00Z',
    to: '2026-11-21T00:00:00Z',
    certificate: false,
    dryRun: true,
  },
};
