import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { EXIT, explain, wrongUsage } from '../cli/platform/errors.ts';
import { type Host, processHost } from '../cli/platform/host.ts';
import { DEFAULT_PROFILE } from '../cli/platform/profile.ts';
import { findTarget } from '../cli/platform/target.ts';
import { connectConsole } from './console/connect-console.ts';
import { serveConsole } from './console/serve-console.ts';

const HELP = `npm run console [-- --port <n>] [-- --json] [-- --profile-file <file>] [-- --region <region>] [-- --name <name>] [-- --debug]

Serves a page to this machine that shows a Weir at work: live charts, and the widgets that are on its dashboards in
CloudWatch too. Until Ctrl-C. It only reads.

  --port <n>             where to serve it (default 4580, or any free port)
  --json                 prints {"url": "…"} and nothing else
  --profile-file <file>  which Weir, as in ${DEFAULT_PROFILE}
  --region <region>      AWS region of the deployment
  --name <name>          the deployment's name, as in lib/config/settings.ts (default weir)
  --debug                show stack traces
  --help                 this text

Which Weir: ${DEFAULT_PROFILE} (which npm start writes) unless one of AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL,
WEIR_API_URL and WEIR_API_KEY is set; then the deployment in that account.

Exit status: 0 ended by Ctrl-C, 2 wrong usage, 3 could not run.
`;

const OPTIONS = {
  port: { type: 'string' },
  json: { type: 'boolean', default: false },
  'profile-file': { type: 'string' },
  region: { type: 'string' },
  name: { type: 'string', default: 'weir' },
  debug: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

async function serve(options: Options, host: Host): Promise<number> {
  const { name, region, 'profile-file': profileFile } = options;
  const target = findTarget(
    { name, ...(region !== undefined && { region }), ...(profileFile !== undefined && { profileFile }) },
    host,
  );
  const source = connectConsole({ name, where: target.label, aws: target.aws });
  // One look before, so that what is wrong is said here and not on the page.
  await source.readCharts().catch((error) => {
    throw explain(error, target.label);
  });
  const running = await serveConsole(source, options.port === undefined ? undefined : Number(options.port));
  host.stdout.write(
    options.json
      ? `${JSON.stringify({ url: running.url })}\n`
      : `Console of ${target.label}: ${running.url}\nCtrl-C ends it.\n`,
  );
  await ended(host.interrupted);
  await running.close();
  return EXIT.done;
}

async function ended(interrupted: AbortSignal): Promise<void> {
  if (interrupted.aborted) return;
  await Promise.race([once(interrupted, 'abort'), once(process, 'SIGTERM'), once(process, 'SIGHUP')]);
}

function readOptions(host: Host): Options | undefined {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    const { port } = values;
    if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) < 65_536))
      throw wrongUsage(`--port takes a number from 0 to 65535, not "${port}"`);
    return values;
  } catch (error) {
    host.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return undefined;
  }
}

async function main(host: Host): Promise<number> {
  const options = readOptions(host);
  if (options === undefined) return EXIT.usage;
  if (options.help) {
    host.stdout.write(HELP);
    return EXIT.done;
  }
  try {
    return await serve(options, host);
  } catch (error) {
    const { message, hint = '', exitCode } = explain(error, 'Weir');
    if (options.json) host.stdout.write(`${JSON.stringify({ error: { message, hint, exitCode } })}\n`);
    host.stderr.write(`✗ ${message}\n  ${hint}\n${options.debug ? `${(error as Error).stack}\n` : ''}`);
    return exitCode;
  }
}

process.exitCode = await main(processHost());
