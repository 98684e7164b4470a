import { producerOf } from '../domain/webhooks/endpoint.ts';
import { logger } from '../platform/logger.ts';
import { countBy } from '../platform/metrics.ts';
import type { ReceiveProps } from './receive-delivery.ts';

/** What became of a delivery: a count of its outcome, and a line in the log where it was not taken. */
export const reportOutcome: NonNullable<ReceiveProps['report']> = (outcome, endpoint) => {
  countBy('webhooks', { outcome });
  if (outcome === 'queued' || outcome === 'handshake') return;
  logger.info('webhook not taken', {
    reason: outcome,
    // Not the endpoint itself: who reads logs need not learn where to send.
    ...(endpoint && { tenant: endpoint.tenant, producer: producerOf(endpoint) }),
  });
};
