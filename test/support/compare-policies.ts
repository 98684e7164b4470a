import type { Permission } from './policies.ts';

/** One permission that a call of a function needed, as LocalStack's recorder writes it. */
export interface Call {
  readonly function: string;
  readonly service: string;
  readonly operation: string;
  readonly action: string;
  readonly resource: string;
  /** Partition keys that a DynamoDB call named, where they were recorded. */
  readonly leadingKeys?: readonly string[];
}

/** Permissions that are needed though no recorded call shows it. */
export interface Implied {
  /** End of the functions' names. @default - all functions */
  readonly room?: string;
  readonly actions: RegExp;
  readonly reason: string;
}

export const impliedPermissions: readonly Implied[] = [
  { actions: /^kms:/, reason: 'Services call KMS in the name of who calls them; LocalStack does so unseen.' },
  { actions: /^logs:/, reason: 'The Lambda runtime writes the logs, in the name of the function.' },
  { actions: /^xray:/, reason: 'The Lambda runtime sends the traces, and LocalStack has no X-Ray.' },
  ...['project', 'archive'].map((room) => ({
    room,
    actions: /^kinesis:(DescribeStream|DescribeStreamSummary|GetRecords|GetShardIterator|ListShards)$/,
    reason: "The event source mapping's poller reads the stream, in the name of the function.",
  })),
  {
    room: 'project',
    actions: /^sqs:SendMessage$/,
    reason: 'The event source mapping sends what it gave up, in the name of the function.',
  },
  ...['normalise', 'repair'].map((room) => ({
    room,
    actions: /^sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)$/,
    reason: "The event source mapping's poller reads the queue, in the name of the function.",
  })),
  {
    room: 'resend',
    actions: /^sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)$/,
    reason: 'SQS moves dead letters back in the name of who starts the task.',
  },
  ...['fold', 'repair', 'widgets'].map((room) => ({
    room,
    actions: /^s3:GetObject$/,
    reason:
      'Where the version that the manifest names is gone, the present one is read, as scan and resend are made to.',
  })),
  ...['plan', 'scan', 'fold', 'resend', 'conclude', 'repair', 'widgets'].map((room) => ({
    room,
    actions: /^s3:ListBucket(Versions)?$/,
    reason: 'S3 says that an object is not there only to who may list; to others, that they may not read it.',
  })),
];

/** What the two sides of a comparison don't agree on. */
export interface Disagreement {
  /** Calls that were made and that no policy allows, or that one denies. */
  readonly missing: readonly Call[];
  /** Permissions that were granted and that no call used. */
  readonly unused: readonly Permission[];
}

/** Compares what functions may do with what they were seen to do. */
export function comparePolicies(
  granted: readonly Permission[],
  calls: readonly Call[],
  implied: readonly Implied[] = impliedPermissions,
): Disagreement {
  const allows = granted.filter(({ effect }) => effect === 'Allow');
  const denies = granted.filter(({ effect }) => effect === 'Deny');
  return {
    missing: calls.filter(
      (call) => !allows.some((each) => covers(each, call)) || denies.some((each) => covers(each, call)),
    ),
    unused: allows
      .flatMap(eachPattern)
      .filter(
        ({ whole, each }) =>
          !implied.some((other) => implies(other, each)) &&
          !calls.some((call) => covers(whole, call) && touches(each, call)),
      )
      .map(({ each }) => each),
  };
}

/** A permission on several patterns of partition keys as one for each of them, as each must be of use. */
function eachPattern(
  whole: Permission,
): readonly { readonly whole: Permission; readonly each: Permission }[] {
  const patterns = whole.condition[KEYS_LIKE]?.[LEADING_KEYS];
  if (!patterns) return [{ whole, each: whole }];
  return patterns.map((pattern) => {
    const condition = { ...whole.condition, [KEYS_LIKE]: { [LEADING_KEYS]: [pattern] } };
    return { whole, each: { ...whole, condition } };
  });
}

/** Whether a call names a key of the one pattern that a permission is about, if it is about one. */
function touches({ condition }: Permission, { leadingKeys = [] }: Call): boolean {
  const pattern = condition[KEYS_LIKE]?.[LEADING_KEYS]?.[0];
  return pattern === undefined || leadingKeys.some((value) => matches(pattern, value));
}

/** Whether a permission speaks of a call: same function, action and resource, and its conditions hold. */
export function covers(permission: Permission, call: Call): boolean {
  return (
    permission.function === call.function &&
    matches(permission.action.toLowerCase(), call.action.toLowerCase()) &&
    (matches(permission.resource, call.resource) || isSomeStream(call)) &&
    conditionsHold(permission, call)
  );
}

/** Reads by an iterator, which names its stream to Kinesis alone; the call that gave the iterator is judged by the stream. */
function isSomeStream({ action, resource }: Call): boolean {
  return action === 'kinesis:GetRecords' && resource.endsWith(':stream/*');
}

export function implies({ room, actions }: Implied, permission: Permission): boolean {
  return (room === undefined || permission.function.endsWith(`-${room}`)) && actions.test(permission.action);
}

const KEYS_LIKE = 'ForAllValues:StringLike';
const LEADING_KEYS = 'dynamodb:LeadingKeys';

/** Conditions that a recorded call shows nothing of; the calls' own tests hold them. */
const UNSEEN: readonly (readonly [operator: string, key: string])[] = [
  // Belongs to calls that are not recorded.
  ['StringEquals', 'kms:ViaService'],
  // Which attributes a scan asks for is not recorded.
  ['ForAllValues:StringEquals', 'dynamodb:Attributes'],
  ['StringEqualsIfExists', 'dynamodb:Select'],
];

/**
 * Only conditions on partition keys can be seen in a recorded call.
 * @throws Error for a condition that this does not know, as it would otherwise count as true
 */
function conditionsHold({ condition }: Permission, { leadingKeys }: Call): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, patterns]) => {
      if (UNSEEN.some((each) => each[0] === operator && each[1] === key)) return true;
      if (operator !== KEYS_LIKE || key !== LEADING_KEYS) {
        throw new Error(
          `test/support/compare-policies.ts can't judge the condition ${operator} ${key}: teach it to.`,
        );
      }
      // IAM calls this true of no keys at all; but a call whose keys were not seen proves nothing.
      if (leadingKeys === undefined || leadingKeys.length === 0) return false;
      return leadingKeys.every((value) => patterns.some((pattern) => matches(pattern, value)));
    }),
  );
}

/** IAM's wildcards, and `{…}` for one unknown part of an ARN. */
function matches(pattern: string, value: string): boolean {
  const expression = pattern
    .split(/(\*|\?|\{[^}]*\})/)
    .map((part) => {
      if (part === '*') return '.*';
      if (part === '?') return '.';
      return /^\{.*\}$/.test(part) ? '[^:/]+' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${expression}$`, 's').test(value);
}
