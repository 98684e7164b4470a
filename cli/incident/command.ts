import type { Command } from 'commander';
import type { Context, Use } from '../platform/context.ts';
import { EXIT, wrongUsage } from '../platform/errors.ts';
import { duration } from '../platform/options.ts';
import { printable } from '../platform/output.ts';
import { collectIncident } from './collect-incident.ts';
import { connectIncident } from './connect.ts';
import { time } from './part.ts';
import type { IncidentPorts } from './ports.ts';
import { checkPlace, writeBundle } from './write-bundle.ts';

interface Options {
  readonly since: number;
  readonly out?: string;
}

const MINUTE_MS = 60_000;
/** As long as CloudWatch keeps the history of alarms. */
const LONGEST_MS = 30 * 24 * 60 * MINUTE_MS;

const AFTER = `
One folder (or file) with: timeline, alarms, deploys, versions, control, runs, metrics with a picture, error budgets,
quarantine, warnings and errors of all functions, and a postmortem to be filled in. No events and no payloads are in it.
Exits with 1 where a part could not be collected: README.md in it says which, and why.

Examples:
  $ weir incident
  $ weir incident --since 6h --out inc-7.tar.gz`;

export function addIncident(program: Command, context: Context): void {
  program
    .command('incident')
    .description('collect the evidence of an incident into one folder, and begin its postmortem')
    .option('--since <duration>', 'how far back: 30m, 12h, 7d', duration, 120 * MINUTE_MS)
    .option('--out <folder or file.tar.gz>', 'where to; a new folder here, where it is not said')
    .addHelpText('after', AFTER)
    .action((options: Options) =>
      context.run(async (use) => {
        const { since } = options;
        if (since < MINUTE_MS || since > LONGEST_MS)
          throw wrongUsage('--since must be between 1m and 30d: CloudWatch keeps no more of alarms.');
        return incident(options, await connectIncident(use.target()), use);
      }),
    );
}

export async function incident(options: Options, ports: IncidentPorts, use: Use): Promise<number> {
  const { output, host } = use;
  const { now, name } = ports;
  const span = { from: now - options.since, to: now };
  const out = options.out ?? `incident-${name}-${time(now).slice(0, 19).replace(/[-:]/g, '')}Z`;
  checkPlace(host.cwd, out);
  const { parts, files } = await collectIncident(ports, span, use);
  writeBundle(host.cwd, out, files, now);
  const missing = parts.filter((part) => part.missing !== undefined);
  output.emit({
    out,
    from: time(span.from),
    to: time(span.to),
    files: files.map(({ path, text }) => ({ path, bytes: Buffer.byteLength(text) })),
    parts: parts.map(({ name: part, summary, missing: why }) => ({
      part,
      summary,
      ...(why && { missing: why }),
    })),
  });
  const { green, red } = output.colors;
  for (const part of parts) {
    const sign = part.missing === undefined ? green('✓') : red('✗');
    output.say(`${sign} ${part.name.padEnd(15)}${printable(part.missing ?? part.summary)}`);
  }
  output.say(`${files.length} files in ${out}. Begin with timeline.md; postmortem.md is to be filled in.`);
  if (host.interrupted.aborted) return EXIT.interrupted;
  return missing.length === 0 ? EXIT.done : EXIT.differs;
}
