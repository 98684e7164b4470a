import { getJson, refuseAws } from './endpoint.ts';
import { SetupError } from './errors.ts';
import { dockerRuns } from './prerequisites.ts';
import { ensureInstalled, type Installation, type Report } from './setup.ts';
import { startDocker } from './start-docker.ts';
import { startProcess } from './start-process.ts';

/** How LocalStack is started. */
export interface StartOptions {
  /** The port to listen on, loopback only. @default WEIR_PORT, else any free one */
  readonly port?: number;
  /** The folder of its state, its log and the record of calls. What an earlier run left there is removed. */
  readonly dataDir: string;
  /** Takes lines of progress. */
  readonly report: Report;
  /** Variables added to LocalStack's own environment, such as LAMBDA_KEEPALIVE_MS. @default none */
  readonly env?: Readonly<Record<string, string>>;
}

/** A LocalStack that answers. */
export interface RunningLocalStack {
  /** For AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly port: number;
  /** The process that ends everything with it; nothing when LocalStack runs in Docker or was there already. */
  readonly pid: number | undefined;
  readonly logFile: string;
  /** NDJSON: each permission that a function's calls needed, once. Empty in Docker. */
  readonly callsFile: string;
  /** The CloudFormation resource types that were reported as made and were only pretended. */
  pretended(): Promise<string[]>;
  /** Settles when LocalStack has ended, by `stop()` or of itself; never for one in Docker or that was there already. */
  readonly ended: Promise<void>;
  /** Ends LocalStack and every process below it, and returns when they are gone. */
  stop(): Promise<void>;
}

async function useExisting(endpoint: string): Promise<RunningLocalStack> {
  refuseAws(endpoint);
  if ((await getJson(new URL('/_localstack/health', endpoint).href, 10_000)) === undefined) {
    throw new SetupError(
      `AWS_ENDPOINT_URL is '${endpoint}', and no LocalStack answers there. ` +
        'Start it, or unset AWS_ENDPOINT_URL to have one started.',
    );
  }
  const url = new URL(endpoint);
  return {
    endpoint,
    port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
    pid: undefined,
    logFile: '',
    callsFile: '',
    pretended: async () => [],
    ended: new Promise(() => {}),
    stop: async () => {},
  };
}

/** The installation, or nothing when LocalStack cannot be installed here but Docker can run it. */
async function installedUnlessDocker(report: Report): Promise<Installation | undefined> {
  try {
    return await ensureInstalled(report);
  } catch (error) {
    if (!(error instanceof SetupError) || !(await dockerRuns())) throw error;
    report(`${error.message}\nDocker runs here, so it is used instead.`);
    return undefined;
  }
}

const portFromEnvironment = (): { port?: number } =>
  process.env.WEIR_PORT ? { port: Number(process.env.WEIR_PORT) } : {};

/**
 * Starts LocalStack, installing it the first time; or uses the one that AWS_ENDPOINT_URL names.
 *
 * It ends with `stop()`, and also with this process, however that ends. Signals of the terminal do not reach it.
 *
 * @throws SetupError when it cannot be installed or started; the message says what to do
 */
export async function startLocalStack(options: StartOptions): Promise<RunningLocalStack> {
  const existing = process.env.AWS_ENDPOINT_URL;
  if (existing) return useExisting(existing);
  const chosen = { ...portFromEnvironment(), ...options };
  const installation = await installedUnlessDocker(options.report);
  const started = Date.now();
  const running = await (installation ? startProcess(installation, chosen) : startDocker(chosen));
  options.report(`LocalStack is up at ${running.endpoint} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return running;
}
