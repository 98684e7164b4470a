import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DynamoControl } from '../../lambdas/adapters/dynamo-control.ts';
import { type Control, NO_CONTROL } from '../../lambdas/domain/control/control.ts';
import { ControlDamagedError, readControl } from '../../lambdas/domain/control/read-control.ts';
import { describeActivityContract, describeControlStoreContract } from '../contract/control-stores.ts';
import {
  describeAlarmStatesContract,
  describeControlAuditContract,
  describeControlHistoryContract,
  describeSightingsContract,
  describeTiersContract,
} from '../contract/guard-stores.ts';
import { MemoryActivity, MemoryControl } from '../support/memory-control.ts';
import { GuardDesk } from '../support/memory-guard.ts';

// The same contracts hold the adapters on LocalStack (test/emulator/control-adapters.test.ts).
describeControlStoreContract('in memory', async () => {
  const store = new MemoryControl();
  return () => store;
});

const activity = new MemoryActivity();
describeActivityContract('in memory', () => activity);

const beside = async () => {
  const { control, ports } = new GuardDesk();
  const mend = async (standing: Control | undefined) => {
    control.mended = standing ?? NO_CONTROL;
  };
  return { control, history: ports.history, sightings: ports.sightings, mend };
};
describeControlHistoryContract('in memory', beside);
describeSightingsContract('in memory', beside);

const desk = new GuardDesk();
describeTiersContract('in memory', async () => ({
  tiers: desk.ports.tiers,
  add: async (tenant, producer, tier) => desk.setTier(tenant, producer, tier),
}));
describeAlarmStatesContract('in memory', () => ({
  alarms: desk.ports.alarms,
  set: async (name, state) => {
    desk.inAlarm = [...desk.inAlarm.filter((one) => one !== name), ...(state === 'ALARM' ? [name] : [])];
  },
}));
describeControlAuditContract('in memory', async () => ({
  audit: desk.ports.audit,
  entries: async () => desk.entries.map(({ standing: _, ...entry }) => entry),
}));

const at = '2026-11-21T10:00:00.000Z';
const held = { tenant: 't', producer: 'p', how: { kind: 'suspended' }, since: at, reason: 'r', by: 'b' };
const whole = {
  ...NO_CONTROL,
  held: [held, { ...held, how: { kind: 'over-budget', share: 0.5 } }],
  maintenance: [{ from: at, to: at, reason: 'r', by: 'b' }],
  steppedAt: at,
  calmSince: at,
} as Control;

describe('the control document', () => {
  it('is read as it was written, without what a later build has added', () => {
    expect(readControl(JSON.stringify(whole))).toEqual(whole);
    expect(readControl(JSON.stringify({ ...whole, later: 1 }))).toEqual(whole);
  });

  it.each<[string, unknown]>([
    ['not JSON', '{'],
    ['no object', '[]'],
    ['a level that there is not', { ...whole, level: 'critical' }],
    ['a mode that there is not', { ...whole, mode: 'off' }],
    ['a version that is none', { ...whole, v: '1' }],
    ['no list of the held', { ...whole, held: undefined }],
    ['a producer held in another way', { ...whole, held: [{ ...held, how: { kind: 'killed' } }] }],
    ...[0, -1, 1.01, Number.NaN, '0.5', undefined].map((share): [string, unknown] => [
      `a share of ${share}`,
      { ...whole, held: [{ ...held, how: { kind: 'over-budget', share } }] },
    ]),
    ['a producer without a tenant', { ...whole, held: [{ ...held, tenant: 1 }] }],
    ['a time that is none', { ...whole, at: 'yesterday' }],
    ['a window without an end', { ...whole, maintenance: [{ ...whole.maintenance[0], to: undefined }] }],
  ])('is damaged with %s', (_, doc) => {
    const text = typeof doc === 'string' ? doc : JSON.stringify(doc);
    expect(() => readControl(text)).toThrow(ControlDamagedError);
  });

  it('P3: whatever stands there is read whole or refused, never half believed', () => {
    const paths = ['v', 'mode', 'level', 'held', 'maintenance', 'by', 'at', 'reason'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const text = JSON.stringify({ ...whole, [path]: value });
        let read: Control;
        try {
          read = readControl(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ControlDamagedError);
          return;
        }
        expect(JSON.stringify(read[path])).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe('the control item', () => {
  /** DynamoDB, where the control item has these attributes. */
  const holding = (Item: unknown) => {
    const client = new DynamoDBClient({ region: 'eu-central-1' });
    client.send = (async () => ({ Item })) as never;
    return new DynamoControl(client, 'weir-control');
  };

  it.each([
    ['without a document', { v: { N: '0' } }],
    ['without a version', { doc: { S: JSON.stringify(whole) } }],
    ['of another version than its document', { doc: { S: JSON.stringify(whole) }, v: { N: '7' } }],
  ])('is an error that names the next step %s', async (_, item) => {
    await expect(holding(item).read()).rejects.toThrow(
      /weir-control is damaged.*Copy doc and v.*delete that/s,
    );
  });
});
