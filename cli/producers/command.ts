import { type Command, Option } from 'commander';
import type { Scope } from '../../lambdas/domain/credential.ts';
import type { Context, Use } from '../platform/context.ts';
import { EXIT, wrongUsage } from '../platform/errors.ts';
import { duration, list, oneOf } from '../platform/options.ts';
import type { LastSeen } from './last-seen.ts';
import { addProducer, type Issued, revokeKeys, rotateKey } from './manage-producers.ts';
import { producerPorts } from './ports.ts';
import { isLive, type Producer, type ProducerKey } from './producer.ts';

const SCOPES = ['events:write', 'usage:read'] as const satisfies readonly Scope[];
const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;
/** How long ingest believes what it has read of a key: lambdas/platform/cached-credentials.ts. */
const CACHE_NOTE = 'Functions that know a key already take it for up to a minute more.';

interface Names {
  readonly tenant: string;
  readonly producer: string;
}

export function addProducers(program: Command, context: Context): void {
  const producers = program.command('producers').description('who may send events and read usage');
  const named = (name: string, description: string) =>
    producers
      .command(name)
      .description(description)
      .requiredOption('--tenant <tenant>', 'the tenant')
      .requiredOption('--producer <producer>', 'the producer');
  named('add', 'make a producer; prints its key, once')
    .option('--types <types>', 'event types it may send: exact, prefix.* or *, comma-separated', list, [])
    .option('--scopes <scopes>', SCOPES.join(', '), scopes, ['events:write'])
    .option('--tier <tier>', 'limits of its requests, as in lib/config/settings.ts', 'standard')
    .option('--expires <duration>', 'end of the key, such as 90d', duration)
    .addHelpText(
      'after',
      '\nExample:\n  $ weir producers add --tenant acme --producer meters --types "network.*,disk.write"',
    )
    .action((options: AddOptions) => context.run((use) => add(options, use)));
  named('rotate', 'give a producer a second key; prints it, once')
    .addOption(
      new Option('--overlap <duration>', 'how long the old key goes on')
        .argParser(duration)
        .default(7 * DAY_MS, '7d'),
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ weir producers rotate --tenant acme --producer meters --overlap 2d',
    )
    .action((options: Names & { overlap: number }) => context.run((use) => rotate(options, use)));
  named('revoke', 'end a key, or all keys of a producer')
    .option('--key <id>', 'the key, as weir producers list shows it')
    .option('--all', 'all of its keys')
    .addHelpText(
      'after',
      '\nExample:\n  $ weir producers revoke --tenant acme --producer meters --key 0f3a9c…',
    )
    .action((options: RevokeOptions) => context.run((use) => revoke(options, use)));
  producers
    .command('list')
    .description('list producers and their keys')
    .option('--tenant <tenant>', 'only this tenant; without it the whole control table is read')
    .addHelpText('after', '\nExample:\n  $ weir producers list --tenant acme')
    .action((options: { tenant?: string }) => context.run((use) => listAll(options.tenant, use)));
}

function scopes(text: string): readonly Scope[] {
  return list(text).map(oneOf(...SCOPES));
}

type AddOptions = Names & {
  readonly types: readonly string[];
  readonly scopes: readonly Scope[];
  readonly tier: string;
  readonly expires?: number;
};

async function portsOf({ target, output }: Use) {
  const found = target();
  output.note(output.colors.dim(`on ${found.label}`));
  return producerPorts(found.aws, await found.outputs());
}

async function add({ expires, ...wanted }: AddOptions, use: Use): Promise<number> {
  const issued = await addProducer(await portsOf(use), {
    ...wanted,
    ...(expires !== undefined && { expiresAfterMs: expires }),
  });
  show(issued, wanted, use);
  return EXIT.done;
}

async function rotate({ overlap, ...names }: Names & { overlap: number }, use: Use): Promise<number> {
  const issued = await rotateKey(await portsOf(use), names, overlap);
  show(issued, names, use);
  for (const { keyId, expires } of issued.ending) use.output.say(`The old key ${keyId} ends at ${expires}.`);
  return EXIT.done;
}

function show({ key, keyId, expires }: Issued, { tenant, producer }: Names, { output }: Use): void {
  output.emit({ tenant, producer, key, keyId, ...(expires !== undefined && { expires }) });
  output.say(`Key ${keyId} of ${producer} (tenant ${tenant})${expires ? `, until ${expires}` : ''}:`);
  output.say();
  output.say(`  ${output.colors.bold(key)}`);
  output.say();
  output.say('This is the only time that it is shown. Senders put it into the header x-api-key.');
}

type RevokeOptions = Names & { readonly key?: string; readonly all?: boolean };

async function revoke({ key, all, ...names }: RevokeOptions, use: Use): Promise<number> {
  if ((key === undefined) === !all) throw wrongUsage('Say which: --key <id> or --all.');
  const revoked = await revokeKeys(await portsOf(use), names, key === undefined ? 'all' : { keyId: key });
  for (const { keyId } of revoked) {
    use.output.emit({ ...names, keyId, status: 'revoked' });
    use.output.say(`Key ${keyId} of ${names.producer} is revoked.`);
  }
  use.output.say(CACHE_NOTE);
  return EXIT.done;
}

async function listAll(tenant: string | undefined, use: Use): Promise<number> {
  const { target, output } = use;
  const { store, lastSeen } = producerPorts(target().aws, await target().outputs());
  const found: Producer[] = [];
  for await (const producer of store.list(tenant)) found.push(producer);
  found.sort((a, b) => compare(a.tenant, b.tenant) || compare(a.producer, b.producer));
  const now = Date.now();
  const seen = await lastSeen();
  for (const producer of found) {
    output.emit({
      ...producer,
      ...seen(producer),
      keys: producer.keys.map(({ hash: _, ...key }) => ({ ...key, state: stateOf(key, now) })),
    });
  }
  if (found.length === 0) output.say('There is no producer yet: weir producers add makes one.');
  else
    output.table(
      ['tenant', 'producer', 'tier', 'types', 'scopes', 'last seen', 'key', 'made', 'state'],
      found.flatMap((one) => rowsOf(one, seen(one), now, use)),
    );
  return EXIT.done;
}

function rowsOf(producer: Producer, seen: LastSeen | undefined, now: number, { output }: Use) {
  const { tenant, tier, types, scopes: granted } = producer;
  const last = seen?.lastSeen.replace('T', ' ') ?? '–';
  const lastSeen = seen?.silent ? { text: `${last}, silent`, paint: output.colors.red } : last;
  const about = [tenant, producer.producer, tier, types.join(' '), granted.join(' '), lastSeen];
  const live = producer.keys.filter((key) => isLive(key, now));
  // Ended keys are history: shown only where there is nothing else to show.
  const shown = live.length > 0 ? live : producer.keys.slice(-1);
  return shown.map((key) => {
    const state = stateOf(key, now);
    const paint =
      state === 'live' ? output.colors.green : isLive(key, now) ? output.colors.yellow : output.colors.red;
    return [...about, key.keyId, key.created.slice(0, 10), { text: state, paint }];
  });
}

function stateOf({ status, expires }: Omit<ProducerKey, 'hash'>, now: number): string {
  if (status === 'revoked') return 'revoked';
  if (expires === undefined) return 'live';
  const left = Date.parse(expires) - now;
  if (left <= 0) return `ended ${expires.slice(0, 10)}`;
  if (left > SOON_MS) return `live until ${expires.slice(0, 10)}`;
  return left < DAY_MS
    ? `ends in ${Math.ceil(left / 3_600_000)} h`
    : `ends in ${Math.floor(left / DAY_MS)} days`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
