import { type Command, Option } from 'commander';
import { presets } from '../../lambdas/domain/webhooks/presets.ts';
import type { Context, Use } from '../platform/context.ts';
import { EXIT } from '../platform/errors.ts';
import { duration } from '../platform/options.ts';
import { printable } from '../platform/output.ts';
import { parseJson, readFile, readInput } from '../platform/read-input.ts';
import { addWebhook, type Names, rotateSecret, switchWebhook } from './manage-webhooks.ts';
import { webhookPorts } from './ports.ts';
import { builtContracts, tryMapping } from './try-mapping.ts';
import type { Webhook } from './webhook.ts';

const DAY_MS = 86_400_000;
const CACHE_NOTE = 'Functions that know the endpoint already notice within a minute.';
const SECRET_FILE = 'file with the secret that the provider shows, or - for standard input';

export function addWebhooks(program: Command, context: Context): void {
  const webhooks = program.command('webhooks').description('endpoints that providers send webhooks to');
  const named = (name: string, description: string) =>
    webhooks
      .command(name)
      .description(description)
      .requiredOption('--tenant <tenant>', 'the tenant')
      .requiredOption('--webhook <name>', 'what the tenant calls it');
  named('add', 'make an endpoint; prints its address, and a secret that is made up, once')
    .requiredOption('--provider <provider>', `one of ${[...presets.keys()].join(', ')}, or any other name`)
    .option('--scheme <file>', 'JSON of how deliveries are signed, in place of what is known of the provider')
    .option('--mapping <file>', 'JSON of how they become events, in place of what is known of the provider')
    .option('--secret-file <file>', SECRET_FILE)
    .addHelpText(
      'after',
      '\nExample:\n  $ weir webhooks add --tenant acme --webhook code --provider github' +
        '\n  $ weir webhooks add --tenant acme --webhook payments --provider stripe',
    )
    .action((options: AddOptions) => context.run((use) => add(options, use)));
  named('rotate', 'give an endpoint a new secret beside the one that it has')
    .addOption(
      new Option('--overlap <duration>', 'how long the old secret goes on')
        .argParser(duration)
        .default(DAY_MS, '1d'),
    )
    .option('--secret-file <file>', SECRET_FILE)
    .addHelpText(
      'after',
      '\nExample:\n  $ weir webhooks rotate --tenant acme --webhook payments --secret-file -',
    )
    .action((options: RotateOptions) => context.run((use) => rotate(options, use)));
  for (const [name, status] of [
    ['disable', 'disabled'],
    ['enable', 'active'],
  ] as const) {
    named(name, status === 'active' ? 'take deliveries again' : 'refuse all deliveries from now on')
      .addHelpText('after', `\nExample:\n  $ weir webhooks ${name} --tenant acme --webhook code`)
      .action((options: NameOptions) => context.run((use) => toggle(options, status, use)));
  }
  addList(webhooks, context);
  addTest(webhooks, context);
}

function addList(webhooks: Command, context: Context): void {
  webhooks
    .command('list')
    .description('list endpoints')
    .option('--tenant <tenant>', 'only this tenant; without it the whole control table is read')
    .addHelpText('after', '\nExample:\n  $ weir webhooks list --tenant acme')
    .action((options: { tenant?: string }) => context.run((use) => listAll(options.tenant, use)));
}

function addTest(webhooks: Command, context: Context): void {
  const collect = (header: string, headers: readonly string[]) => [...headers, header];
  webhooks
    .command('test')
    .description("try an endpoint's mapping on a body; nothing is sent, nothing is written")
    .argument('<endpoint>', 'the endpoint (we_…) or its address')
    .argument('<file>', 'a body as the provider sends it, or - for standard input')
    .option('--header <header>', 'a header, such as "x-github-event: push"; may be repeated', collect, [])
    .option('--delivery-id <id>', 'where the provider sends the id in a header')
    .addHelpText(
      'after',
      '\nExample:\n  $ weir webhooks test we_… push.json --header "x-github-event: push" --delivery-id 1',
    )
    .action((endpoint: string, file: string, options: TestOptions) =>
      context.run((use) => test(endpoint, file, options, use)),
    );
}

interface NameOptions {
  readonly tenant: string;
  readonly webhook: string;
}
type AddOptions = NameOptions & {
  readonly provider: string;
  readonly scheme?: string;
  readonly mapping?: string;
  readonly secretFile?: string;
};
type RotateOptions = NameOptions & { readonly overlap: number; readonly secretFile?: string };
interface TestOptions {
  readonly header: readonly string[];
  readonly deliveryId?: string;
}

