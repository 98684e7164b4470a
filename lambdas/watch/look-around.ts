import { type Deploy, deployOf, type Running } from '../domain/watch/deploys.ts';
import type { ExpiringKey } from '../domain/watch/expiring-keys.ts';
import type { Seen } from '../domain/watch/last-seen.ts';
import type { Looks, WatchPorts } from '../domain/watch/ports.ts';
import { watchKeys } from './watch-keys.ts';
import { watchProducers } from './watch-producers.ts';
import { type Compared, watchTelemetry } from './watch-telemetry.ts';

const MINUTE_MS = 60_000;
/** How old a look may become before it is taken again, in ms: a little less than whole minutes, as rules are not punctual. */
const PRODUCERS_MS = 4.5 * MINUTE_MS;
const KEYS_MS = 59.5 * MINUTE_MS;
/** Most names that are kept of a look, and that a log line has. */
export const MOST_NAMES = 100;

export interface Report {
  readonly silent: number;
  readonly silentNames: readonly Seen[];
  readonly expiring: number;
  readonly expiringNames: readonly ExpiringKey[];
  /** Which of the two were looked at anew. */
  readonly fresh: readonly ('producers' | 'keys')[];
  /** Once an hour. */
  readonly compared?: Compared;
  /** Where something else runs than at the last look. */
  readonly deploy?: Deploy;
  /** Of looks that failed; the others were taken. */
  readonly errors: readonly unknown[];
}

export interface Surroundings {
  readonly running: Running;
  /** Of the deployment's own metrics. */
  readonly namespace: string;
  /** Whether to look at producers and keys now, however fresh the last looks are. */
  readonly now: boolean;
}

/** Takes the looks that are due, each by itself: one that fails is taken again in the next minute. */
export async function lookAround(ports: WatchPorts, around: Surroundings): Promise<Report> {
  const looks = await ports.store.looks();
  const now = ports.clock.now();
  const errors: unknown[] = [];
  const attempt = <T>(look: () => Promise<T>): Promise<T | undefined> =>
    look().catch((error: unknown) => {
      errors.push(error);
      return undefined;
    });
  const isDue = (last: { readonly at: number } | undefined, everyMs: number) =>
    around.now || !last || now - last.at >= everyMs;
  const keysDue = isDue(looks.keys, KEYS_MS);
  const producersDue = isDue(looks.producers, PRODUCERS_MS);
  // First what was ended, so that it is not called silent.
  const keys = keysDue ? await attempt(() => lookAtKeys(ports)) : undefined;
  const producers = producersDue ? await attempt(() => lookAtProducers(ports)) : undefined;
  const compared = await attempt(() => watchTelemetry(ports, around.namespace, looks.telemetry));
  const deploy = await attempt(() => lookAtDeploy(ports, looks.deploy, around.running));
  const silent = producers ?? looks.producers;
  const expiring = keys ?? looks.keys;
  return {
    silent: silent?.silent ?? 0,
    silentNames: silent?.names ?? [],
    expiring: expiring?.expiring ?? 0,
    expiringNames: expiring?.names ?? [],
    fresh: [...(producers ? (['producers'] as const) : []), ...(keys ? (['keys'] as const) : [])],
    ...(compared && { compared }),
    ...(deploy && { deploy }),
    errors,
  };
}

async function lookAtProducers(ports: WatchPorts): Promise<NonNullable<Looks['producers']>> {
  const silent = await watchProducers(ports);
  const look = { at: ports.clock.now(), silent: silent.length, names: silent.slice(0, MOST_NAMES) };
  await ports.store.note('producers', look);
  return look;
}

async function lookAtKeys(ports: WatchPorts): Promise<NonNullable<Looks['keys']>> {
  const expiring = await watchKeys(ports);
  const look = { at: ports.clock.now(), expiring: expiring.length, names: expiring.slice(0, MOST_NAMES) };
  await ports.store.note('keys', look);
  return look;
}

async function lookAtDeploy(
  { clock, store }: WatchPorts,
  before: Deploy | undefined,
  running: Running,
): Promise<Deploy | undefined> {
  const deploy = deployOf(before, running, new Date(clock.now()).toISOString());
  if (!deploy) return undefined;
  // History first: a change that is noted twice is better than one that is in no list.
  await store.addDeploy(deploy);
  await store.note('deploy', deploy);
  return deploy;
}
