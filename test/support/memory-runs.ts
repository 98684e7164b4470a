import type { Anchor, Anchors } from '../../lambdas/domain/recovery/anchors.ts';
import type { Executions } from '../../lambdas/domain/recovery/executions.ts';
import type { Audit, AuditEntry, Runs } from '../../lambdas/domain/recovery/ports.ts';
import type { Run } from '../../lambdas/domain/recovery/run.ts';
import type { Around } from './memory-state.ts';

/** Runs in memory. */
export class MemoryRuns implements Runs {
  readonly runs = new Map<string, Run>();
  readonly #around: Around;

  constructor(around: Around = () => {}) {
    this.#around = around;
  }

  find(requestId: string): Promise<Run | undefined> {
    return this.#call('find', () => this.runs.get(requestId));
  }

  add(run: Run): Promise<Run | undefined> {
    const { requestId } = run.request;
    return this.#call('add', () => {
      const there = this.runs.get(requestId);
      if (!there) this.runs.set(requestId, run);
      return there;
    });
  }

  begin(requestId: string, attempt: number, startedAt: string): Promise<boolean> {
    return this.#call('begin', () => {
      const run = this.runs.get(requestId);
      if (run?.attempt !== attempt) return false;
      const { request, plan } = run;
      const next: Run = {
        request,
        attempt: attempt + 1,
        status: 'running',
        startedAt,
        ...(plan && { plan }),
      };
      this.runs.set(requestId, next);
      return true;
    });
  }

  update(requestId: string, attempt: number, changes: Parameters<Runs['update']>[2]): Promise<boolean> {
    return this.#call('update', () => {
      const run = this.runs.get(requestId);
      if (Object.keys(changes).length === 0) return true;
      if (run?.attempt !== attempt) return false;
      if (changes.status !== undefined && run.status !== 'running') return false;
      this.runs.set(requestId, { ...run, ...changes });
      return true;
    });
  }

  async *latest(): AsyncGenerator<readonly Run[]> {
    const all = await this.#call('latest', () => [...this.runs.values()]);
    // One at a time: whoever takes the first page for all of them is found out.
    for (const run of all.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))) yield [run];
  }

  async #call<T>(operation: string, effect: () => T): Promise<T> {
    await this.#around(operation, 'before');
    const result = effect();
    await this.#around(operation, 'after');
    return result;
  }
}

/** Executions in memory. They end when a test says so. */
export class MemoryExecutions implements Executions {
  readonly started = new Map<string, { readonly input: unknown; goesOn: boolean; why?: string }>();
  readonly #around: Around;

  constructor(around: Around = () => {}) {
    this.#around = around;
  }

  async start(name: string, input: object): Promise<string> {
    await this.#around('start', 'before');
    if (!this.started.has(name)) this.started.set(name, { input, goesOn: true });
    await this.#around('start', 'after');
    return `arn:execution:${name}`;
  }

  async stop(name: string, why: string): Promise<void> {
    await this.#around('stop', 'before');
    const found = this.started.get(name);
    if (found?.goesOn) Object.assign(found, { goesOn: false, why });
    await this.#around('stop', 'after');
  }

  async goesOn(name: string): Promise<boolean | undefined> {
    return this.started.get(name)?.goesOn;
  }
}

export class MemoryAudit implements Audit {
  /** By key, as the bucket has them. */
  readonly entries = new Map<string, AuditEntry>();
  readonly #around: Around;

  constructor(around: Around = () => {}) {
    this.#around = around;
  }

  async append(entry: AuditEntry): Promise<void> {
    await this.#around('append', 'before');
    this.entries.set(JSON.stringify(entry), entry);
    await this.#around('append', 'after');
  }

  async of(requestId: string): Promise<readonly AuditEntry[]> {
    return [...this.entries.values()]
      .filter((entry) => entry.requestId === requestId)
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.attempt - b.attempt));
  }
}

export class MemoryAnchors implements Anchors {
  readonly anchors: Anchor[] = [];

  async write(anchor: Anchor): Promise<void> {
    this.anchors.push(anchor);
  }

  async *read(from?: string, to?: string): AsyncIterable<readonly Anchor[]> {
    const dayOf = ({ at }: Anchor) => at.slice(0, 10);
    yield this.anchors
      .filter((anchor) => (!from || dayOf(anchor) >= from) && (!to || dayOf(anchor) <= to))
      .sort((a, b) => (dayOf(a) < dayOf(b) ? -1 : dayOf(a) > dayOf(b) ? 1 : 0));
  }
}
