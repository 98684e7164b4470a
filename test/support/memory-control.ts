import type { ControlHistory } from '../../lambdas/domain/control/changes.ts';
import { type Control, NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import type { Activity, ControlStore, ProducerActivity } from '../../lambdas/domain/control/ports.ts';

/** The control item in memory, with its history. `down` makes it unreachable; `asked` counts the reads. */
export class MemoryControl implements ControlStore, ControlHistory {
  down = false;
  asked = 0;
  /** All versions, the last of them in force. */
  readonly history: Control[] = [];
  /** What somebody has put in its place by hand. */
  mended: Control | undefined;

  get current(): Control {
    return this.mended ?? this.history.at(-1) ?? NO_CONTROL;
  }

  /** Puts something in force, whatever stood there. */
  set(control: Partial<Omit<Control, 'v'>>): void {
    this.history.push({ ...this.current, ...control, v: this.current.v + 1 });
  }

  async read(): Promise<Control> {
    this.asked += 1;
    if (this.down) throw new Error('the control table is down');
    return structuredClone(this.current);
  }

  async write(control: Control, over: number): Promise<boolean> {
    if (this.down) throw new Error('the control table is down');
    if (over !== this.current.v || this.history.some(({ v }) => v === control.v)) return false;
    this.history.push(structuredClone(control));
    this.mended = undefined;
    return true;
  }

  async latest(count: number): Promise<readonly Control[]> {
    return [...this.history].sort((a, b) => b.v - a.v).slice(0, count);
  }

  async newest(): Promise<number> {
    return Math.max(0, ...this.history.map(({ v }) => v));
  }
}

/** Activity in memory. `down` makes it unreachable; `added` has what it was told, in order. */
export class MemoryActivity implements Activity {
  down = false;
  readonly added: ({ readonly minute: string } & ProducerActivity)[] = [];

  async add(minute: string, counts: ProducerActivity): Promise<void> {
    if (this.down) throw new Error('the control table is down');
    this.added.push({ minute, ...counts });
  }

  async of(minute: string): Promise<readonly ProducerActivity[]> {
    if (this.down) throw new Error('the control table is down');
    const sums = new Map<string, ProducerActivity>();
    for (const { minute: at, tenant, producer, offered, accepted, shed } of this.added) {
      if (at !== minute) continue;
      const key = JSON.stringify([tenant, producer]);
      const sum = sums.get(key) ?? { offered: 0, accepted: 0, shed: 0 };
      sums.set(key, {
        tenant,
        producer,
        offered: sum.offered + offered,
        accepted: sum.accepted + accepted,
        shed: sum.shed + shed,
      });
    }
    return [...sums.values()];
  }
}
