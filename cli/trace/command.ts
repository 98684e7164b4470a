import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Command, InvalidArgumentError } from 'commander';
import { awsTrace } from '../../lambdas/adapters/aws-trace.ts';
import type { Contracts } from '../../lambdas/domain/contract.ts';
import type { TracePorts } from '../../lambdas/domain/trace/ports.ts';
import { readTime, TIMES } from '../../lambdas/domain/trace/read-time.ts';
import type { TraceQuestion } from '../../lambdas/domain/trace/trace.ts';
import { traceEvent } from '../../lambdas/domain/trace/trace-event.ts';
import type { Context, Use } from '../platform/context.ts';
import { couldNotRun, EXIT, wrongUsage } from '../platform/errors.ts';
import { whole } from '../platform/options.ts';
import { startProgress } from '../platform/progress.ts';
import { isCounted, sayTrace } from './say-trace.ts';

interface TraceOptions {
  readonly tenant?: string;
  readonly source?: string;
  readonly receipt?: string;
  readonly from: number;
  readonly to?: number;
  readonly maxObjects: number;
}

const DAY_MS = 86_400_000;
/** Clocks that the log's times are by may be ahead of this one. */
const AHEAD_MS = 600_000;
const MOST_OBJECTS = 20_000;
/** Some hours of reading. */
const MOST_BYTES = 64 * 1024 ** 3;

export function addTrace(program: Command, context: Context): void {
  program
    .command('trace')
    .description('show the way of an event: receipt, log, archive object and bucket, or where it stopped')
    .argument('<event id>', 'the id that its sender gave it; of a webhook, the delivery id')
    .option('--tenant <tenant>', 'whose event; without it all tenants are looked through')
    .option('--source <source>', 'only events of this source')
    .option('--receipt <receipt>', 'only what came with this request')
    .option('--from <time>', `arrivals from here on (default: a day ago): ${TIMES}`, time)
    .option('--to <time>', 'arrivals before this', time)
    .option('--max-objects <n>', 'archive objects that are read at most, the latest', whole(1), MOST_OBJECTS)
    .addHelpText(
      'after',
      '\nExits with 0 where it is counted, with 1 where it is not or was not found.' +
        '\n\nExample:\n  $ weir trace 6f1c9a52 --tenant acme --from 7d',
    )
    .action((id: string, options: Partial<TraceOptions>) =>
      context.run((use) => trace(id, options, use, connectTrace)),
    );
}

function time(text: string): number {
  const ms = readTime(text, Date.now());
  if (ms === undefined) throw new InvalidArgumentError(`It must be ${TIMES}.`);
  return ms;
}

/** Finds what a trace looks at. */
export type ConnectTrace = (use: Use) => Promise<TracePorts>;

/** @returns the exit code */
export async function trace(
  id: string,
  options: Partial<TraceOptions>,
  use: Use,
  connect: ConnectTrace,
): Promise<number> {
  const { host, output } = use;
  const question = questionOf(id, options, Date.now(), host.interrupted);
  const ports = await connect(use);
  const progress = startProgress(host.stderr, 'Reading archive objects', 0);
  const found = await traceEvent(question, {
    ...ports,
    report: (read, of) => progress.update(read, `of ${of}`),
  }).finally(() => progress.stop());
  output.emit(found);
  sayTrace(found, output);
  if (host.interrupted.aborted) return EXIT.interrupted;
  return isCounted(found) ? EXIT.done : EXIT.differs;
}

function questionOf(
  id: string,
  { tenant, source, receipt, from, to, maxObjects = MOST_OBJECTS }: Partial<TraceOptions>,
  nowMs: number,
  interrupted: AbortSignal,
): TraceQuestion {
  const fromMs = from ?? (to ?? nowMs) - DAY_MS;
  const toMs = to ?? nowMs + AHEAD_MS;
  if (fromMs >= toMs) throw wrongUsage('--from must be before --to.');
  return {
    ...{ id, fromMs, toMs },
    ...(tenant !== undefined && { tenant }),
    ...(source !== undefined && { source }),
    ...(receipt !== undefined && { receipt }),
    limits: { objects: maxObjects, bytes: MOST_BYTES, isOver: () => interrupted.aborted },
  };
}

async function connectTrace({ target }: Use): Promise<TracePorts> {
  const { aws } = target();
  const { stateTable, controlTable, archiveBucket, stream, repairQueueUrl, repairDeadQueueUrl } =
    await target().outputs();
  return awsTrace({
    dynamo: new DynamoDBClient(aws),
    // An endpoint of one's own has no names for buckets.
    s3: new S3Client({ ...aws, forcePathStyle: aws.endpoint !== undefined }),
    // HTTP/1.1, as this client's HTTP/2 costs more to open.
    kinesis: new KinesisClient({ ...aws, requestHandler: new NodeHttpHandler() }),
    sqs: new SQSClient(aws),
    ...{ stateTable, controlTable, archiveBucket, stream },
    repairQueueUrls: [repairQueueUrl, repairDeadQueueUrl],
    contracts: await builtContracts(),
    clock: { now: Date.now },
    sleep: (ms) => wait(ms),
  });
}

/** The contracts as they were built last: by them it is known in which bucket an event is. */
async function builtContracts(): Promise<Contracts> {
  try {
    return (await import('../../build/contracts/counting.mjs')).contracts;
  } catch (error) {
    throw couldNotRun('The contracts are not built.', 'Run npm run build, then the same again.', error);
  }
}
