import {
  type BodyScheme,
  DEFAULT_TOLERANCE_SECONDS,
  type HmacScheme,
  type Scheme,
  type TimedScheme,
  type TokenScheme,
} from './scheme.ts';
import { idStop, parseTemplate, type Template } from './template.ts';

/** How a secret is written: as it is, or as Standard Webhooks writes its keys. */
export type KeyForm = 'text' | 'whsec' | 'whpk';

type Described = Omit<HmacScheme, 'kind' | 'algorithm' | 'toleranceSeconds'> & {
  readonly algorithm: HmacScheme['algorithm'] | 'ed25519';
  readonly key?: KeyForm;
};

/** A scheme made ready: everything that verifying asks of it. */
export interface Signing extends Omit<Described, 'template'> {
  readonly prefix: string;
  readonly key: KeyForm;
  readonly template: Template;
  /** Whether a delivery's id is under the signature. */
  readonly idSigned: boolean;
  /** Character that an id can't hold, as it ends the id in the signed text. */
  readonly idStop?: string;
  readonly toleranceSeconds: number;
}

type NamedScheme = TimedScheme | BodyScheme;

const STANDARD_WEBHOOKS = {
  header: 'webhook-signature',
  encoding: 'base64',
  separator: ' ',
  template: '{id}.{timestamp}.{body}',
  timestampHeader: 'webhook-timestamp',
  idHeader: 'webhook-id',
} as const;

/** What each named provider signs, and how it is sent. */
const NAMED: Readonly<Record<NamedScheme['kind'], Described>> = {
  /** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Signature scheme" */
  'standard-webhooks': { ...STANDARD_WEBHOOKS, algorithm: 'sha256', prefix: 'v1,', key: 'whsec' },
  'standard-webhooks-ed25519': { ...STANDARD_WEBHOOKS, algorithm: 'ed25519', prefix: 'v1a,', key: 'whpk' },
  /** https://docs.stripe.com/webhooks/signature; `v0` is for test events only and is passed over. The id is in the body. */
  stripe: {
    header: 'stripe-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'v1=',
    separator: ',',
    template: '{timestamp}.{body}',
    timestampPrefix: 't=',
  },
  /** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
  github: {
    header: 'x-hub-signature-256',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'sha256=',
    template: '{body}',
    idHeader: 'x-github-delivery',
  },
  /** https://shopify.dev/docs/apps/build/webhooks/verify-deliveries */
  shopify: {
    header: 'x-shopify-hmac-sha256',
    algorithm: 'sha256',
    encoding: 'base64',
    template: '{body}',
    idHeader: 'x-shopify-webhook-id',
  },
  /** https://docs.slack.dev/authentication/verifying-requests-from-slack. The id is in the body. */
  slack: {
    header: 'x-slack-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'v0=',
    template: 'v0:{timestamp}:{body}',
    timestampHeader: 'x-slack-request-timestamp',
  },
};

const READY = new Map(
  Object.entries(NAMED).map(([kind, described]) => [kind, prepare(described, DEFAULT_TOLERANCE_SECONDS)]),
);

/** What a scheme signs. A configured scheme is read anew each time, which costs microseconds. */
export function signingOf(scheme: Exclude<Scheme, TokenScheme>): Signing {
  if (scheme.kind === 'hmac') return prepare(scheme, scheme.toleranceSeconds ?? DEFAULT_TOLERANCE_SECONDS);
  const ready = READY.get(scheme.kind)!;
  const { toleranceSeconds } = scheme as TimedScheme;
  return toleranceSeconds === undefined ? ready : { ...ready, toleranceSeconds };
}

function prepare(described: Described, toleranceSeconds: number): Signing {
  const { idHeader, prefix = '', key = 'text' } = described;
  const template = parseTemplate(described.template);
  const stop = idStop(template);
  const bodySigned = template.some((part) => 'field' in part && part.field === 'body');
  return {
    ...described,
    prefix,
    key,
    template,
    toleranceSeconds,
    idSigned: idHeader === undefined ? bodySigned : stop !== undefined,
    ...(stop !== undefined && { idStop: stop }),
  };
}
