import type { RecoveryPorts } from '../../cli/recovery/ports.ts';
import type { RunCommand, RunRequest } from '../../lambdas/domain/recovery/request.ts';
import type { PlanSummary, Run, RunStatus } from '../../lambdas/domain/recovery/run.ts';
import { MemoryRunFiles } from './memory-run-files.ts';
import { MemoryAudit, MemoryRuns } from './memory-runs.ts';
import { type Ran, type RunOptions, weir } from './weir-cli.ts';

/** A Weir as the recovery commands see it: `recover` is a note of what it was asked, and runs go on as a test says. */
export class RecoveryDesk {
  readonly asked: (RunRequest | RunCommand)[] = [];
  readonly runs = new MemoryRuns((operation) => this.before(operation));
  readonly files = new MemoryRunFiles();
  readonly audit = new MemoryAudit();
  /** Called each time that a command waits, from 1: what has happened meanwhile. */
  meanwhile: (wait: number) => void | Promise<void> = () => {};
  before: (operation: string) => void = () => {};
  /** What asking the n-th time leads to, from 1. */
  whenAsked: (times: number) => unknown = () => {};
  fingerprints: { tenant: string; fingerprint: string }[] = [];
  waits = 0;

  weir(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const env = { AWS_ENDPOINT_URL: 'http://localhost:1' };
    return weir(args, { env, connect: async () => this.#ports(), ...options });
  }

  /** The request of the latest run, as it was asked. */
  request(): RunRequest {
    return this.asked.filter((one): one is RunRequest => !('command' in one)).at(-1)!;
  }

  /** Puts a run there. */
  put(run: Omit<Partial<Run>, 'request'> & { readonly request: object }): Run {
    const request = { requestId: 'r1', operator: 'ops', reason: 'why', dryRun: false, ...run.request };
    const startedAt = '2026-11-21T12:00:00.000Z';
    const full = { attempt: 1, status: 'running', startedAt, ...run, request } as Run;
    this.runs.runs.set(full.request.requestId, full);
    return full;
  }

  /** Changes the run that was asked for last. */
  async change(changes: Partial<Run>): Promise<void> {
    const { requestId } = this.request();
    this.put({ ...this.runs.runs.get(requestId)!, ...changes });
  }

  /** Ends the run that was asked for last, the next time that a command waits. */
  endsWith(status: RunStatus, changes: Partial<Run> = {}): this {
    const endedAt = '2026-11-21T12:00:12.300Z';
    this.meanwhile = () => this.change({ status, endedAt, ...changes });
    return this;
  }

  #ports(): RecoveryPorts {
    const desk = this;
    return {
      runs: this.runs,
      files: this.files,
      audit: this.audit,
      async recover(input) {
        desk.asked.push(input as RunRequest);
        const { requestId } = input as RunRequest;
        if (!('command' in input)) desk.put({ request: input });
        desk.whenAsked(desk.asked.length);
        return { requestId, attempt: 1, status: 'command' in input ? 'cancelled' : 'running' };
      },
      async *fingerprints(prefix, tenant) {
        for (const cause of desk.fingerprints)
          if (cause.fingerprint.startsWith(prefix) && (tenant ?? cause.tenant) === cause.tenant) yield cause;
      },
      operator: async () => 'arn:aws:iam::1:user/ops',
      now: () => Date.parse('2026-11-21T12:45:01.500Z') + desk.waits * 1000,
      async sleep() {
        desk.waits += 1;
        if (desk.waits > 1000) throw new Error('the run never ends');
        await desk.meanwhile(desk.waits);
      },
    };
  }
}

export const PLAN: PlanSummary = {
  objects: 12,
  records: 340,
  events: 17_524,
  bytes: 3_400_000,
  batches: 3,
  partitions: 2,
  minutes: 1.5,
};
