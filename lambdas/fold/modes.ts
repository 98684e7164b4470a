import type { Contracts } from '../domain/contract.ts';
import {
  contractsOf,
  inForce,
  isOfOtherBuild,
  ownRevision,
  targetRevision,
} from '../domain/recovery/choose-revision.ts';
import {
  concludePreview,
  concludeRebuild,
  concludeReconcile,
  concludeWithoutRevision,
} from '../domain/recovery/conclude-review.ts';
import type { LiveBucket } from '../domain/recovery/live-bucket.ts';
import type { PreviewRequest, RebuildRequest, ReconcileRequest } from '../domain/recovery/request.ts';
import type { Mode } from './review-buckets.ts';

export function reconcileMode({ repair }: ReconcileRequest, contracts: Contracts): Mode {
  return {
    repair,
    task: ({ key, found }, { isFinal, damaged }) => {
      const own = ownRevision(contracts, key, found);
      const by =
        found && isOfOtherBuild(contracts, key, found) ? undefined : (own ?? inForce(contracts, key));
      const writes = repair && isFinal && !damaged && by !== undefined;
      return { own, compares: own !== undefined, ...(writes && { folds: { by, what: 'all' } }) };
    },
    conclude: concludeReconcile,
  };
}

export function previewMode(request: PreviewRequest, contracts: Contracts): Mode {
  const others = contractsOf(contracts, request);
  const target = ({ key }: LiveBucket) => targetRevision(others, key, request.revisions);
  return {
    repair: false,
    task: (live) => {
      const by = target(live);
      const own = ownRevision(contracts, live.key, live.found);
      return { own, compares: false, ...(by && { folds: { by, what: 'settled' } }) };
    },
    conclude: (review, circumstances) => {
      const by = target(review.live);
      return by ? concludePreview(review, by, circumstances) : concludeWithoutRevision(review);
    },
  };
}

export function rebuildMode(request: RebuildRequest, contracts: Contracts): Mode {
  const target = ({ key }: LiveBucket) => targetRevision(contracts, key, request.revisions);
  return {
    repair: true,
    task: (live) => {
      const { key, found } = live;
      const by = found && isOfOtherBuild(contracts, key, found) ? undefined : target(live);
      return {
        own: ownRevision(contracts, key, found),
        compares: false,
        ...(by && { folds: { by, what: 'all' } }),
      };
    },
    conclude: (review, circumstances) => {
      const by = target(review.live);
      return by ? concludeRebuild(review, by, circumstances) : concludeWithoutRevision(review);
    },
  };
}
