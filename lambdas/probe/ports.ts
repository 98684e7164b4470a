import type { CloudEvent } from '../domain/cloudevent.ts';
import type { Clock, Sleep } from '../domain/ports.ts';
import type { ProbeBucket } from '../domain/probe.ts';

/** What the API said, or why it said nothing: status 0, and the network's code for it. */
export interface ApiAnswer {
  readonly status: number;
  /** The problem's code, or the network's. */
  readonly code?: string;
  readonly receipt?: string;
}

export interface UsageAnswer extends ApiAnswer {
  /** What the bucket holds, as text; absent where the API said nothing of it. */
  readonly count?: string;
  /** Up to when all that was acknowledged is counted. */
  readonly asOf?: string | null;
}

/** The public API, as senders see it. Bounded in time; never throws. */
export interface PublicApi {
  send(key: string, event: CloudEvent): Promise<ApiAnswer>;
  usage(key: string, bucket: ProbeBucket): Promise<UsageAnswer>;
}

export interface ProbePorts {
  readonly api: PublicApi;
  /** The probe's key. @throws where it can't be read. */
  readonly key: { read(): Promise<string>; forget(): void };
  /** Where it is made known. */
  readonly keys: { put(keyHash: string, expiresMs: number): Promise<void> };
  readonly clock: Clock;
  readonly sleep: Sleep;
}
