import { checkChains, type WalkedChain } from '../domain/recovery/check-chain.ts';
import type { RunRequest } from '../domain/recovery/request.ts';
import { type PlanSummary, runFiles, type StageResult } from '../domain/recovery/run.ts';
import { readJson, writeJson } from './files.ts';
import type { PlanPorts } from './ports.ts';
import { ProofFiles } from './proof-files.ts';
import { selectWork, type Work } from './select-work.ts';
import type { Bounds } from './set-bounds.ts';

/**
 * What a verify reads, and what it finds of the chains. Each is noted as it is done, chain by chain: an archive whose
 * chains take longer than one invocation has is gone through in several, as the state machine tries again.
 */
export async function verifyChains(
  request: Extract<RunRequest, { verb: 'verify' }>,
  bounds: Bounds,
  ports: PlanPorts,
): Promise<PlanSummary> {
  const { from, to, certificate, requestId, dryRun } = request;
  const { files, manifest, anchors } = ports;
  const known = await readJson<Work>(files, requestId, runFiles.selected);
  const work = known ?? (await selectWork(request, bounds, ports));
  if (dryRun) return work.summary;
  if (!known) await writeJson(files, requestId, runFiles.selected, work);

  const { archivedTo } = bounds;
  const certifying = {
    range: { ...(from !== undefined && { from }), ...(to !== undefined && { to }), archivedTo },
    writerOf: (shardId: string) => new ProofFiles(files, requestId, shardId),
  };
  const walked = {
    find: (shardId: string) => readJson<WalkedChain>(files, requestId, runFiles.walked(shardId)),
    keep: (shardId: string, chain: WalkedChain) =>
      writeJson(files, requestId, runFiles.walked(shardId), chain),
  };
  const checked = await checkChains(manifest, anchors, certificate ? certifying : undefined, walked);
  const { proofs, counts, findings } = checked;
  if (certificate) await writeJson(files, requestId, runFiles.stretches, proofs);
  await writeJson(files, requestId, runFiles.chain, { counts, findings } satisfies StageResult);
  return work.summary;
}
