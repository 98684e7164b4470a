import { localDifferences } from './local.ts';
import { settings } from './settings.ts';
import { validateConfig } from './validate.ts';

/** Limits of one tier of senders, enforced by API Gateway for each API key. */
export interface Tier {
  /** Requests a second, sustained. */
  readonly rate: number;
  /** Requests at once. */
  readonly burst: number;
  /**
   * Events a second, sustained, of one producer. Who sends more is refused nothing for that; but where more comes than can be
   * taken, guard holds it at this before others have to wait.
   */
  readonly events: number;
  /** Requests in all of a period. @default - none */
  readonly quota?: { readonly limit: number; readonly period: 'day' | 'week' | 'month' };
}

/** A domain of your own for the API. */
export interface Domain {
  /** Such as `events.example.com`. Point a DNS alias at the output `ApiDomainTarget`. */
  readonly name: string;
  /** An ACM certificate for the name, in the stacks' region. */
  readonly certificateArn: string;
  /** `s3://bucket/key` of the CA bundle whose client certificates are accepted. @default - no mutual TLS */
  readonly truststoreUri?: string;
  /**
   * ARN of a secret with a client certificate that the truststore accepts: the probe shows it, as it comes through the same
   * door as everybody. JSON with the PEM texts `certificate` and `privateKey`, under AWS's own key for secrets
   * (`aws/secretsmanager`). Needed with `truststoreUri`. @default - none
   */
  readonly probeCertificateArn?: string;
}

/** Everything that may differ between two deployments of Weir. `settings.ts` holds yours. */
export interface WeirConfig {
  /** Begins the names of all resources; two deployments in one account and region need two names. */
  readonly name: string;
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** How long the projector gathers records before it counts them: 0, 5 or 60 seconds. docs/operating.md has the price of each. */
  readonly freshness: 'realtime' | 'balanced' | 'economy';
  /** Capacity of the log. A shard takes 1 MB or 1,000 records a second. */
  readonly stream: { readonly mode: 'on-demand' } | { readonly mode: 'provisioned'; readonly shards: number };
  /** How long the log keeps records, 24 to 8,760 hours: the time that an outage of the consumers may last. */
  readonly streamRetentionHours: number;
  /** How long the archive gathers records for one object, 0 to 300 seconds. */
  readonly archiveWindowSeconds: number;
  /** How often a failing batch is tried before the projector gives it up to the repair queue, 0 to 10,000. */
  readonly projectRetries: number;
  /** Seconds after which `repair` takes a pointer again that it could not heal, 60 to 3,600; a sixth of it is the function's own time. */
  readonly repairRetrySeconds: number;
  /** How many functions of a recovery run work at once, 1 to 1,000: they share the account's with live traffic. */
  readonly recoveryConcurrency: number;
  /**
   * Days after which an object of the archive moves to Glacier Instant Retrieval (read as before, but reading is dearer),
   * and then to Deep Archive (restored for hours before it can be read): at least 90 days later, as those are paid anyway.
   */
  readonly archiveTiers: { readonly instantAfterDays: number; readonly deepAfterDays: number };
  /**
   * Days after which an object of the archive expires: what it holds can't be folded, and so not proved or rebuilt, from
   * then on. Thirty days later it is deleted for good; as is, thirty days after it was overwritten or deleted, what somebody
   * has overwritten or deleted before its time. @default - never
   */
  readonly archiveRetentionDays?: number;
  /** Days that audit entries and anchors can't be deleted or changed (Object Lock, governance mode). */
  readonly auditRetentionDays: number;
  /** Days that files of recovery runs are kept: plans, results, differences, certificates. */
  readonly retainRunsDays: number;
  /**
   * Where the examples for `recover` are saved, as shareable test events of the Lambda console. An account and region has one
   * registry of them: `create` makes it with the stack, `existing` uses what the console or another stack has made, and
   * `none` saves nothing.
   */
  readonly testEventRegistry: 'create' | 'existing' | 'none';
  /**
   * How new versions of the functions on the way of an event go live: a tenth of the calls for five minutes first, taken back by
   * alarms, or all at once.
   */
  readonly release: 'canary' | 'all-at-once';
  /** Which key of its own the probe has: raise it to give it a new one with the next deploy. 1 to 1,000,000. */
  readonly probeKey: number;
  /** Limits by tier; `standard` is required. Names are lower-case words. */
  readonly tiers: Readonly<Record<string, Tier>>;
  /**
   * When less is let in, and when more again, in seconds. Guard looks each minute, so steps that should come with each look need
   * somewhat less than a minute between them.
   */
  readonly guard: {
    /**
     * How far the projector may be behind, beyond the minute between two marks, before anything is shed: 1 to 3,600. For so long it
     * may also be seen in one place before it is taken to stand still: below 180, one that is several times too slow is.
     */
    readonly lagSeconds: number;
    /** Below this it counts as calm again; at most `lagSeconds`. */
    readonly calmLagSeconds: number;
    /** Least time between two steps: 1 to 3,600. */
    readonly stepSeconds: number;
    /** Calm before each step back: `stepSeconds` or more. */
    readonly calmSeconds: number;
  };
  /**
   * What events may cost: write units of state for each, above which an alarm speaks, 0.01 to 100; and US$ for a million of
   * them, all that grows with traffic together, which `weir cost` holds against, 0.01 to 10,000. What is usual, by setting and
   * traffic, stands in docs/operating.md.
   */
  readonly costBudget: { readonly writesPerEvent: number; readonly usdPerMillionEvents: number };
  /** Limit of all senders together. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** Days that functions' and the API's logs are kept: one of CloudWatch's own steps. */
  readonly logRetentionDays: number;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** Days that the log of accesses to the archive is kept. */
  readonly accessLogRetentionDays: number;
  /** E-mail addresses for alarms that wake somebody and for those that can wait. Used by the observability stack. */
  readonly alarmAddresses: { readonly page: readonly string[]; readonly ticket: readonly string[] };
  /**
   * Where `docs/runbook.md` is read by those whom alarms call, such as `https://example.com/weir/docs/runbook.md`: each alarm
   * links to its heading there. @default - the file's name, to be looked up
   */
  readonly runbookUrl?: string;
  /** @default - the API's own host name */
  readonly domain?: Domain;
  /** Whether data outlives its stack, and neither can be deleted by mistake. */
  readonly keepData: boolean;
}

