import type { WeirConfig } from './index.ts';

/** One setting that a local stack (`-c stage=local`) has otherwise than a real account, and why it must. */
export type LocalDifference = {
  [K in keyof WeirConfig]-?: { readonly setting: K; readonly value: WeirConfig[K]; readonly reason: string };
}[keyof WeirConfig];

/** Every difference between the stacks on LocalStack and those in a real account: nothing else may differ. */
export const localDifferences: readonly LocalDifference[] = [
  { setting: 'account', value: '000000000000', reason: 'LocalStack has this one account.' },
  { setting: 'region', value: 'us-east-1', reason: 'One region is enough, and needs no choice.' },
  {
    setting: 'archiveWindowSeconds',
    value: 1,
    reason:
      'Archive objects need not be large enough to tier; whoever waits for one should not wait a minute.',
  },
  {
    setting: 'projectRetries',
    value: 2,
    reason: 'What the projector gives up reaches the repair queue in seconds, so that a test can see it.',
  },
  {
    setting: 'repairRetrySeconds',
    value: 60,
    reason: 'A repair that was killed is tried again while a test can wait for it.',
  },
  {
    setting: 'recoveryConcurrency',
    value: 2,
    reason: 'Each function at work is a process of its own, on a machine that may have two cores.',
  },
  {
    setting: 'testEventRegistry',
    value: 'none',
    reason: 'LocalStack has no EventBridge schemas, and no console to show test events in.',
  },
  {
    setting: 'release',
    value: 'all-at-once',
    reason: 'LocalStack has no CodeDeploy, and nobody whom a canary would spare.',
  },
  {
    setting: 'guard',
    value: { lagSeconds: 10, calmLagSeconds: 3, stepSeconds: 5, calmSeconds: 5 },
    reason: 'A storm, its steps and its end can be seen within a test.',
  },
  {
    setting: 'keepData',
    value: false,
    reason: 'A local stack is thrown away with its folder: data, keys and protections go with it.',
  },
];
