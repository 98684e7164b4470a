import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { refuseAws } from '../localstack/endpoint.ts';
import { tail } from '../localstack/errors.ts';
import { leaveAccountsAlone } from './start/leave-accounts-alone.ts';

export interface DeployLocalOptions {
  /** Where LocalStack answers, such as `http://localhost:4566`. */
  readonly endpoint: string;
  /** Takes lines of progress. */
  readonly report: (line: string) => void;
}

/** The stacks' outputs by their keys, and where the API answers locally. */
export interface LocalOutputs {
  readonly StateTable: string;
  readonly ControlTable: string;
  readonly Stream: string;
  readonly ArchiveBucket: string;
  readonly ApiId: string;
  /** The address that the API would have at AWS: of no use locally. */
  readonly ApiUrl: string;
  readonly UsagePlanStandard: string;
  readonly UsagePlanBulk: string;
  readonly RepairQueueUrl: string;
  readonly RepairDeadQueueUrl: string;
  readonly RunsBucket: string;
  readonly AuditBucket: string;
  readonly RecoverFunction: string;
  /** ARN. */
  readonly RecoveryStateMachine: string;
  readonly AnchorFunction: string;
  readonly ProjectFunction: string;
  readonly ArchiveFunction: string;
  readonly MarkFunction: string;
  readonly GuardFunction: string;
  readonly ProbeFunction: string;
  readonly WatchFunction: string;
  readonly WidgetsFunction: string;
  readonly SweepFunction: string;
  readonly DeliveriesTable: string;
  readonly WebhookQueueUrl: string;
  readonly WebhookDeadLettersUrl: string;
  readonly WebhookSecretPrefix: string;
  readonly DataKey: string;
  /** Without a slash at the end. */
  readonly apiUrl: string;
}

/** A step of the deployment failed. The message has the end of what it printed. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
}

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const root = join(import.meta.dirname, '..');
const LOCAL = ['-c', 'stage=local', '--ci', '--no-color'];
const cdk = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');

/**
 * Deploys all stacks with the plain CDK CLI to a LocalStack: bootstraps it the first time, and updates what is there
 * after that. Takes some 30 seconds the first time. Two deployments to different endpoints may run at once.
 * @throws SetupError when the endpoint is AWS's own; DeployError when a step fails
 */
export async function deployLocal({ endpoint, report }: DeployLocalOptions): Promise<LocalOutputs> {
  refuseRemote(endpoint);
  const folder = workFolder(endpoint);
  const step = stepRunner(folder, localEnvironment(endpoint), report);
  await Promise.all([
    bootstrap(endpoint, (command, args) =>
      step(command, [...args, '--output', join(folder, 'bootstrap.out')]),
    ),
    step('synth', ['--quiet', '--output', join(folder, 'cdk.out')]),
  ]);
  const outputs = join(folder, 'outputs.json');
  await step('deploy', [
    ...['--all', '--app', join(folder, 'cdk.out'), '--outputs-file', outputs, '--concurrency', '2'],
    ...['--require-approval', 'never', '--method', 'direct', '--progress', 'events'],
  ]);
  return readOutputs(outputs, endpoint);
}

/** Only a loopback address, or the one that the user has named, and never AWS. */
function refuseRemote(endpoint: string): void {
  refuseAws(endpoint);
  const { hostname } = new URL(endpoint);
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (!loopback && endpoint !== process.env.AWS_ENDPOINT_URL) {
    throw new DeployError(
      `${endpoint} is not on this machine. To deploy to a LocalStack elsewhere, set AWS_ENDPOINT_URL to it.`,
    );
  }
}

/** This process's environment for the CDK: the same, but for what could lead to a real account. */
export function localEnvironment(endpoint: string): NodeJS.ProcessEnv {
  const env = { ...process.env };
  leaveAccountsAlone(env);
  return {
    ...env,
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    // The CDK's check of templates takes three quarters of a synthesis; `npm test` has it done on a real account's.
    CDK_VALIDATION: 'false',
  };
}

/** A fresh folder for what the CDK writes; one for each endpoint. */
function workFolder(endpoint: string): string {
  const folder = join(root, '.weir', 'deploy', new URL(endpoint).host.replace(/[^a-z0-9.]/gi, '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function bootstrap(endpoint: string, step: Step): Promise<void> {
  if (!(await bootstrapped(endpoint))) await step('bootstrap', [`aws://${ACCOUNT}/${REGION}`]);
}

async function bootstrapped(endpoint: string): Promise<boolean> {
  const client = new CloudFormationClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'CDKToolkit' }));
    return Stacks?.[0]?.StackStatus?.endsWith('_COMPLETE') ?? false;
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}

type Step = (command: 'bootstrap' | 'synth' | 'deploy', args: readonly string[]) => Promise<void>;

/** Runs commands of the CDK CLI, one process each, with a log file each in the folder. */
function stepRunner(folder: string, env: NodeJS.ProcessEnv, report: (line: string) => void): Step {
  // Not through the launcher: it has already installed the packages and found this Node.
  const app = ['--app', 'node bin/app.ts'];
  return async (command, args) => {
    const started = Date.now();
    const all = [cdk, command, ...args, ...(args.includes('--app') ? [] : app), ...LOCAL];
    const { status, output } = await run(process.execPath, all, env, (line) => tellStack(line, report));
    const log = join(folder, `${command}.log`);
    writeFileSync(log, output);
    if (status !== 0) {
      throw new DeployError(`"cdk ${command}" failed (${log}). It ended with:\n${tail(output, 25)}`);
    }
    report(`cdk ${command}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  };
}

/** Says when a stack is begun and when it is done; the CLI's own lines are for its log. */
function tellStack(line: string, report: (line: string) => void): void {
  const stack = /^(\S+): deploying\.\.\. (\[.*\])/.exec(line);
  if (stack) report(`  ${stack[1]} ${stack[2]} …`);
  const done = /^\s*✅\s+(\S+)/.exec(line);
  if (done?.[1] && !line.includes('bootstrapped')) report(`  ${done[1]} deployed`);
}

function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        lines.push(line);
        onLine(line);
      });
    }
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output: `${lines.join('\n')}\n` }));
  });
}

function readOutputs(file: string, endpoint: string): LocalOutputs {
  const stacks = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
  const all = Object.values(stacks).flatMap((outputs) => Object.entries(outputs));
  // The others are what the stacks export to each other.
  const named = all.filter(([key]) => !key.startsWith('ExportsOutput'));
  const outputs = Object.fromEntries(named) as unknown as Omit<LocalOutputs, 'apiUrl'>;
  const base = endpoint.replace(/\/$/, '');
  return { ...outputs, apiUrl: `${base}/_aws/execute-api/${outputs.ApiId}/live` };
}
