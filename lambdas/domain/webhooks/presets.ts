import type { Scheme } from './scheme.ts';

/**
 * What is known of a provider, so that an endpoint can be added by its name alone; each part can be replaced. Events
 * that no rule is for become `<provider>.<event>`, and wait in quarantine until there is a contract for that type.
 */
export interface Preset {
  /** Stands in the types of events that no rule is for. */
  readonly provider: string;
  readonly scheme: Scheme;
  /** As an operator would write it: see `compileMapping`. Where it has no `id`, the scheme finds the delivery's id. */
  readonly mapping: object;
}

const prefixed = (prefix: string, value: unknown) => ({ value, prefix: `${prefix}:` });

/**
 * https://docs.github.com/webhooks/webhook-events-and-payloads. Ids, not names, are the subjects: a repository that is
 * renamed or moved stays the same one. A body has no time that all events share, so it is that of the first receipt.
 */
const github: Preset = {
  provider: 'github',
  scheme: { kind: 'github' },
  mapping: {
    event: { header: 'x-github-event' },
    jsonField: 'payload',
    rules: [
      {
        when: '*',
        type: 'github.delivery',
        subject: [
          prefixed('repository', '/repository/id'),
          prefixed('organization', '/organization/id'),
          prefixed('installation', '/installation/id'),
          prefixed('sender', '/sender/id'),
        ],
        data: { event: { header: 'x-github-event' }, action: '/action' },
      },
    ],
  },
};

const movement = (when: unknown, name: string, amount: unknown) => ({
  when,
  type: 'payment.received',
  subject: ['/account', { const: 'account' }],
  time: { value: '/created', format: 'unix-seconds' },
  data: { amount, currency: '/data/object/currency', movement: { const: name } },
});

/**
 * https://docs.stripe.com/api/events/types. What a payment brings in is counted when it is captured, in minor units.
 *
 * A refund is taken from `refund.created`, whose object is that one refund. `charge.refunded` brings the charge with
 * `amount_refunded`, the sum of all its refunds so far: negated, a second partial refund would take off the first one
 * again. A refund that fails gives the money back. (Before API version 2024-10-28 `refund.created` is not sent for
 * refunds of charges: https://docs.stripe.com/changelog/acacia/2024-10-28/refund-webhook-update.)
 *
 * A refund doesn't name the customer. Payments and refunds have in common only the account that they are for: the
 * connected account, or one's own.
 */
const stripe: Preset = {
  provider: 'stripe',
  scheme: { kind: 'stripe' },
  mapping: {
    event: '/type',
    id: '/id',
    rules: [
      movement(
        { event: 'charge.succeeded', match: '/data/object/captured' },
        'charge',
        '/data/object/amount_captured',
      ),
      movement('charge.captured', 'capture', '/data/object/amount_captured'),
      movement('refund.created', 'refund', { value: '/data/object/amount', negate: true }),
      movement('refund.failed', 'refund-failed', '/data/object/amount'),
    ],
    fallback: {
      subject: ['/account', { const: 'account' }],
      time: { value: '/created', format: 'unix-seconds' },
    },
  },
};

/** https://shopify.dev/docs/api/webhooks. The shop is told by a header only, which is not under the signature. */
const shopify: Preset = {
  provider: 'shopify',
  scheme: { kind: 'shopify' },
  mapping: {
    event: { header: 'x-shopify-topic' },
    rules: [
      {
        when: ['orders/*', 'refunds/create'],
        type: '<provider>.<event>',
        subject: { header: 'x-shopify-shop-domain' },
        data: {
          order: { value: ['/order_id', '/id'], as: 'text' },
          total: { value: '/total_price', as: 'decimal' },
          currency: '/currency',
        },
      },
    ],
    fallback: { subject: { header: 'x-shopify-shop-domain' } },
  },
};

/** https://docs.slack.dev/apis/events-api; commands and interactions come as forms and have no event id. */
const slack: Preset = {
  provider: 'slack',
  scheme: { kind: 'slack' },
  mapping: {
    event: ['/event/type', '/command', '/type'],
    id: ['/event_id', '/trigger_id'],
    jsonField: 'payload',
    fallback: {
      subject: ['/team_id', '/team/id', '/enterprise_id'],
      time: { value: '/event_time', format: 'unix-seconds', orReceipt: true },
    },
  },
};

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Payload structure" */
const standardWebhooks: Preset = {
  provider: 'standard-webhooks',
  scheme: { kind: 'standard-webhooks' },
  mapping: {
    event: '/type',
    fallback: {
      subject: ['/data/customer_id', '/data/account_id', '/data/user_id', '/data/id'],
      time: { value: '/timestamp', orReceipt: true },
    },
  },
};

/** https://docs.gitlab.com/user/project/integrations/webhook_events/. Retries of a delivery share their Idempotency-Key. */
const gitlab: Preset = {
  provider: 'gitlab',
  scheme: { kind: 'token', header: 'x-gitlab-token', idHeader: 'idempotency-key' },
  mapping: {
    event: ['/object_kind', '/event_name', { header: 'x-gitlab-event' }],
    fallback: {
      subject: [
        prefixed('project', ['/project/id', '/project_id']),
        prefixed('group', ['/group/id', '/group_id']),
        prefixed('user', ['/user/id', '/user_id']),
      ],
      data: { action: '/object_attributes/action' },
    },
  },
};

/** https://developer.squareup.com/docs/webhooks/overview; the URL is under the signature, as Square knows it. */
const square: Preset = {
  provider: 'square',
  scheme: {
    kind: 'hmac',
    header: 'x-square-hmacsha256-signature',
    algorithm: 'sha256',
    encoding: 'base64',
    template: '{url}{body}',
  },
  mapping: {
    event: '/type',
    id: '/event_id',
    fallback: { subject: '/merchant_id', time: '/created_at' },
  },
};

/** https://www.twilio.com/docs/usage/webhooks: forms, with no time in them. */
const twilio: Preset = {
  provider: 'twilio',
  scheme: {
    kind: 'hmac',
    header: 'x-twilio-signature',
    algorithm: 'sha1',
    encoding: 'base64',
    template: '{url}{form}',
    idHeader: 'i-twilio-idempotency-token',
  },
  mapping: {
    event: ['/EventType', '/MessageStatus', '/SmsStatus', '/CallStatus', { const: 'request' }],
    fallback: {
      subject: '/AccountSid',
      data: { message: '/MessageSid', call: '/CallSid', seconds: { value: '/CallDuration', as: 'decimal' } },
    },
  },
};

/** By the name that an operator chooses. */
export const presets: ReadonlyMap<string, Preset> = new Map(
  [github, stripe, shopify, slack, standardWebhooks, gitlab, square, twilio].map((preset) => [
    preset.provider,
    preset,
  ]),
);
