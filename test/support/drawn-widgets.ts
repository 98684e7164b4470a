import type { Control } from '../../lambdas/domain/control/control.ts';
import { causeOf } from '../../lambdas/domain/quarantine-reader.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';
import type { Trace } from '../../lambdas/domain/trace/trace.ts';
import type { Html } from '../../lambdas/widgets/html.ts';
import { drawBudget } from '../../lambdas/widgets/show-budget.ts';
import { drawControl } from '../../lambdas/widgets/show-control.ts';
import { drawTrace } from '../../lambdas/widgets/show-event.ts';
import { drawQuarantine } from '../../lambdas/widgets/show-quarantine.ts';
import { drawRuns } from '../../lambdas/widgets/show-runs.ts';
import { drawComparison } from '../../lambdas/widgets/show-state.ts';
import { addUp, drawTenants } from '../../lambdas/widgets/show-tenants.ts';

/** The function that the widgets' buttons call. */
export const SELF = 'arn:aws:lambda:eu-central-1:111122223333:function:weir-widgets';
const nowMs = Date.parse('2026-11-21T12:00:00Z');
const at = '2026-11-21T11:00:00.000Z';
const NAMED = { namespace: 'Weir', name: 'x', dimensions: {} };

/** Each widget drawn with one text wherever a sender or an operator chooses what stands there. */
export const drawnWidgets: Readonly<Record<string, (text: string) => Html>> = {
  tenants: (text) =>
    drawTenants(addUp([{ tenant: text, producer: text, offered: 3, accepted: 2, shed: 1 }]), 10, SELF),
  control: (text) => drawControl(controlOf(text), nowMs),
  quarantine: (text) =>
    drawQuarantine(
      [
        causeOf(
          {
            ...{
              tenant: text,
              producer: text,
              fingerprint: text,
              code: text,
              detail: text,
              pointer: text,
              type: text,
            },
            ...{ first: text, origin: text, receipt: text, input: JSON.stringify({ id: text }) },
            redriven: { requestId: text, at: text, events: 1 },
          },
          [{ day: text, count: 1, first: text, last: text }],
        ),
      ],
      true,
      { self: SELF },
      text,
    ),
  runs: (text) => drawRuns([runOf(text, 'running'), runOf(text, 'failed')], nowMs),
  event: (text) => drawTrace(traceOf(text), { self: SELF }),
  state: (text) =>
    drawComparison(
      { kind: 'too-large', objects: 1, bytes: 1 },
      { tenant: text, subject: text, type: text, window: '2026-11-21T07' },
    ),
  budget: (text) =>
    drawBudget([
      {
        slo: { id: text, promise: text, objective: 0.999, measure: { duration: NAMED, withinMs: 1 } },
        ...{ bad: 1, all: 2, left: 0.5 },
      },
    ]),
};

function controlOf(text: string): Control {
  return {
    ...{
      v: 1,
      mode: 'auto',
      level: 'bulk',
      by: text,
      at: text,
      reason: text,
      steppedAt: text,
      calmSince: text,
    },
    held: [
      {
        tenant: text,
        producer: text,
        how: { kind: 'over-budget', share: 0.5 },
        since: text,
        reason: text,
        by: text,
      },
      { tenant: text, producer: text, how: { kind: 'suspended' }, since: text, reason: text, by: text },
    ],
    maintenance: [{ from: at, to: '2027-01-01T00:00:00Z', reason: text, by: text }],
  };
}

function runOf(text: string, status: Run['status']): Run {
  return {
    request: {
      verb: 'verify',
      requestId: text,
      operator: text,
      reason: text,
      dryRun: true,
      certificate: false,
    },
    ...{ attempt: 1, status, startedAt: at, error: text },
    result: { counts: {}, findings: [{ kind: text, where: text, detail: text, action: text }] },
  };
}

export function traceOf(text: string): Trace {
  const key = { tenant: text, subject: text, type: text, window: text };
  const quarantine = { code: text, fingerprint: text, detail: text, origin: text };
  const sending = {
    ...{
      shardId: text,
      sequence: '1',
      index: 0,
      at,
      arrived: at,
      producer: text,
      receipt: text,
      trace: text,
    },
    ...{ replay: text, origin: text, bucket: key, quarantine, object: { key: text, versionId: text } },
  };
  const fates = ['counted', 'conflict', 'refused', 'missing', 'unknown', 'waiting'] as const;
  return {
    id: text,
    looked: { from: at, to: at, objects: 2, read: 1, damaged: [text], logRead: false, whole: false },
    ways: [
      {
        ...{ tenant: text, source: text, id: text, outcome: 'counted' },
        sendings: fates.map((fate) => ({ ...sending, fate })),
        buckets: [
          {
            key,
            head: { v: 1, epoch: 1, revision: 1, n: 1 },
            held: { in: 'page', page: text },
            trouble: text,
          },
        ],
      },
    ],
  };
}
