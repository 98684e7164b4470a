import type { Activity, ControlStore } from '../control/ports.ts';
import type { ManifestHead } from '../manifest.ts';
import type { MetricReader } from '../metric-reader.ts';
import type { Clock } from '../ports.ts';
import type { Deploy } from './deploys.ts';
import type { ExpiringKey, ProducerKeys } from './expiring-keys.ts';
import type { Seen } from './last-seen.ts';
import type { Slot } from './seen-slots.ts';
import type { Total } from './telemetry.ts';

/** What each look has found and when, ms since the epoch; at most so many names. */
export interface Looks {
  readonly producers?: { readonly at: number; readonly silent: number; readonly names: readonly Seen[] };
  readonly keys?: { readonly at: number; readonly expiring: number; readonly names: readonly ExpiringKey[] };
  /** Totals that are to be compared, the last two. */
  readonly telemetry?: { readonly totals: readonly Total[]; readonly comparedTo: number };
  /** What ran when it was looked last. */
  readonly deploy?: Deploy;
}

/** Where watch keeps what it knows. Losing it costs no event: it is learnt anew. */
export interface WatchStore {
  looks(): Promise<Looks>;
  note<K extends keyof Looks>(look: K, found: NonNullable<Looks[K]>): Promise<void>;
  /** By number; those that were never written, or can't be read, are missing. */
  slots(): Promise<ReadonlyMap<number, Slot>>;
  writeSlot(number: number, slot: Slot): Promise<void>;
  /** Writes a change into the history that dashboards and incidents read. */
  addDeploy(deploy: Deploy): Promise<void>;
}

export interface WatchPorts {
  readonly clock: Clock;
  readonly store: WatchStore;
  readonly activity: Pick<Activity, 'of'>;
  readonly control: Pick<ControlStore, 'read'>;
  readonly metrics: MetricReader;
  readonly manifest: {
    shards(): Promise<readonly { readonly shardId: string }[]>;
    head(shardId: string): Promise<ManifestHead | undefined>;
  };
  /** All producers, some at a time. */
  readonly producers: { list(): AsyncGenerator<readonly ProducerKeys[]> };
}
