import { issueCertificate } from '../domain/recovery/certificate.ts';
import type { ShardProof } from '../domain/recovery/chain-section.ts';
import type { RunFiles } from '../domain/recovery/ports.ts';
import { type Plan, type RunResult, runFiles } from '../domain/recovery/run.ts';
import { certifiedPeriod } from '../domain/recovery/wanted-lines.ts';
import { readJson } from './read-files.ts';

/**
 * Issues the certificate of a run that asked for one. The first one that was written is the run's.
 * @throws Error where the run's files are gone
 */
export async function certify(
  { request, knownAt }: Plan,
  { counts, findings }: RunResult,
  nowMs: number,
  files: Pick<RunFiles, 'get' | 'putNew'>,
): Promise<void> {
  if (request.verb !== 'verify' || !request.certificate || request.dryRun) return;
  const { requestId } = request;
  const shards = await readJson<readonly ShardProof[]>(files, requestId, runFiles.proofs);
  if (!shards) throw new Error(`the file ${runFiles.proofs} of run ${requestId} is gone: begin a new run`);
  const certificate = issueCertificate({
    ...{ requestId, knownAt, shards, counts },
    period: certifiedPeriod(request, knownAt),
    issuedAt: new Date(nowMs).toISOString(),
    findings: counts.findings ?? findings.length,
  });
  await files.putNew(requestId, runFiles.certificate, Buffer.from(JSON.stringify(certificate)));
}
