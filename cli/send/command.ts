import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Context, Use } from '../platform/context.ts';
import { CliError, couldNotRun, EXIT } from '../platform/errors.ts';
import { whole } from '../platform/options.ts';
import { grouped, printable } from '../platform/output.ts';
import { startProgress } from '../platform/progress.ts';
import { openInput } from './open-input.ts';
import { readEvents } from './read-events.ts';
import { type SendResult, sendEvents } from './send-events.ts';
import { Notes, summarise } from './summarise.ts';

interface SendOptions {
  readonly fromLine: number;
  readonly batch: number;
  readonly connections: number;
  readonly attempts: number;
}

const BATCH_BYTES = 1024 * 1024;
const LINGER_MS = 1_000;
const MAX_WAIT_MS = 300_000;

export function addSend(program: Command, context: Context): void {
  program
    .command('send')
    .description('send CloudEvents, one JSON object a line, from a file or from standard input (-)')
    .argument('<file>', 'NDJSON file, or - for standard input')
    .option('--from-line <n>', 'begin at this line: to go on where an earlier run ended', whole(1), 1)
    .option('--batch <n>', 'most events of one request, up to 1000', whole(1, 1000), 500)
    .option('--connections <n>', 'requests at once', whole(1, 50), 3)
    .option('--attempts <n>', 'tries of one event before it is given up', whole(1, 100), 8)
    .addHelpText(
      'after',
      '\nEvents are sent as they stand in the file, so numbers keep their text. An event without an answer is sent again' +
        '\nunder the same id and is counted once. What Weir sheds for now is sent again when it says, for as many tries.\n\nExample:\n  $ weir send usage.ndjson\n  $ tail -f usage.ndjson | weir send -',
    )
    .action((file: string, options: SendOptions) => context.run((use) => send(file, options, use)));
}

async function send(file: string, options: SendOptions, { host, output, target }: Use): Promise<number> {
  const destination = { apiUrl: await target().apiUrl(), apiKey: target().apiKey() };
  const input = openInput(file, host);
  const notes = new Notes((problem) => output.emit({ notAccepted: problem }));
  const progress = startProgress(host.stderr, 'sending', input.size);
  const started = Date.now();
  const result = await sendEvents(
    {
      destination,
      interrupted: host.interrupted,
      fromLine: options.fromLine,
      connections: options.connections,
      limits: { events: options.batch, bytes: BATCH_BYTES, lingerMs: LINGER_MS },
      policy: { attempts: options.attempts, maxWaitMs: MAX_WAIT_MS },
      random: { fraction: Math.random },
      sleep: (ms) => wait(ms, undefined, { signal: host.interrupted }).catch(() => {}),
      report: (problem) => notes.add(problem),
      progress: ({ judged }) =>
        input.size > 0 ? progress.update(input.read(), `${grouped(judged)} events`) : progress.update(judged),
    },
    readEvents(input.bytes, options.fromLine, (problem) => notes.add(problem)),
  ).finally(() => {
    progress.stop();
    input.bytes.destroy();
  });
  output.emit({ summary: { ...result, notAccepted: notes.count } });
  for (const line of summarise(result, notes, Date.now() - started)) output.say(line);
  return conclude(result, notes.count);
}

function conclude({ stopped, resumeLine }: SendResult, notAccepted: number): number {
  if (stopped === undefined) return notAccepted > 0 ? EXIT.differs : EXIT.done;
  const how = `What is before line ${resumeLine} has been dealt with; go on with --from-line ${resumeLine}.`;
  throw stopped === 'interrupted'
    ? new CliError(EXIT.interrupted, 'Interrupted.', how)
    : couldNotRun(`Sending ended early: ${printable(stopped)}.`, how);
}
