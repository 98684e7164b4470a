import type { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { EventLog } from './event-log.ts';
import type { RepairQueue } from './repair-queue.ts';
import type { WeirFunction } from './weir-function.ts';

export interface LogConsumerProps {
  readonly log: EventLog;
  readonly handler: WeirFunction;
  /** How long records are gathered for one batch. */
  readonly window: Duration;
  /** What is done with a batch that fails. @default - it is tried until it succeeds, and its shard waits */
  readonly giveUp?: {
    /** Times that a batch is tried again. */
    readonly after: number;
    /** Records older than this are not tried again. */
    readonly age: Duration;
    /** Gets a pointer to what was given up. */
    readonly to: RepairQueue;
  };
}

/** Delivers the log's records to a function, per shard in order. */
export class LogConsumer extends Construct {
  constructor(scope: Construct, id: string, { log, handler, window, giveUp }: LogConsumerProps) {
    super(scope, id);
    log.grantPoll(handler);
    giveUp?.to.grantSend(handler);
    new EventSourceMapping(this, 'Mapping', {
      target: handler.live,
      eventSourceArn: log.stream.streamArn,
      // One batch of a shard at a time, from its beginning: a mark that was passed then says that all before it was too.
      parallelizationFactor: 1,
      startingPosition: StartingPosition.TRIM_HORIZON,
      // As many as fit into the 6 MB of an invocation.
      batchSize: 10_000,
      maxBatchingWindow: window,
      retryAttempts: giveUp?.after ?? -1,
      // The CDK's own destination would grant more than sending; see `grantSend`.
      ...(giveUp && {
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        maxRecordAge: giveUp.age,
        onFailure: { bind: () => ({ destination: giveUp.to.queue.queueArn }) },
      }),
    });
  }
}
