import { createReadStream, type ReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Context, Use } from '../platform/context.ts';
import { CliError, couldNotRun, EXIT, wrongUsage } from '../platform/errors.ts';
import { whole } from '../platform/options.ts';
import { grouped, printable, seconds } from '../platform/output.ts';
import { type Progress, startProgress } from '../platform/progress.ts';
import { type NotAccepted, readEvents } from './read-events.ts';
import { type SendResult, sendEvents } from './send-events.ts';

interface SendOptions {
  readonly fromLine: number;
  readonly batch: number;
  readonly connections: number;
  readonly attempts: number;
}

/** Problems that are printed to people; programs get all of them, with --json. */
const SHOWN = 20;
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
        '\nunder the same id and is counted once.\n\nExample:\n  $ weir send usage.ndjson\n  $ tail -f usage.ndjson | weir send -',
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
  ).finally(() => close(progress, input.bytes));
  output.emit({ summary: { ...result, notAccepted: notes.count } });
  for (const line of summarise(result, notes, Date.now() - started)) output.say(line);
  return conclude(result, notes.count);
}

function close(progress: Progress, bytes: NodeJS.ReadableStream): void {
  progress.stop();
  (bytes as ReadStream).destroy();
}

interface Input {
  readonly bytes: ReadStream | Use['host']['stdin'];
  /** Bytes in all, 0 where that is not known. */
  readonly size: number;
  /** Bytes read so far. */
  readonly read: () => number;
}

function openInput(file: string, host: Use['host']): Input {
  if (file === '-') return { bytes: host.stdin, size: 0, read: () => 0 };
  const path = resolve(host.cwd, file);
  try {
    const stats = statSync(path);
    if (stats.isDirectory())
      throw wrongUsage(`${file} is a directory.`, 'Name an NDJSON file, or - for standard input.');
    const bytes = createReadStream(path, { highWaterMark: 64 * 1024 });
    return { bytes, size: stats.isFile() ? stats.size : 0, read: () => bytes.bytesRead };
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw couldNotRun(`${file} can't be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** What was not accepted: all counted, the first few kept for people. */
class Notes {
  count = 0;
  readonly shown: NotAccepted[] = [];
  readonly byCode = new Map<string, number>();
  readonly #emit: (problem: NotAccepted) => void;

  constructor(emit: (problem: NotAccepted) => void) {
    this.#emit = emit;
  }

  add(problem: NotAccepted): void {
    this.count += 1;
    this.#emit(problem);
    if (this.shown.length < SHOWN) this.shown.push(problem);
    const known = this.byCode.has(problem.code) || this.byCode.size < SHOWN;
    const code = known ? problem.code : 'others';
    this.byCode.set(code, (this.byCode.get(code) ?? 0) + 1);
  }
}

function* summarise(result: SendResult, notes: Notes, ms: number): Generator<string> {
  const { accepted, requests, retries } = result;
  const rate = ms > 0 ? `, ${grouped(Math.round((1000 * accepted) / ms))}/s` : '';
  yield `${grouped(accepted)} events accepted in ${seconds(ms)}${rate}: ${requests} requests, ${retries} of them retries`;
  if (notes.count === 0) return;
  const causes = [...notes.byCode].map(([code, count]) => `${printable(code)} ${grouped(count)}`).join(', ');
  yield `${grouped(notes.count)} not accepted (${causes}):`;
  const shown = notes.shown.toSorted((a, b) => a.line - b.line);
  for (const { line, id = '', status, code, pointer = '', detail } of shown) {
    const parts = [`  line ${line}`, id, status || 'not sent', code, pointer, detail];
    yield printable(parts.filter((part) => part !== '').join('  '));
  }
  if (notes.count > shown.length)
    yield `  … and ${grouped(notes.count - shown.length)} more: --json lists all`;
}

function conclude({ stopped, resumeLine }: SendResult, notAccepted: number): number {
  if (stopped === undefined) return notAccepted > 0 ? EXIT.differs : EXIT.done;
  const how = `What is before line ${resumeLine} has been dealt with; go on with --from-line ${resumeLine}.`;
  throw stopped === 'interrupted'
    ? new CliError(EXIT.interrupted, 'Interrupted.', how)
    : couldNotRun(`Sending ended early: ${printable(stopped)}.`, how);
}
