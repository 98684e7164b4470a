import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { type Collected, linesFile, type Span } from './part.ts';

/** Lines of one room. */
const MOST = 500;
const MAX_PAGES = 20;
const WORTH = new Set(['WARN', 'ERROR', 'FATAL', 'CRITICAL']);
/** Longer texts are cut: what explains an error stands at its beginning. */
const MAX_TEXT = 500;
const PATTERN = '?WARN ?ERROR ?FATAL ?CRITICAL';

/**
 * Warnings and errors of all rooms. Our own lines hold no payloads. Of a line that the platform has written (an error that nobody
 * caught) the message is left out, and so is every line that is no JSON: nobody has made sure what is in them.
 */
export async function collectLogs(
  client: Pick<CloudWatchLogsClient, 'send'>,
  logGroups: readonly string[],
  span: Span,
): Promise<Collected> {
  const files = [];
  let lines = 0;
  for (const group of logGroups) {
    const found = await errorsOf(client, group, span);
    if (found.length === 0) continue;
    lines += found.length;
    files.push(linesFile(`logs/${group.split('/').at(-1)}.ndjson`, found));
  }
  return { files, summary: `${lines} lines of ${files.length} of ${logGroups.length} functions` };
}

async function errorsOf(
  client: Pick<CloudWatchLogsClient, 'send'>,
  logGroupName: string,
  { from, to }: Span,
): Promise<readonly object[]> {
  const found: object[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES && found.length < MOST; page++) {
    const answer = await client.send(
      new FilterLogEventsCommand({
        ...{ logGroupName, startTime: from, endTime: to, filterPattern: PATTERN, nextToken },
      }),
    );
    for (const { timestamp = 0, message = '' } of answer.events ?? []) {
      const line = readLine(message);
      if (line && found.length < MOST) found.push({ at: new Date(timestamp).toISOString(), ...line });
    }
    nextToken = answer.nextToken;
    if (!nextToken) break;
  }
  return found;
}

/** What is shown of a line; undefined where it is neither a warning nor an error. */
export function readLine(text: string): object | undefined {
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(text);
  } catch {
    return { left: `a line of ${text.length} characters that is no JSON` };
  }
  if (typeof line !== 'object' || line === null) return undefined;
  if (!WORTH.has(String(line.level))) return undefined;
  if (typeof line.message !== 'object' || line.message === null) return shortened(line);
  const { errorType, stackTrace } = line.message as Record<string, unknown>;
  return shortened({ level: line.level, requestId: line.requestId, error: { errorType, stackTrace } });
}

function shortened(line: object): object {
  return JSON.parse(
    JSON.stringify(line, (_, value: unknown) =>
      typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value,
    ),
  );
}
