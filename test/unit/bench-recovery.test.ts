import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { PretendBucket, rangeIn } from '../../bench/emulate/pretend-bucket.ts';
import { objectMillis } from '../../bench/recovery/fold-speed.ts';
import { type Bill, less, totalOf } from '../../bench/recovery/recovered-day.ts';
import { type Definition, runMachine } from '../../bench/recovery/run-machine.ts';
import { S3RunFiles } from '../../lambdas/adapters/s3-run-files.ts';
import { recoveryDefinition } from '../../lib/constructs/recovery-definition.ts';

describe('the bench runs the state machine of recovery, and counts as Step Functions bills', () => {
  const definition = recoveryDefinition() as unknown as Definition;

  /** A run whose rooms answer at once. */
  function machine({ barrier = false, batches = 0, partitions = 0, stage = 'scan', passes = 1 }) {
    let asked = 0;
    const seen: unknown[] = [];
    const Plan = async ({ step }: { step: string }) => {
      if (step === 'begin') return { dryRun: false, barrier };
      if (step === 'barrier') return { passed: ++asked >= passes, waitSeconds: 2 };
      if (step === 'gather') return { files: 0 };
      return { batches, partitions, stage, fold: partitions > 0, cold: false, concurrency: 1 };
    };
    const note = async (input: unknown) => void seen.push(input);
    const folders = new Map([
      ['runs/r/batches/', batches],
      ['runs/r/partitions/', partitions],
    ]);
    const around = {
      rooms: {
        Plan,
        Scan: note,
        Fold: note,
        Conclude: async () => ({}),
        Resend: async () => ({ done: true }),
      },
      list: async (prefix: string) =>
        Array.from({ length: folders.get(prefix)! }, (_, number) => `${prefix}${number}`),
      wait: async (seconds: number) => void seen.push(seconds),
    };
    const run = runMachine(definition, { requestId: 'r', attempt: 1 }, around as never);
    return run.then((execution) => ({ ...execution, seen }));
  }

  it('every state that is entered is one', async () => {
    // Begin, IsBarrierNeeded, Select, IsDryRun, WhichStage, IsFoldNeeded, Conclude, Done.
    expect(await machine({})).toMatchObject({ transitions: 8, calls: { Plan: 2, Conclude: 1 } });
  });

  it('every child of a distributed map is one, and what it enters', async () => {
    const { transitions, calls } = await machine({ batches: 3, partitions: 2 });
    // And Scan, Fold, Gather, IsAnyMissing; each child its start and its one state.
    expect(transitions).toBe(8 + 4 + 2 * 3 + 2 * 2);
    expect(calls).toMatchObject({ Scan: 3, Fold: 2 });
  });

  it('children are told the run, its attempt and their file', async () => {
    const { seen } = await machine({ batches: 1 });
    expect(seen).toEqual([{ requestId: 'r', attempt: 1, batch: 'runs/r/batches/0' }]);
  });

  it('waiting is entering a state too, each time', async () => {
    const { transitions, seen } = await machine({ barrier: true, passes: 3 });
    // Barrier and BarrierOr three times, BarrierWait twice.
    expect(transitions).toBe(8 + 3 * 2 + 2);
    expect(seen).toEqual([2, 2]);
  });

  it('a child that sends enters three states', async () => {
    expect(await machine({ stage: 'resend', batches: 1 })).toMatchObject({ transitions: 8 + 1 + (1 + 3) });
  });
});

describe('the pretended bucket', () => {
  it.each<[string | undefined, readonly [number, number]]>([
    [undefined, [0, 10]],
    ['bytes=2-4', [2, 5]],
    ['bytes=2-', [2, 10]],
    ['bytes=8-99', [8, 10]],
    ['bytes=-3', [7, 10]],
    ['bytes=-99', [0, 10]],
  ])('of ten bytes %s are %j', (range, expected) => {
    expect(rangeIn(10, range)).toEqual(expected);
  });

  it('serves the run files as S3 does', async () => {
    const bucket = new PretendBucket();
    const files = new S3RunFiles(bucket.client(), 'runs');
    await files.put('r', 'a/2', Buffer.from('0123456789'));
    expect(await files.putNew('r', 'a/2', Buffer.from('other'))).toBe(false);
    expect(await files.putNew('r', 'a/1', Buffer.from('new'))).toBe(true);
    expect(String(await files.getPart('r', 'a/2', -3, 3))).toBe('789');
    expect(await files.getPart('r', 'a/2', 10, 5)).toEqual(Buffer.alloc(0));
    expect(await files.get('r', 'a/3')).toBeUndefined();
    expect(await files.list('r', 'a/')).toEqual(['a/1', 'a/2']);
    const { puts, gets, lists, bytesPut } = bucket;
    expect({ puts, gets, lists, bytesPut }).toEqual({ puts: 3, gets: 3, lists: 1, bytesPut: 13 });
  });

  it('lists a thousand keys at a time', async () => {
    const bucket = new PretendBucket();
    for (let key = 0; key < 1001; key++)
      await bucket.send(new PutObjectCommand({ Bucket: 'b', Key: String(key).padStart(4, '0'), Body: '' }));
    const files = new S3RunFiles(bucket.client(), 'b');
    expect(await files.list('', '')).toEqual([]);
    const first = await bucket.send(new ListObjectsV2Command({ Bucket: 'b' }));
    const token = first.NextContinuationToken!;
    const second = await bucket.send(new ListObjectsV2Command({ Bucket: 'b', ContinuationToken: token }));
    expect([first.Contents?.length, second.Contents]).toEqual([1000, [{ Key: '1000' }]]);
  });

  it('a version that is asked for is the one that there is', async () => {
    const bucket = new PretendBucket();
    await bucket.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: Buffer.from('x') }));
    const { Body } = await bucket.send(
      new GetObjectCommand({ Bucket: 'b', Key: 'k', VersionId: 'version-1' }),
    );
    expect(Buffer.from(await Body!.transformToByteArray()).toString()).toBe('x');
  });
});

it('a bill is what was billed since, and its price the sum of its lines', () => {
  const bill = (transitions: number, puts: number): Bill => [
    { what: 'Step Functions transitions', priced: 'stepTransition', quantity: transitions },
    { what: 'S3 PUTs', priced: 's3Put', quantity: puts },
  ];
  expect(less(bill(30, 7), bill(10, 7))).toEqual(bill(20, 0));
  expect(totalOf(bill(1_000_000, 2_000_000))).toBeCloseTo(25 + 10, 9);
});

it('what an object costs by itself is told from large and small ones', () => {
  // Ten µs an event and three ms an object.
  const inObjectsOf = (events: number) => 10 + 3000 / events;
  expect(objectMillis(inObjectsOf(6000), 6000, inObjectsOf(500), 500)).toBeCloseTo(3, 9);
});
