import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EventsEnvelope } from '../../lambdas/domain/envelope.ts';
import type { LogEntry, LogWriter } from '../../lambdas/domain/log.ts';
import { partitionKeyOf } from '../../lambdas/domain/partition-key.ts';
import { readExactly } from '../../lambdas/domain/read-json.ts';

/** A log, and the JSON texts of all records that it holds, in order within a partition key. */
export interface TestedLog {
  readonly log: LogWriter;
  texts(): Promise<readonly string[]>;
}

const soon = () => Date.now() + 20_000;

function entryOf(receipt: string, subject: string, payloads: readonly unknown[]): LogEntry {
  const events = payloads.map((data, index) => ({
    schema: 1,
    event: { specversion: '1.0' as const, id: `e${index}`, source: '/s', type: 't', subject, data },
  }));
  const draft = { tenant: 'contract', producer: 'p', at: '2026-11-21T07:00:00.000Z', receipt, events };
  return { draft, partitionKey: partitionKeyOf('contract', subject) };
}

/** What every log must do. Receipts are fresh, so that a log may hold other records. */
export function describeLogWriterContract(name: string, make: () => Promise<TestedLog>): void {
  describe(`log writer: ${name}`, () => {
    const readBack = async (tested: TestedLog, receipt: string) =>
      (await tested.texts())
        .map((text) => JSON.parse(text) as EventsEnvelope)
        .filter((envelope) => envelope.receipt === receipt);

    it('P1: what it acknowledges is there, whole and in order', async () => {
      const tested = await make();
      const receipt = randomUUID();
      const entries = ['a', 'b'].map((subject) => entryOf(receipt, subject, ['😀"\\', { n: [1.5] }, null]));
      expect(await tested.log.publish(entries, soon())).toEqual([true, true]);
      const envelopes = await readBack(tested, receipt);
      expect(envelopes).toHaveLength(2);
      for (const { v, events } of envelopes) {
        expect(v).toBe(1);
        expect(events.map(({ event }) => event.data)).toEqual(['😀"\\', { n: [1.5] }, null]);
      }
    });

    it('numbers its records, each once', async () => {
      const tested = await make();
      const receipt = randomUUID();
      const entries = Array.from({ length: 3 }, (_, i) => entryOf(receipt, `s${i}`, [i]));
      await tested.log.publish(entries, soon());
      await tested.log.publish([entryOf(receipt, 's9', [9])], soon());
      const numbers = (await readBack(tested, receipt)).map(({ iid, n }) => `${iid} ${n}`);
      expect(new Set(numbers).size).toBe(4);
    });

    it('cuts what is larger than a record, and keeps the text of numbers', async () => {
      const tested = await make();
      const receipt = randomUUID();
      const large = Array.from({ length: 4 }, (_, i) => `${i}${'é'.repeat(200_000)}`);
      const exact = readExactly('[9007199254740993]');
      expect(await tested.log.publish([entryOf(receipt, 'large', [...large, exact])], soon())).toEqual([
        true,
      ]);
      const envelopes = await readBack(tested, receipt);
      expect(envelopes.length).toBeGreaterThan(1);
      const payloads = envelopes.flatMap(({ events }) => events.map(({ event }) => event.data));
      expect(payloads.slice(0, 4)).toEqual(large);
      expect((await tested.texts()).some((text) => text.includes('"data":[9007199254740993]'))).toBe(true);
    });

    it('P3: refuses what fits no record, and that alone', async () => {
      const tested = await make();
      const receipt = randomUUID();
      const entries = ['small', 'x'.repeat(1024 * 1024), 'small'].map((data, i) =>
        entryOf(receipt, `s${i}`, [data]),
      );
      expect(await tested.log.publish(entries, soon())).toEqual([true, false, true]);
      expect(await readBack(tested, receipt)).toHaveLength(2);
    });

    it('takes nothing for nothing', async () => {
      expect(await (await make()).log.publish([], soon())).toEqual([]);
    });
  });
}
