import type { Settings } from './index.ts';

/** The settings of your deployment: edit here. What each one means stands at its type, in `index.ts`. */
export const settings: Settings = {
  name: 'weir',
  // account: '111122223333',
  // region: 'eu-central-1',
  freshness: 'realtime',
  stream: { mode: 'provisioned', shards: 2 },
  streamRetentionHours: 168,
  archiveWindowSeconds: 60,
  projectRetries: 100,
  repairRetrySeconds: 720,
  recoveryConcurrency: 40,
  archiveTiers: { instantAfterDays: 30, deepAfterDays: 365 },
  auditRetentionDays: 400,
  retainRunsDays: 90,
  testEventRegistry: 'create',
  release: 'canary',
  probeKey: 1,
  tiers: {
    standard: { rate: 50, burst: 100, events: 500 },
    bulk: { rate: 500, burst: 1000, events: 5000 },
  },
  guard: { lagSeconds: 300, calmLagSeconds: 30, stepSeconds: 55, calmSeconds: 115 },
  costBudget: { writesPerEvent: 3, usdPerMillionEvents: 10 },
  throttle: { rate: 2000, burst: 4000 },
  logRetentionDays: 90,
  logLevel: 'INFO',
  accessLogRetentionDays: 400,
  alarmAddresses: { page: [], ticket: [] },
  // runbookUrl: 'https://…/docs/runbook.md',
};
