import { readFileSync } from 'node:fs';
import { couldNotRun } from './errors.ts';

/** What a local deploy leaves in `.weir/local.json`, for the CLI and for whoever wants to look inside. */
export interface Profile {
  readonly endpoint: string;
  /** Where `/v1/…` and `/health` hang, without a slash at the end. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly region: string;
  readonly stateTable: string;
  readonly controlTable: string;
  readonly stream: string;
  readonly archiveBucket: string;
  readonly repairQueueUrl: string;
  /** What repair could not send again. */
  readonly repairDeadQueueUrl: string;
  /** Plans, partial results and differences of recovery's runs; they expire. */
  readonly runsBucket: string;
  /** Who ran what and why, and the chains' anchors, under Object Lock. */
  readonly auditBucket: string;
  readonly recoverFunction: string;
  readonly recoveryStateMachine: string;
  readonly projectFunction: string;
  readonly archiveFunction: string;
  readonly markFunction: string;
  /** Looks now whether what is sent is counted. */
  /** Decides what is shed; operators set it through this. */
  readonly guardFunction: string;
  readonly probeFunction: string;
  /** Draws custom widgets. */
  readonly widgetsFunction: string;
  /** Begins the names of webhook endpoints' secrets in Secrets Manager. */
  readonly webhookSecretPrefix: string;
  /** ARN of the KMS key that they are encrypted with. */
  readonly dataKey: string;
  readonly apiId: string;
  /** Ids of API Gateway's usage plans by tier. */
  readonly usagePlans: Readonly<Record<string, string>>;
  readonly tenant: string;
  readonly producer: string;
}

export const DEFAULT_PROFILE = '.weir/local.json';

const TEXTS = [
  'endpoint',
  'apiUrl',
  'apiKey',
  'region',
  'stateTable',
  'controlTable',
  'stream',
  'archiveBucket',
  'repairQueueUrl',
  'repairDeadQueueUrl',
  'runsBucket',
  'auditBucket',
  'recoverFunction',
  'recoveryStateMachine',
  'projectFunction',
  'archiveFunction',
  'markFunction',
  'guardFunction',
  'probeFunction',
  'widgetsFunction',
  'webhookSecretPrefix',
  'dataKey',
  'apiId',
  'tenant',
  'producer',
] as const satisfies readonly (keyof Profile)[];

/** @throws CliError where the file can't be read or lacks something. */
export function readProfile(path: string): Profile {
  const profile = parse(path, read(path));
  const missing = TEXTS.filter((name) => typeof profile[name] !== 'string');
  if (typeof profile.usagePlans !== 'object' || profile.usagePlans === null)
    missing.push('usagePlans' as never);
  if (missing.length > 0) {
    throw couldNotRun(`${path} lacks ${missing.join(', ')}.`, 'npm start writes it anew.');
  }
  return profile as Profile;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw couldNotRun(
      `${path} can't be read (${(error as NodeJS.ErrnoException).code}).`,
      'npm start writes it.',
    );
  }
}

function parse(path: string, text: string): Partial<Record<keyof Profile, unknown>> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw couldNotRun(`${path} is not JSON.`, 'npm start writes it anew.');
  }
}
