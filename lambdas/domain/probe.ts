import type { CloudEvent } from './cloudevent.ts';
import type { Contract, Contracts, ValidatingContract } from './contract.ts';
import type { Credential } from './credential.ts';

/** The tenant of Weir's own: nobody else can be given it. */
export const OWN_TENANT = 'weir';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Events of this type go the whole way each minute, to see that the way is open. */
export const PROBE_TYPE = 'weir.probe';

/**
 * Counted under a contract of Weir's own, as quarantine is: it is in no folder of contracts, and `GET /v1/contracts`,
 * which says what may be sent, does not list it.
 */
export const PROBE_CONTRACT: ValidatingContract = {
  type: PROBE_TYPE,
  owner: OWN_TENANT,
  current: 1,
  priority: 'critical',
  bucket: 'PT1H',
  lateMs: HOUR_MS,
  earlyMs: 10 * MINUTE_MS,
  revisions: [
    {
      from: '0000-01-01T00:00:00Z',
      meters: [{ name: 'count', aggregate: 'count', scale: 0, unit: '1', maxGroups: 1 }],
    },
  ],
  versions: new Map([[1, (data) => data === undefined]]),
};

/** The contract of an event's type: the build's, or the probe's. */
export function contractOfEvent<C extends Contract>(
  contracts: Contracts<C>,
  type: string,
): C | typeof PROBE_CONTRACT | undefined {
  return type === PROBE_TYPE ? PROBE_CONTRACT : contracts.get(type);
}

/** Whom a probe's key stands for, whatever is written beside its hash: that one may write there gives nothing more. */
export function probeCredential(keyHash: string, expiresMs: number): Credential {
  return {
    tenant: OWN_TENANT,
    producer: 'probe',
    types: [PROBE_TYPE],
    scopes: ['events:write', 'usage:read'],
    status: 'active',
    own: true,
    expiresMs,
    keyId: keyHash.slice(0, 12),
  };
}

/** Where the event of a minute is counted: no other event shares subject and hour with it. */
export interface ProbeBucket {
  readonly subject: string;
  /** RFC 3339, the hour. */
  readonly from: string;
  readonly to: string;
}

/** The event of the minute that holds `ms`: the same, however often it is made. */
export function probeEvent(ms: number): CloudEvent {
  const time = new Date(Math.floor(ms / MINUTE_MS) * MINUTE_MS).toISOString();
  return {
    specversion: '1.0',
    id: time.slice(0, 16),
    source: '/weir/probe',
    type: PROBE_TYPE,
    subject: probeBucket(ms).subject,
    time,
  };
}

export function probeBucket(ms: number): ProbeBucket {
  const hour = Math.floor(ms / HOUR_MS) * HOUR_MS;
  return {
    subject: `minute-${new Date(ms).toISOString().slice(14, 16)}`,
    from: new Date(hour).toISOString(),
    to: new Date(hour + HOUR_MS).toISOString(),
  };
}
