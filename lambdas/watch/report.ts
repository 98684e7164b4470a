import { minuteName } from '../domain/watch/last-seen.ts';
import { logger } from '../platform/logger.ts';
import { count, tell } from '../platform/metrics.ts';
import type { Report } from './look-around.ts';

/** Writes what was found, in numbers. */
export function measure({ silent, expiring, compared, deploy }: Report): void {
  // Each minute, also what was found some minutes ago: a metric with holes can't be told from one that is lost.
  tell({ silentProducers: silent, keysExpiring: expiring });
  if (compared) tell({ telemetryGap: Math.max(compared.gap.archived, compared.gap.accepted) });
  count({ deployed: deploy ? 1 : 0, contractsChanged: deploy?.contractsChanged ? 1 : 0 });
}

/** Says whom and what the numbers are of. */
export function write({
  silent,
  silentNames,
  expiring,
  expiringNames,
  fresh,
  compared,
  deploy,
}: Report): void {
  if (fresh.includes('producers') && silent > 0) {
    const names = silentNames.map(({ tenant, producer, last }) => ({
      tenant,
      producer,
      seen: minuteName(last),
    }));
    logger.warn('producers are silent', { silent, names });
  }
  if (fresh.includes('keys') && expiring > 0)
    logger.warn('keys expire, and no other comes after them', { expiring, names: expiringNames });
  if (compared) logger.info('metrics were compared with the archive', { ...compared });
  if (deploy) {
    const { changed, contractsChanged, contracts } = deploy;
    logger.info('something else runs', { changed, contractsChanged, contracts });
  }
}
