import { describe, expect, it } from 'vitest';
import { type CostPorts, cost } from '../../cli/cost/command.ts';
import { priceQuantities } from '../../cli/cost/price-quantities.ts';
import { type Quantities, readQuantities } from '../../cli/cost/read-quantities.ts';
import { Output } from '../../cli/platform/output.ts';
import { MetricTable } from '../support/metric-table.ts';
import { weir } from '../support/weir-cli.ts';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const DAY = 24 * 3_600_000;
const FUNCTIONS = [
  { name: 'weir-ingest', memoryMb: 512 },
  { name: 'weir-project', memoryMb: 1024 },
];

function ports(metrics: MetricTable): CostPorts {
  return {
    ...{ name: 'weir', metrics, now: NOW, functions: FUNCTIONS },
    log: { openShards: 2, onDemand: false, retentionHours: 168 },
    ...{ alarmsUsdPerMonth: 73, metricsWritten: 10, keys: 3 },
  };
}

const traffic = () =>
  new MetricTable()
    .set('counted Sum', 600_000, 400_000)
    .set('duplicates Sum', 250_000)
    .set('AWS/ApiGateway Count Sum', 1_000_000)
    .set('Invocations Sum', 1_000_000)
    .set('Duration Sum', 2_000_000)
    .set('ConsumedWriteCapacityUnits Sum', 900_000)
    .set('IncomingRecords Sum', 1000)
    .set('AWS/Kinesis IncomingBytes Sum', 250_000_000);

function run(metrics: MetricTable, budget = { writesPerEvent: 3, usdPerMillion: 20 }) {
  let out = '';
  const host = {
    env: {},
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: () => {} },
  } as never;
  const use = (json: boolean) => ({ host, output: new Output(host, { json }), target: () => ({}) as never });
  const once = async (json: boolean) => {
    out = '';
    const code = await cost({ since: DAY, ...budget }, ports(metrics), use(json));
    return { code, out };
  };
  return { text: () => once(false), json: async () => JSON.parse((await once(true)).out) };
}

describe('what was used', () => {
  it('is added up over time, functions and tables', async () => {
    const used = await readQuantities(ports(traffic()), NOW - DAY, NOW);
    expect(used).toMatchObject({
      counted: 1_000_000,
      apiRequests: 1_000_000,
      invocations: 2_000_000,
      // 2,000 s in half a GB, and 2,000 s in one.
      gbSeconds: 3_000,
      stateWrites: 1_800_000,
      otherWrites: 1_800_000,
      reads: undefined,
    });
  });

  it('is asked for from the beginning of an hour on, and by the minute where it is short', async () => {
    const metrics = traffic();
    await readQuantities(ports(metrics), NOW - DAY + 1000, NOW);
    expect(metrics.asked[0]).toMatchObject({ from: NOW - DAY, query: { periodSeconds: 3600, stat: 'Sum' } });
    metrics.asked.length = 0;
    await readQuantities(ports(metrics), NOW - 3_600_000, NOW);
    expect(metrics.asked[0]).toMatchObject({ query: { periodSeconds: 60 } });
  });
});

describe('a bill', () => {
  const NOTHING = Object.fromEntries(
    [
      'counted',
      'duplicates',
      'accepted',
      'apiRequests',
      'invocations',
      'gbSeconds',
      'stateWrites',
      'otherWrites',
    ].map((name) => [name, undefined]),
  ) as unknown as Quantities;
  const facts = ports(new MetricTable());

  it('prices what was used, at list price', () => {
    const used = { ...NOTHING, counted: 500_000, apiRequests: 1_000_000, stateWrites: 1_000_000 };
    const bill = priceQuantities(used, facts, 24);
    expect(bill.usedUsd).toBeCloseTo(3.5 + 0.625, 9);
    expect(bill.usdPerMillion).toBeCloseTo(2 * (3.5 + 0.625), 9);
    expect(bill.writesPerEvent).toBe(2);
  });

  it.each([
    [1000, 250_000_000, 10_000],
    [1000, 2_000_000, 1000],
    [1000, undefined, 1000],
    [undefined, 5, undefined],
  ])('of %s records and %s bytes takes %s PUT units', (logRecords, logBytes, units) => {
    const bill = priceQuantities({ ...NOTHING, logRecords, logBytes }, facts, 24);
    expect(bill.used.find(({ what }) => /PUT units/.test(what))!.quantity).toBe(units);
  });

  it('counts what is paid whatever happens by the time', () => {
    const bill = priceQuantities(NOTHING, facts, 730);
    // Two shards, kept for a week; alarms; ten metrics; three keys.
    expect(bill.standingUsd).toBeCloseTo(2 * 730 * (0.015 + 0.02) + 73 + 3 + 3, 6);
    const onDemand = { ...facts, log: { openShards: 4, onDemand: true, retentionHours: 24 } };
    expect(priceQuantities(NOTHING, onDemand, 1).standing[0]).toMatchObject({ quantity: 1, usd: 0.04 });
  });

  it('says nothing by the event where there was none', () => {
    const bill = priceQuantities({ ...NOTHING, counted: 0, apiRequests: 5 }, facts, 24);
    expect(bill).toMatchObject({
      usdPerMillion: undefined,
      writesPerEvent: undefined,
      duplicates: undefined,
    });
  });
});

describe('weir cost (F13)', () => {
  it('shows operations, by the million events, and holds them against the budget', async () => {
    const { code, out } = await run(traffic()).text();
    expect(code).toBe(0);
    expect(out).toMatch(/API requests\s*│\s*1,000,000 │\s*1,000,000 │\s*\$3\.50/);
    expect(out).toMatch(/write units an event: █+░+ 1\.8 of 3/);
    expect(out).toContain('20.0 % of what reached state was there before.');
    expect(out).toContain('–: CloudWatch has no figures of it');
  });

  it('exits with 1 above the budget', async () => {
    for (const [budget, over] of [
      [{ writesPerEvent: 1.79, usdPerMillion: 20 }, ['writesPerEvent']],
      [{ writesPerEvent: 3, usdPerMillion: 1 }, ['usdPerMillion']],
      [{ writesPerEvent: 1.8, usdPerMillion: 20 }, []],
    ] as const) {
      const { json, text } = run(traffic(), budget);
      expect((await json()).over).toEqual(over);
      expect((await text()).code).toBe(over.length > 0 ? 1 : 0);
    }
  });

  it('finds nothing too dear where nothing happened', async () => {
    const { code, out } = await run(new MetricTable()).text();
    expect(code).toBe(0);
    expect(out).toContain('US$ a million events: not known, of 20');
  });

  it.each([
    [['--since', '30m']],
    [['--since', '91d']],
    [['--usd-per-million', '0']],
    [['--writes-per-event', 'x']],
  ])('does not take %j', async (args) => {
    const { code } = await weir(['cost', ...args], { env: { AWS_ENDPOINT_URL: 'http://localhost:1' } });
    expect(code).toBe(2);
  });
});
