import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { IngestEnv } from '../../lambdas/ingest/env.ts';
import type { DurableTable } from './durable-table.ts';
import type { EventLog } from './event-log.ts';
import { type RoomProps, WeirFunction } from './weir-function.ts';

export interface IngestProps extends RoomProps {
  readonly log: EventLog;
  readonly control: DurableTable;
}

/** Takes events in over HTTP and writes them to the log. */
export class Ingest extends Construct {
  readonly handler: WeirFunction;

  constructor(scope: Construct, id: string, props: IngestProps) {
    super(scope, id);
    const { log, control } = props;
    this.handler = new WeirFunction(this, 'Handler', {
      ...props,
      room: 'ingest',
      description: 'POST /v1/events and GET /health: validates events and writes them to the log',
      // A body of 4 MiB is here as text, as JSON and as records at once; and the sender waits for the processor.
      memorySize: 512,
      // Ends before API Gateway's 29 seconds do, so that the sender gets our answer.
      timeout: Duration.seconds(25),
      environment: {
        STREAM_NAME: log.stream.streamName,
        CONTROL_TABLE: control.table.tableName,
        BUILD: props.assets.build('ingest'),
      } satisfies IngestEnv,
    });
    log.grantPublish(this.handler);
    control.grant(this.handler, ['dynamodb:GetItem'], ['KEY#*', 'PROBE', 'CONTROL']);
    control.grant(this.handler, ['dynamodb:UpdateItem'], ['FINGERPRINTS#*', 'ACTIVITY#*']);
  }
}
