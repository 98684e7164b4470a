import { S3Client } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import type { Context, Use } from '../platform/context.ts';
import { EXIT, wrongUsage } from '../platform/errors.ts';
import { whole } from '../platform/options.ts';
import { printable } from '../platform/output.ts';
import type { Target } from '../platform/target.ts';
import { nameOperator } from '../recovery/name-operator.ts';
import { type Asked, examine } from './examine.ts';
import type { Finding } from './finding.ts';
import { auditOverride } from './override.ts';

const AFTER = `
Exits with 1 where something is wrong; --release then says that now is no time to release.

Example:
  $ weir doctor
  $ weir doctor --release && npx cdk deploy --all
  $ weir doctor --release --override "mends what has burnt the budget, INC-7"
  $ weir doctor --production`;

export function addDoctor(program: Command, context: Context): void {
  program
    .command('doctor')
    .description('check a deployment, and say what to do where something is wrong')
    .option('--tenant <tenant>', "only this tenant's quarantine")
    .option('--release', 'is this a time to release? Error budgets, alarms, runs, dead letters, the probe')
    .option('--least <percent>', 'with --release: what must be left of each error budget', whole(0, 100), 10)
    .option('--override <reason>', 'with --release: release all the same; the audit keeps who and why')
    .option('--production', 'is it ready for production? Protection, addresses, room, proofs, drills')
    .option('--preproduction', 'also whether it is watched: alarms and dashboards')
    .addHelpText('after', AFTER)
    .action((asked: Asked) => context.run((use) => doctor(asked, use)));
}

async function doctor(asked: Asked, use: Use): Promise<number> {
  const { output, target, host } = use;
  if (asked.override !== undefined && !asked.release)
    throw wrongUsage('--override goes with --release: nothing else can be overridden.');
  if (asked.override?.trim() === '') throw wrongUsage('--override wants a reason: the audit keeps it.');
  const found = target();
  output.say(`Checking ${found.label}`);
  const wrong: Finding[] = [];
  for await (const finding of examine(found, asked)) {
    if (host.interrupted.aborted) return EXIT.interrupted;
    if (finding.state === 'bad') wrong.push(finding);
    sayFinding(finding, use);
  }
  if (wrong.length === 0) {
    output.say(asked.release ? 'All is well: release.' : 'All is well.');
    return EXIT.done;
  }
  output.say(`${wrong.length} ${wrong.length === 1 ? 'thing is' : 'things are'} wrong.`);
  if (asked.override === undefined) return EXIT.differs;
  return override(asked.override, wrong, found, use);
}

function sayFinding(finding: Finding, { output }: Use): void {
  output.emit(finding);
  const { green, yellow, red } = output.colors;
  const sign = { good: green('✓'), note: yellow('!'), bad: red('✗') }[finding.state];
  output.say(`${sign} ${finding.check.padEnd(12)}${printable(finding.detail)}`);
  if (finding.next) output.say(`  ${''.padEnd(12)}${printable(finding.next)}`);
}

async function override(
  reason: string,
  findings: readonly Finding[],
  { aws, outputs }: Target,
  { output }: Use,
): Promise<number> {
  const { auditBucket } = await outputs();
  const s3 = new S3Client({ ...aws, forcePathStyle: aws.endpoint !== undefined });
  const operator = await nameOperator(aws);
  const at = new Date().toISOString();
  const entry = await auditOverride(s3, auditBucket, { at, operator, reason, findings });
  output.emit({ overridden: { at, operator, reason, entry } });
  output.say(`Overridden by ${printable(operator)}: ${printable(reason)}`);
  output.say(`It stands in the audit: s3://${auditBucket}/${entry}`);
  return EXIT.done;
}