const namesOf = ({ tenant, webhook }: NameOptions): Names => ({ tenant, name: webhook });

async function portsOf({ target, output }: Use) {
  const found = target();
  output.note(output.colors.dim(`on ${found.label}`));
  return webhookPorts(found.aws, await found.outputs());
}

async function add(options: AddOptions, use: Use): Promise<number> {
  const { scheme, mapping, provider } = options;
  const wanted = {
    ...namesOf(options),
    provider,
    ...(scheme !== undefined && { scheme: parseJson(readFile(scheme, use.host), scheme) }),
    ...(mapping !== undefined && { mapping: parseJson(readFile(mapping, use.host), mapping) }),
    ...(await secretOf(options.secretFile, use)),
  };
  const added = await addWebhook(await portsOf(use), wanted);
  const { output } = use;
  output.emit({ tenant: options.tenant, webhook: options.webhook, provider, ...added });
  output.say(`Webhook ${options.webhook} (tenant ${options.tenant}). Give the provider this address:`);
  output.say();
  output.say(`  ${output.colors.bold(added.url)}`);
  output.say();
  if (added.secret !== undefined) showSecret(added.secret, use);
  else if (!added.ready)
    output.say(
      `It refuses everything until it has the secret that ${provider} shows: weir webhooks rotate … --secret-file -`,
    );
  return EXIT.done;
}

async function rotate(options: RotateOptions, use: Use): Promise<number> {
  const { secret: given } = await secretOf(options.secretFile, use);
  const rotated = await rotateSecret(await portsOf(use), namesOf(options), options.overlap, given);
  const { output } = use;
  output.emit({ tenant: options.tenant, webhook: options.webhook, ...rotated });
  if (rotated.secret !== undefined) showSecret(rotated.secret, use);
  else output.say(`Webhook ${options.webhook} takes the new secret from now on.`);
  for (const end of rotated.ending) output.say(`The old one ends at ${end}.`);
  return EXIT.done;
}

function showSecret(secret: string, { output }: Use): void {
  output.say('and this secret:');
  output.say();
  output.say(`  ${output.colors.bold(secret)}`);
  output.say();
  output.say('This is the only time that it is shown.');
}

async function toggle(options: NameOptions, status: Webhook['status'], use: Use): Promise<number> {
  await switchWebhook(await portsOf(use), namesOf(options), status);
  use.output.emit({ tenant: options.tenant, webhook: options.webhook, status });
  use.output.say(`Webhook ${options.webhook} is ${status}. ${CACHE_NOTE}`);
  return EXIT.done;
}

async function listAll(tenant: string | undefined, use: Use): Promise<number> {
  const { output } = use;
  const { store, apiUrl } = await portsOf(use);
  const found: Webhook[] = [];
  for await (const webhook of store.list(tenant)) found.push(webhook);
  found.sort((a, b) => compare(a.tenant, b.tenant) || compare(a.name, b.name));
  for (const webhook of found) output.emit(webhook);
  if (found.length === 0) output.say('There is no webhook yet: weir webhooks add makes one.');
  else
    output.table(
      ['tenant', 'webhook', 'provider', 'state', 'made', 'address'],
      found.map(({ tenant: whose, name, provider, status, created, endpoint }) => [
        ...[whose, name, provider, status, created.slice(0, 10)],
        `${apiUrl}/v1/webhooks/${endpoint}`,
      ]),
    );
  return EXIT.done;
}

async function test(endpoint: string, file: string, options: TestOptions, use: Use): Promise<number> {
  const { header: headers, deliveryId } = options;
  const body = await readInput(file, use.host);
  const trial = { endpoint, body, headers, ...(deliveryId !== undefined && { deliveryId }), now: Date.now() };
  const { endpoints } = await portsOf(use);
  const { outcome, lines, event, refusal } = await tryMapping(trial, {
    endpoints,
    contracts: await builtContracts(),
  });
  use.output.emit({ outcome, ...(refusal && { refusal }), ...(event !== undefined && { event }) });
  for (const line of lines) use.output.say(printable(line));
  return outcome === 'counted' ? EXIT.done : EXIT.differs;
}

/** Never from the command line itself: shells remember those, and other users see them. */
async function secretOf(file: string | undefined, use: Use): Promise<{ readonly secret?: string }> {
  if (file === undefined) return {};
  const bytes = await readInput(file, use.host);
  return { secret: bytes.toString('utf8').replace(/\r?\n$/, '') };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
