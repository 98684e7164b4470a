import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { deployed } from './deployed.ts';

/** All that a room has logged since a moment, line by line. */
export async function linesOf(room: string, sinceMs: number): Promise<readonly string[]> {
  const client = new CloudWatchLogsClient({
    endpoint: deployed().endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const lines: string[] = [];
  const query = { logGroupName: `/aws/lambda/weir-${room}`, startTime: sinceMs };
  for await (const { events = [] } of paginateFilterLogEvents({ client }, query))
    lines.push(...events.map(({ message = '' }) => message));
  return lines;
}
