import type { Context } from 'aws-lambda';
import { KinesisLog } from '../adapters/kinesis-log.ts';
import { KinesisShards } from '../adapters/kinesis-shards.ts';
import { kinesisClient } from '../platform/clients.ts';
import { readEnv } from '../platform/env.ts';
import { invocation } from '../platform/invocation.ts';
import { count } from '../platform/metrics.ts';
import { type Marks, putMarks } from '../platform/put-marks.ts';
import { reportRefusal } from '../platform/report-refusal.ts';
import { systemClock, systemRandom, systemSleep } from '../platform/system.ts';
import type { MarkEnv } from './env.ts';

const MARGIN_MS = 2_000;

const env = readEnv<MarkEnv>(['STREAM_NAME', 'BUILD']);
const client = kinesisClient();
const system = { clock: systemClock, random: systemRandom, sleep: systemSleep };
const ports = {
  ...system,
  shards: new KinesisShards(client, env.STREAM_NAME),
  log: new KinesisLog({
    client,
    streamName: env.STREAM_NAME,
    build: env.BUILD,
    ...system,
    report: reportRefusal,
  }),
};

/** Run each minute by a rule, and by whoever waits for the log to be drained: it answers with the mark that it put. */
export const handler = invocation(async (_event: unknown, context: Context): Promise<Marks> => {
  const marks = await putMarks(ports, Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS);
  count({ marks: marks.shards.length });
  return marks;
});
