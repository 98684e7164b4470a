import type { ControlAudit, ControlChange } from '../../lambdas/domain/control/changes.ts';
import type { AlarmStates, Sightings, Tiers } from '../../lambdas/domain/control/guard-ports.ts';
import type { Seen } from '../../lambdas/domain/control/track-lag.ts';
import type { GuardPorts, GuardSettings } from '../../lambdas/guard/ports.ts';
import { MemoryActivity, MemoryControl } from './memory-control.ts';

export const GUARD_SETTINGS: GuardSettings = {
  ...{ lagSeconds: 300, calmLagSeconds: 30, stepSeconds: 55, calmSeconds: 115, markSeconds: 60 },
  alarms: ['weir-log-overloaded'],
  budgets: { standard: 100, bulk: 1000 },
};

/** Everything that guard looks at and writes, in memory, with a clock that stands until it is moved. */
export class GuardDesk {
  now = Date.parse('2026-11-21T12:00:30.000Z');
  readonly control = new MemoryControl();
  readonly activity = new MemoryActivity();
  /** What was appended, with the version that stood at that moment. */
  readonly entries: (ControlChange & { readonly standing: number })[] = [];
  inAlarm: string[] = [];
  readonly #tiers = new Map<string, string>();
  /** The mark that the projector has passed last, ms; none where undefined. */
  mark: number | undefined;
  seen: Seen | undefined;
  auditDown = false;

  /** What a producer offers in the present minute. */
  async offer(producer: string, offered: number, tenant = 'acme'): Promise<void> {
    const minute = new Date(this.now).toISOString().slice(0, 16);
    await this.activity.add(minute, { tenant, producer, offered, accepted: offered, shed: 0 });
  }

  setTier(tenant: string, producer: string, tier: string): void {
    this.#tiers.set(JSON.stringify([tenant, producer]), tier);
  }

  get ports(): GuardPorts {
    const desk = this;
    const audit: ControlAudit = {
      async append(change) {
        if (desk.auditDown) throw new Error('the audit is down');
        desk.entries.push({ ...change, standing: desk.control.current.v });
      },
    };
    const alarms: AlarmStates = {
      inAlarm: async (names) => names.filter((name) => desk.inAlarm.includes(name)),
    };
    const tiers: Tiers = {
      of: async (tenant, producer) => desk.#tiers.get(JSON.stringify([tenant, producer])),
    };
    const sightings: Sightings = {
      read: async () => desk.seen,
      async write(seen) {
        desk.seen = seen;
      },
    };
    return {
      ...{ control: this.control, history: this.control, activity: this.activity },
      ...{ audit, alarms, tiers, sightings },
      clock: { now: () => desk.now },
      shards: { list: async () => [{ shardId: 's', parents: [], open: true, startingHashKey: '0' }] },
      passes: {
        read: async () =>
          new Map(
            desk.mark === undefined
              ? []
              : [['s', { mark: new Date(desk.mark).toISOString(), sequence: '1' }]],
          ),
      },
    };
  }
}
