import type { PutRecordsCommand, PutRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KinesisLog, type LogFailure } from '../../lambdas/adapters/kinesis-log.ts';
import type { Envelope } from '../../lambdas/domain/envelope.ts';
import type { LogEntry } from '../../lambdas/domain/log.ts';
import { systemClock, systemRandom, systemSleep } from '../../lambdas/platform/system.ts';

type Answer = 'ok' | 'throttled' | Error;

/** A stream that answers record by record from a script, and then always takes what it gets. */
function setUp(script: Iterator<Answer> = [][Symbol.iterator]()) {
  const stored: Envelope[] = [];
  const calls: number[] = [];
  const failures: LogFailure[] = [];
  let now = 0;
  const send = async (command: PutRecordsCommand): Promise<PutRecordsCommandOutput> => {
    const records = command.input.Records!;
    calls.push(records.length);
    const answers = records.map(() => script.next().value ?? 'ok');
    const error = answers.find((answer) => answer instanceof Error);
    if (error) throw error;
    const Records = records.map(({ Data }, i) => {
      if (answers[i] !== 'ok') return { ErrorCode: 'ProvisionedThroughputExceededException' };
      stored.push(JSON.parse(Buffer.from(Data!).toString()));
      return { SequenceNumber: String(stored.length), ShardId: 'shardId-000000000000' };
    });
    return { Records, FailedRecordCount: 0, $metadata: {} };
  };
  const log = new KinesisLog({
    client: { send } as never,
    streamName: 'weir',
    build: 'test',
    clock: { now: () => now },
    random: { fraction: () => 0.5, hex: () => 'cafe' },
    sleep: async (ms) => {
      now += ms;
    },
    report: (failure) => failures.push(failure),
  });
  return { log, stored, calls, failures, now: () => now };
}

const entry = (receipt: string, payload = ''): LogEntry => ({
  partitionKey: 'k',
  draft: {
    tenant: 't',
    producer: 'p',
    at: '2026-11-21T07:00:00.000Z',
    receipt,
    events: [
      {
        schema: 1,
        event: { specversion: '1.0', id: 'i', source: '/s', type: 't', subject: 's', data: payload },
      },
    ],
  },
});
const entries = (count: number) => Array.from({ length: count }, (_, i) => entry(`r${i}`));
const receipts = (stored: readonly Envelope[]) =>
  stored.map((envelope) => ('receipt' in envelope ? envelope.receipt : ''));

describe('the log on Kinesis', () => {
  it('repeats the refused records alone, and keeps their numbers', async () => {
    const { log, stored, calls } = setUp(['ok', 'throttled', 'ok', 'throttled'].values() as never);
    expect(await log.publish(entries(3), 10_000)).toEqual([true, true, true]);
    expect(calls).toEqual([3, 1, 1]);
    expect(receipts(stored)).toEqual(['r0', 'r2', 'r1']);
    expect(stored.map(({ n }) => n)).toEqual([1, 3, 2]);
  });

  it('reports what was acknowledged in the next envelope', async () => {
    const { log, stored } = setUp(['ok', 'throttled', 'ok'].values() as never);
    await log.publish(entries(3), 0);
    await log.publish(entries(2), 10_000);
    expect(stored.slice(2).map(({ n, acked }) => [n, acked])).toEqual([
      [
        4,
        [
          [1, 1],
          [3, 3],
        ],
      ],
      [5, []],
    ]);
  });

  it('P1: says no for what was refused until the deadline, and for that alone', async () => {
    const always = (function* (): Generator<Answer> {
      yield 'ok';
      while (true) yield 'throttled';
    })();
    const { log, now } = setUp(always);
    expect(await log.publish(entries(2), 5_000)).toEqual([true, false]);
    expect(now()).toBeLessThanOrEqual(5_000);
  });

  it('tries again after a broken connection, and gives up at once where waiting is no use', async () => {
    const broken = setUp([new Error('socket hang up')].values());
    expect(await broken.log.publish(entries(1), 10_000)).toEqual([true]);
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    const refused = setUp([denied].values());
    expect(await refused.log.publish(entries(1), 10_000)).toEqual([false]);
    expect(refused.calls).toEqual([1]);
    expect(refused.failures).toEqual([{ records: 1, reason: 'AccessDeniedException', willRetry: false }]);
  });

  it('F12: gives up a call that hangs, at the deadline at the latest', async () => {
    const send = (_: PutRecordsCommand, { abortSignal }: { abortSignal: AbortSignal }) =>
      new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason)));
    const log = new KinesisLog({
      ...{ client: { send } as never, streamName: 'weir', build: 'test' },
      ...{ clock: systemClock, random: systemRandom, sleep: systemSleep },
    });
    expect(await log.publish(entries(2), Date.now() + 50)).toEqual([false, false]);
  });

  it('keeps each call within 500 records and 4 MiB', async () => {
    const { log, calls } = setUp();
    await log.publish(entries(1201), 10_000);
    expect(calls).toEqual([500, 500, 201]);
    const big = setUp();
    await big.log.publish(
      Array.from({ length: 10 }, (_, i) => entry(`r${i}`, 'x'.repeat(800 * 1024))),
      10_000,
    );
    expect(big.calls).toEqual([5, 5]);
  });

  it('P3: a draft that fits no record does not take its neighbours down', async () => {
    const { log, stored } = setUp();
    const drafts = [entry('r0'), entry('r1', 'x'.repeat(1024 * 1024)), entry('r2')];
    expect(await log.publish(drafts, 10_000)).toEqual([true, false, true]);
    expect(receipts(stored)).toEqual(['r0', 'r2']);
  });

  it('P1: whatever the stream answers, what is acknowledged is in the log', async () => {
    const answer = fc.constantFrom<Answer>('ok', 'throttled', new Error('ECONNRESET'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { maxLength: 40 }),
        fc.nat(8),
        fc.nat(600),
        async (script, count, deadline) => {
          const { log, stored } = setUp(script.values());
          const acknowledged = await log.publish(entries(count), deadline);
          const there = new Set(receipts(stored));
          for (const [i, yes] of acknowledged.entries()) if (yes) expect(there).toContain(`r${i}`);
          expect(new Set(stored.map(({ n }) => n)).size).toBe(stored.length);
        },
      ),
    );
  });
});
