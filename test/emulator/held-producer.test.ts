import { describe, expect, it } from 'vitest';
import { DynamoActivity } from '../../lambdas/adapters/dynamo-activity.ts';
import { DynamoControl } from '../../lambdas/adapters/dynamo-control.ts';
import type { Held } from '../../lambdas/domain/control/control.ts';
import { deployed } from '../support/deployed.ts';
import { eventually } from '../support/localstack.ts';
import { aws, newSender, reading, send } from '../support/pipeline.ts';

const { ControlTable } = deployed();

describe('what stands in the control table', () => {
  const store = new DynamoControl(aws.dynamo, ControlTable);

  /** Changes who is held, as guard does. Nobody else is affected, so other tests need not know. */
  async function hold(change: (held: readonly Held[]) => readonly Held[]): Promise<void> {
    const control = await store.read();
    const next = { ...control, v: control.v + 1, held: change(control.held), by: 'test', reason: 'test' };
    expect(await store.write(next, control.v)).toBe(true);
  }

  it('F9: reaches ingest by itself: a held producer keeps its critical events, and is let go again', async () => {
    const { tenant, apiKey } = await newSender('held');
    const at = new Date().toISOString();
    const how = { kind: 'over-budget', share: 1 } as const;
    await hold((held) => [...held, { tenant, producer: 'meter', how, since: at, reason: 'r', by: 'test' }]);
    const payment = {
      ...{ type: 'payment.received', source: '/tests' },
      data: { amount: 1, currency: 'eur', movement: 'charge' },
    };
    const batch = () => [reading('s', 1), reading('s', 1, payment), reading('s', 1, { type: 'no.such' })];
    try {
      const { body } = await eventually('shedding', async () => {
        const answer = await send(apiKey, batch());
        return answer.body.results?.some(({ status }) => status === 429) ? answer : undefined;
      });
      expect(body).toMatchObject({ accepted: 1, quarantined: 1, refused: 1 });
      expect(body.results).toMatchObject([
        { index: 0, status: 429, code: 'over-budget' },
        { index: 2, status: 422, code: 'unknown-type' },
      ]);
      expect(body.results[0]!.retryAfter).toBeGreaterThanOrEqual(5);
      expect(body.results[0]!.retryAfter).toBeLessThanOrEqual(30);
    } finally {
      await hold((held) => held.filter((one) => one.tenant !== tenant));
    }
    await eventually('all accepted again', async () =>
      (await send(apiKey, [reading('s', 1)])).status === 202 ? true : undefined,
    );
    const activity = new DynamoActivity(aws.dynamo, ControlTable);
    const minutes = [0, 1, 2].map((ago) => new Date(Date.now() - ago * 60_000).toISOString().slice(0, 16));
    await eventually('its activity', async () => {
      const all = (await Promise.all(minutes.map((minute) => activity.of(minute)))).flat();
      return all.some((one) => one.tenant === tenant && one.offered > 0) ? true : undefined;
    });
  });
});
