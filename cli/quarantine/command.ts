import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Command } from 'commander';
import { adviceFor } from '../../lambdas/domain/quarantine-advice.ts';
import type { Cause } from '../../lambdas/domain/quarantine-reader.ts';
import type { Context, Use } from '../platform/context.ts';
import { EXIT, refused, wrongUsage } from '../platform/errors.ts';
import { grouped, printable } from '../platform/output.ts';
import { readCauses } from './read-quarantine.ts';

/** Enough of a fingerprint to know it by. */
const SHORT = 12;

export function addQuarantine(program: Command, context: Context): void {
  const quarantine = program.command('quarantine').description('what was sent and could not be counted');
  quarantine
    .command('list')
    .description('list causes: how many inputs each has kept out')
    .option('--tenant <tenant>', 'only this tenant; without it the whole control table is read')
    .option('--producer <producer>', 'only this producer')
    .option('--code <code>', 'only this code')
    .addHelpText('after', '\nExample:\n  $ weir quarantine list --tenant acme --code contract-violation')
    .action((options: ListOptions) => context.run((use) => listCauses(options, use)));
  quarantine
    .command('show')
    .description('show one cause: a sample of it, its counts, and what to do')
    .argument('<fingerprint>', 'as the list shows it; its beginning is enough')
    .option('--tenant <tenant>', 'the tenant; without it the whole control table is read')
    .addHelpText('after', '\nExample:\n  $ weir quarantine show 3f2a9c01bd44')
    .action((fingerprint: string, options: { tenant?: string }) =>
      context.run((use) => showCause(fingerprint, options.tenant, use)),
    );
}

interface ListOptions {
  readonly tenant?: string;
  readonly producer?: string;
  readonly code?: string;
}

async function tablesOf({ target }: Use) {
  const { controlTable, stateTable } = await target().outputs();
  return { client: new DynamoDBClient(target().aws), controlTable, stateTable };
}

async function listCauses({ tenant, producer, code }: ListOptions, use: Use): Promise<number> {
  const { output } = use;
  const causes: Cause[] = [];
  for await (const cause of readCauses(await tablesOf(use), tenant)) {
    if (producer !== undefined && cause.producer !== producer) continue;
    if (code !== undefined && cause.code !== code) continue;
    causes.push(cause);
  }
  causes.sort((a, b) => b.count - a.count || (a.last < b.last ? 1 : -1));
  for (const { days: _, input: __, ...cause } of causes) output.emit(cause);
  if (causes.length === 0) output.say('Nothing is in quarantine.');
  else {
    output.table(
      ['fingerprint', 'tenant', 'producer', 'code', 'type', 'pointer', 'first', 'last', 'count', 'redriven'],
      causes.map(rowOf),
      8,
    );
    output.say('weir quarantine show <fingerprint> shows a sample, and what to do.');
  }
  return EXIT.done;
}

function rowOf(cause: Cause) {
  const {
    fingerprint,
    tenant,
    producer,
    code,
    type = '',
    pointer = '',
    first,
    last,
    count,
    redriven,
  } = cause;
  const times = [first, last].map((time) => time.slice(0, 16).replace('T', ' '));
  return [
    fingerprint.slice(0, SHORT),
    tenant,
    producer,
    code,
    type,
    pointer,
    ...times,
    grouped(count),
    redriven ? grouped(redriven.events) : '',
  ];
}

async function showCause(prefix: string, tenant: string | undefined, use: Use): Promise<number> {
  const { output } = use;
  if (!/^[0-9a-f]{4,32}$/.test(prefix)) {
    throw wrongUsage(
      `"${prefix}" is no fingerprint: 4 to 32 hex digits.`,
      'weir quarantine list shows those that there are.',
    );
  }
  const found: Cause[] = [];
  for await (const cause of readCauses(await tablesOf(use), tenant, prefix)) found.push(cause);
  const [cause, second] = found;
  if (!cause)
    throw refused(
      `Nothing in quarantine has the fingerprint ${prefix}.`,
      'weir quarantine list shows what there is.',
    );
  if (second)
    throw refused(`${found.length} fingerprints begin with ${prefix}.`, 'Give more of it, or --tenant.');
  output.emit({ ...cause, advice: adviceFor(cause.code) });
  for (const line of describe(cause)) output.say(line);
  return EXIT.done;
}

function* describe(cause: Cause): Generator<string> {
  const { fingerprint, code, detail, tenant, producer, type, schema, pointer, origin, first, last } = cause;
  const { redriven } = cause;
  yield `${code}: ${printable(detail)}`;
  yield '';
  const facts = {
    fingerprint,
    tenant,
    producer,
    type: type && `${type}${schema === undefined ? '' : `, schema version ${schema}`}`,
    pointer,
    'first received': first,
    'last received': last,
    'sample is from': origin,
    inputs: grouped(cause.count),
    redriven: redriven && `${grouped(redriven.events)} by ${redriven.requestId} at ${redriven.at}`,
  };
  for (const [name, value] of Object.entries(facts))
    if (value) yield `  ${name.padEnd(16)}${printable(value)}`;
  for (const { day, count } of cause.days) yield `  ${''.padEnd(16)}${day}  ${grouped(count)}`;
  yield '';
  yield 'Sample, as sent:';
  for (const line of pretty(cause.input)) yield `  ${printable(line)}`;
  yield '';
  yield `What to do: ${adviceFor(code)}`;
  yield `To send again what is held, corrected or not: weir redrive --fingerprint ${fingerprint.slice(0, SHORT)} --dry-run --reason "…"`;
}

/** Samples are cut at a bound, and then no JSON any more. */
function pretty(input: string): string[] {
  try {
    return JSON.stringify(JSON.parse(input), null, 2).split('\n');
  } catch {
    return [input];
  }
}