/** What `settings.ts` holds: account and region may be left to the command line or to whoever is signed in. */
export type Settings = Omit<WeirConfig, 'account' | 'region' | 'keepData'> &
  Partial<Pick<WeirConfig, 'account' | 'region'>>;

/** What comes from outside the files: `-c` options, and the account and region that the CDK CLI is signed in to. */
export interface Surroundings {
  /** Value of a context key, such as `stage`. */
  readonly context: (key: string) => unknown;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The configuration of this deployment: `settings.ts`, then `-c account=`, `-c region=`, `-c name=`, `-c freshness=` and
 * `-c release=`, then, with `-c stage=local`, the differences that `local.ts` lists.
 * @throws Error that lists every value that is wrong, with what would be right
 */
export function resolveConfig({ context, env }: Surroundings): WeirConfig {
  const stage = context('stage') ?? 'account';
  if (stage !== 'account' && stage !== 'local') {
    throw new Error(`-c stage=${String(stage)} is unknown: use "local", or leave it out for a real account.`);
  }
  const given = Object.fromEntries(
    ['account', 'region', 'name', 'freshness', 'release']
      .map((key) => [key, context(key)])
      .filter(([, value]) => value !== undefined),
  );
  return validateConfig({
    keepData: true,
    ...settings,
    account: settings.account ?? env.CDK_DEFAULT_ACCOUNT ?? '',
    region: settings.region ?? env.CDK_DEFAULT_REGION ?? '',
    ...given,
    ...(stage === 'local' ? differences() : {}),
  });
}

function differences(): Partial<WeirConfig> {
  return Object.fromEntries(localDifferences.map(({ setting, value }) => [setting, value]));
}
