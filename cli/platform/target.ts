import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { couldNotRun, wrongUsage } from './errors.ts';
import type { Host } from './host.ts';
import { DEFAULT_PROFILE, type Profile, readProfile } from './profile.ts';
import { findOutputs, type StackOutputs } from './stack-outputs.ts';

/** Options by which every command can be pointed somewhere. */
export interface TargetOptions {
  readonly profileFile?: string;
  readonly region?: string;
  /** The deployment's name, as in lib/config/settings.ts. */
  readonly name?: string;
}

/** Settings for AWS clients. Without credentials the SDK's own chain finds them. */
export interface AwsSettings {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The Weir that a command talks to. What it needs is looked up when it is asked for. */
export interface Target {
  /** For people: which Weir this is. */
  readonly label: string;
  readonly aws: AwsSettings;
  /** Names of what is deployed. @throws CliError where there is no such deployment */
  outputs(): Promise<StackOutputs>;
  /** Base of the public API, without a slash at the end. */
  apiUrl(): Promise<string>;
  /** @throws CliError where none is set */
  apiKey(): string;
  readonly profile: Profile | undefined;
}

/** With any of these set, a local profile that happens to lie there is not what was meant. */
const ELSEWHERE = ['WEIR_API_URL', 'WEIR_API_KEY', 'AWS_ENDPOINT_URL', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID'];
const FAKE = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The profile file if one is named, or if nothing else is set and the usual one is there; else the environment. */
export function findTarget(options: TargetOptions, host: Host): Target {
  const named = options.profileFile;
  const elsewhere = options.region !== undefined || ELSEWHERE.some((name) => host.env[name]);
  if (named !== undefined) return profileTarget(resolve(host.cwd, named), named);
  const usual = resolve(host.cwd, DEFAULT_PROFILE);
  if (!elsewhere && existsSync(usual)) return profileTarget(usual, DEFAULT_PROFILE);
  return environmentTarget(options, host);
}

function profileTarget(path: string, shown: string): Target {
  const profile = readProfile(path);
  return {
    label: `${profile.endpoint} (${shown})`,
    aws: { region: profile.region, endpoint: profile.endpoint, credentials: FAKE },
    outputs: async () => profile,
    apiUrl: async () => profile.apiUrl,
    apiKey: () => safeKey(profile.apiKey),
    profile,
  };
}

function environmentTarget({ region, name = 'weir' }: TargetOptions, { env }: Host): Target {
  const endpoint = env.AWS_ENDPOINT_URL;
  const signedIn = env.AWS_PROFILE || env.AWS_ACCESS_KEY_ID;
  const chosenRegion =
    region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? (endpoint ? 'us-east-1' : undefined);
  if (!chosenRegion && !signedIn && !env.WEIR_API_URL) {
    throw couldNotRun(
      'Nothing says which Weir to talk to.',
      'npm start starts a local one. For an account set AWS_PROFILE and AWS_REGION; only to send, WEIR_API_URL and WEIR_API_KEY.',
    );
  }
  const aws: AwsSettings = {
    ...(chosenRegion && { region: chosenRegion }),
    ...(endpoint && { endpoint }),
    ...(endpoint && !signedIn && { credentials: FAKE }),
  };
  let found: Promise<StackOutputs> | undefined;
  const outputs = () => (found ??= findOutputs(aws, name));
  return {
    label:
      endpoint ??
      env.WEIR_API_URL ??
      `AWS ${[env.AWS_PROFILE, chosenRegion].filter(Boolean).join(' ')}`.trim(),
    aws,
    outputs,
    apiUrl: async () => safeUrl(env.WEIR_API_URL ?? (await outputs()).apiUrl),
    apiKey: () => safeKey(env.WEIR_API_KEY),
    profile: undefined,
  };
}

/** Keys travel in a header: never in the clear, but to this machine itself. */
function safeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw wrongUsage(`WEIR_API_URL is "${text}", which is no http(s) URL.`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw wrongUsage(`${text} would carry the key in the clear.`, 'Use https://.');
  }
  return text.replace(/\/+$/, '');
}

export function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function safeKey(key: string | undefined): string {
  if (!key) throw couldNotRun('No key is set.', 'Put one in WEIR_API_KEY; weir producers add makes one.');
  if (!/^[\x21-\x7e]+$/.test(key)) throw wrongUsage('WEIR_API_KEY holds characters that no key has.');
  return key;
}
