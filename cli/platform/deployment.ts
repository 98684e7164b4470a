import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { type LambdaClient, paginateListEventSourceMappings } from '@aws-sdk/client-lambda';
import type { Deployment } from '../../lib/observability/slos.ts';
import type { StackOutputs } from './stack-outputs.ts';

/** The deployment's name: all that is in it is called after it. */
export const deploymentName = ({ stateTable }: Pick<StackOutputs, 'stateTable'>): string =>
  stateTable.replace(/-state$/, '');

export interface LogFacts extends Deployment {
  readonly openShards: number;
  readonly onDemand: boolean;
}

/** How the log and the projector are set, by what is deployed and not by what the settings say. */
export async function readLogFacts(
  { kinesis, lambda }: { readonly kinesis: KinesisClient; readonly lambda: LambdaClient },
  { stream, projectFunction }: Pick<StackOutputs, 'stream' | 'projectFunction'>,
): Promise<LogFacts> {
  const { StreamDescriptionSummary: log } = await kinesis.send(
    new DescribeStreamSummaryCommand({ StreamName: stream }),
  );
  let gatherSeconds = 0;
  const pages = paginateListEventSourceMappings({ client: lambda }, { EventSourceArn: log?.StreamARN });
  for await (const { EventSourceMappings = [] } of pages)
    for (const { FunctionArn, MaximumBatchingWindowInSeconds = 0 } of EventSourceMappings)
      if (FunctionArn?.split(':')[6] === projectFunction) gatherSeconds = MaximumBatchingWindowInSeconds;
  return {
    retentionHours: log?.RetentionPeriodHours ?? 0,
    gatherSeconds,
    openShards: log?.OpenShardCount ?? 0,
    onDemand: log?.StreamModeDetails?.StreamMode === 'ON_DEMAND',
  };
}
