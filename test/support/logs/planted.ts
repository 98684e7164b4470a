import { senders } from '../webhook-senders.ts';

/**
 * What senders, providers and operators may send, in words that nobody else uses: none of it may be in any log. Some hold what logs
 * escape, as what is escaped can still be read.
 */
export const planted = {
  data: 'planted data: "Zoë" <zoe@example.com>, IBAN DE02 1203 0000',
  member: 'planted-member-of-an-event',
  type: 'planted.type.of.nobody',
  header: 'planted header value; bearer 4711',
  contentType: 'planted-content/type',
  query: 'planted query & more',
  path: 'planted path of somebody',
  key: `wk_${'PlantedKeyThatNobodyKnows'.padEnd(43, 'x')}`,
  wrongKey: 'planted key that is none',
  endpoint: `we_${'PlantedEndpointOfSomebody'.padEnd(32, 'y')}`,
  secret: 'planted-webhook-secret-of-many-characters',
  signature: 'planted signature, forged',
  body: 'planted webhook body: card 4929 1234',
  patch: 'planted value of a JSON Patch',
  reason: 'planted reason, which names Mrs. Miller',
  queue: 'planted words in a queue',
  aws: 'planted in what AWS gives back: "4711"',
  deliveryId: 'planted-delivery-id-of-a-provider',
} as const;

/** Correlation keys: a line that is about one record may have them, each under its own name, and no other. */
export const correlation = { subject: 'planted-subject', id: 'planted-event-id' } as const;

export const markers: readonly string[] = [
  ...Object.values(planted),
  ...senders.flatMap(({ secrets }) => secrets),
];
